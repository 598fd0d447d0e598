"""One picture of all presets that come along: samples of each, not chosen by hand."""

from keras_gans import presets
from keras_gans.files import replacing
from keras_gans.media.pictures import is_image_shape, picture

_COLUMNS = 16
_SENTENCES, _LONGEST = 3, 96


def draw(path, names=None):
    """Draws a row of samples for each preset, sentences for those that write, into a picture file.

    Args:
        path: A `.png` file.
        names: Names of presets; all that are bundled if None.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    names = names or presets.list_presets()
    figure = Figure(figsize=(10, 0.82 * len(names)), layout="constrained", dpi=100)
    FigureCanvasAgg(figure)
    rows = figure.subplots(len(names), 1, squeeze=False)[:, 0]
    for axes, name in zip(rows, names, strict=True):
        model = presets.load_pretrained(name)
        axes.axis("off")
        if is_image_shape(model.sample_shape):
            strip = _strip(model)
            axes.imshow(strip[..., 0] if strip.shape[-1] == 1 else strip, cmap="gray", vmin=0, vmax=255)
        else:
            lines = model.write(_SENTENCES, seed=0, labels=model.class_labels(_SENTENCES))
            shortened = [line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "\N{HORIZONTAL ELLIPSIS}" for line in lines]
            axes.text(0, 0.5, "\n".join(shortened), fontsize=8.5, va="center", transform=axes.transAxes)
        axes.set_title(name, fontsize=9, loc="left", pad=2)
    with replacing(path) as temporary:
        figure.savefig(temporary)


def _strip(model):
    return picture(model.generate(_COLUMNS, seed=0, labels=model.class_labels(_COLUMNS)), _COLUMNS)
