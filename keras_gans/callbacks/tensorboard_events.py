"""TensorBoard's log format, written through TensorBoard itself, so that no backend is needed."""

import time


class TensorBoardEvents:
    """Writes scalars, texts and pictures to a log folder. Each is on disk when its call returns.

    TensorBoard follows one growing file a folder: writers of one process need folders of their own.

    Args:
        folder: The log folder; it is made where it does not exist.
    """

    def __init__(self, folder):
        from tensorboard.summary.writer.event_file_writer import EventFileWriter

        self._writer = EventFileWriter(str(folder))

    def begin(self, step):
        """Tells TensorBoard to forget what an earlier process logged from this step on: it comes again."""
        from tensorboard.compat.proto import event_pb2

        self._add(step, session_log=event_pb2.SessionLog(status=event_pb2.SessionLog.START))

    def scalar(self, tag, value, step):
        """Writes a number."""
        from tensorboard.plugins.scalar.summary_v2 import scalar_pb

        self._add(step, summary=scalar_pb(tag, value))

    def text(self, tag, text, step):
        """Writes a text, which TensorBoard shows as Markdown."""
        from tensorboard.plugins.text.summary_v2 import text_pb

        self._add(step, summary=text_pb(tag, text))

    def image(self, tag, encoded, shape, step):
        """Writes a picture: the bytes of a PNG file, whose height, width and channels `shape` holds."""
        from tensorboard.compat.proto import summary_pb2

        height, width, channels = shape
        image = summary_pb2.Summary.Image(height=height, width=width, colorspace=channels, encoded_image_string=encoded)
        self._add(step, summary=summary_pb2.Summary(value=[summary_pb2.Summary.Value(tag=tag, image=image)]))

    def close(self):
        self._writer.close()

    def _add(self, step, **content):
        from tensorboard.compat.proto import event_pb2

        self._writer.add_event(event_pb2.Event(wall_time=time.time(), step=step, **content))
        self._writer.flush()  # so that it is there if this process is killed
