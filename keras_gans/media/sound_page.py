"""A page of sounds to play beside their spectrograms, in one HTML file that needs nothing else."""

from __future__ import annotations

import base64
import html
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from keras_gans.audio.files import as_wav
from keras_gans.files import replacing
from keras_gans.media.pictures import as_png
from keras_gans.media.writers import Writer, batches_of

if TYPE_CHECKING:
    from keras_gans.media.audio import Audio

_STYLE = """body { font: 16px/1.4 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem; color: #222 }
main { display: grid; grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr)); gap: 1.5rem }
figure { margin: 0 } figcaption { margin-bottom: .25rem }
img { width: 100%; image-rendering: pixelated; display: block } audio { width: 100% }
@media (prefers-color-scheme: dark) { body { background: #181818; color: #ddd } }"""


def render_page(sounds: np.ndarray, medium: Audio, captions: Sequence[str], title: str = "Sounds") -> str:
    """Return a page that plays sounds and shows their spectrograms.

    Args:
        sounds: int16 or floats in [-1, 1], shape `(n, length, 1)`.
        medium: Their medium.
        captions: What is written above each sound.
        title: Title of the page.
    """
    figures = []
    for sound, picture, caption in zip(sounds, medium.tiles(sounds), captions, strict=True):
        text = html.escape(caption)
        figures.append(
            f'<figure><figcaption>{text}</figcaption><img alt="spectrogram: {text}" src="{_url("image/png", as_png(picture))}">'
            f'<audio controls preload="none" src="{_url("audio/wav", as_wav(sound, medium.sample_rate))}"></audio></figure>'
        )
    seconds = sounds.shape[1] / medium.sample_rate
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{html.escape(title)}</title>\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<style>{_STYLE}</style></head>\n<body><h1>{html.escape(title)}</h1>\n"
        f"<p>{len(sounds)} sounds of {seconds:.3g} s at {medium.sample_rate:,} Hz. Spectrograms show 0 to "
        f"{medium.sample_rate / 2:,.0f} Hz on the mel scale, from the bottom to the top.</p>\n<main>\n"
        + "\n".join(figures)
        + "\n</main></body></html>\n"
    )


def _url(kind: str, content: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def _name(model: Any, condition: str, value: int) -> str:
    """Return what a caption says of the value of a condition that is a class."""
    names = model.names.get(condition)
    return f"{'class' if condition == 'labels' else condition} {value}" if names is None else names[value]


class PageWriter(Writer):
    """A page that plays each sound and shows its spectrogram."""

    words = "a page that plays sounds beside spectrograms"
    medium: Audio

    def write(self, model: Any, labels: Any = None, batch_size: int = 64, **sampling: Any) -> None:
        batches, count, conditions = batches_of(model, labels, batch_size, sampling)
        sounds = np.concatenate([self.medium.to_file(batch) for batch in batches])
        seeds = sampling.get("seeds")
        names = [f"sound {number}" for number in range(1, count + 1)] if seeds is None else [f"seed {seed}" for seed in seeds]
        for condition, values in conditions.items():
            if np.ndim(values) < 2 and np.issubdtype(np.asarray(values).dtype, np.integer):
                told = [_name(model, condition, int(value)) for value in np.broadcast_to(values, count)]
                names = [f"{name}, {each}" for name, each in zip(names, told, strict=True)]
        page = render_page(sounds, self.medium, names, f"Sounds of {model.name}")
        with replacing(self.path) as temporary:
            temporary.write_text(page, encoding="utf-8")
