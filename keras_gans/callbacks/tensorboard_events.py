"""TensorBoard's log format, written by TensorBoard itself, so that no backend is needed."""

import importlib.util
import time
from collections.abc import Sequence
from typing import Any

from keras_gans._typing import PathLike

_WAV_HEADER = 44  # bytes


def is_installed() -> bool:
    """Return whether logs for TensorBoard can be written."""
    return importlib.util.find_spec("tensorboard") is not None


class TensorBoardEvents:
    """Writes scalars, text, images and sounds to a log folder. Each is on disk when its call returns.

    TensorBoard follows one growing file per folder: each writer of a process needs a folder of its own.

    Args:
        folder: The log folder, created if necessary.

    Raises:
        ImportError: If TensorBoard is not installed: see `is_installed`.
    """

    def __init__(self, folder: PathLike):
        try:
            from tensorboard.summary.writer.event_file_writer import EventFileWriter
        except ImportError as error:
            raise ImportError("Logs for TensorBoard need its package: pip install 'keras-gans[tensorboard]'.") from error
        self._writer = EventFileWriter(str(folder))

    def begin(self, step: int) -> None:
        """Tell TensorBoard to forget what an earlier process logged from this step on, which is about to be logged again."""
        from tensorboard.compat.proto import event_pb2

        self._add(step, session_log=event_pb2.SessionLog(status=event_pb2.SessionLog.START))

    def scalar(self, tag: str, value: float, step: int) -> None:
        """Write a number."""
        from tensorboard.plugins.scalar.summary_v2 import scalar_pb

        self._add(step, summary=scalar_pb(tag, value))

    def text(self, tag: str, text: str, step: int) -> None:
        """Write text, which TensorBoard shows as Markdown."""
        from tensorboard.plugins.text.summary_v2 import text_pb

        self._add(step, summary=text_pb(tag, text))

    def image(self, tag: str, encoded: bytes, shape: Sequence[int], step: int) -> None:
        """Write an image.

        Args:
            tag: Its name in TensorBoard.
            encoded: The bytes of a PNG or GIF file.
            shape: Height, width and channels.
            step: The step it belongs to.
        """
        from tensorboard.compat.proto import summary_pb2

        height, width, channels = shape
        image = summary_pb2.Summary.Image(height=height, width=width, colorspace=channels, encoded_image_string=encoded)
        self._add(step, summary=summary_pb2.Summary(value=[summary_pb2.Summary.Value(tag=tag, image=image)]))

    def audio(self, tag: str, wav: bytes, sample_rate: int, step: int) -> None:
        """Write a sound.

        Args:
            tag: Its name in TensorBoard.
            wav: The bytes of a WAV file of one channel and 16 bits.
            sample_rate: Samples per second.
            step: The step it belongs to.
        """
        from tensorboard.compat.proto import summary_pb2

        audio = summary_pb2.Summary.Audio(
            sample_rate=sample_rate,
            num_channels=1,
            length_frames=(len(wav) - _WAV_HEADER) // 2,
            encoded_audio_string=wav,
            content_type="audio/wav",
        )
        self._add(step, summary=summary_pb2.Summary(value=[summary_pb2.Summary.Value(tag=tag, audio=audio)]))

    def close(self) -> None:
        """Close the file."""
        self._writer.close()

    def _add(self, step: int, **content: Any) -> None:
        from tensorboard.compat.proto import event_pb2

        self._writer.add_event(event_pb2.Event(wall_time=time.time(), step=step, **content))
        self._writer.flush()  # so that it is there if this process is killed
