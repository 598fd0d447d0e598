import math

import keras
import numpy as np
import pytest

import keras_gans
from keras_gans.evaluation import plot_history

LOGS = {"d_loss": [1.0, 0.5, 0.25], "g_loss": [1.0, 2.0, 4.0], "fid": [3.0, 1.0, 2.0], "loss": [2.0, 2.5, 4.25]}


def drawn(figure):
    """For each chart, by its title, what its lines show: label -> values."""
    return {
        axes.get_title(loc="left"): {line.get_label(): np.ravel(line.get_ydata()).tolist() for line in axes.lines}
        for axes in figure.axes
        if axes.get_visible()
    }


def test_what_fit_returned_is_drawn():
    model = keras_gans.create_model("gan", image_shape=(2,), width=4, latent_dim=3, seed=0)
    history = model.fit(np.zeros((8, 2), "float32"), batch_size=4, epochs=2, verbose=0)
    losses = drawn(plot_history(history))["Losses"]
    assert losses == {"discriminator": history.history["d_loss"], "generator": history.history["g_loss"]}


def test_epochs_are_counted_from_where_training_went_on():
    history = keras.callbacks.History()
    history.epoch, history.history = [7, 8, 9], LOGS
    (line, best) = plot_history(history).axes[1].lines
    assert list(line.get_xdata()) == [8, 9, 10]
    # The best FID is the lowest.
    assert (list(best.get_xdata()), list(best.get_ydata())) == ([9], [1.0])


def test_a_dict_and_a_run_give_the_same(tmp_path):
    (tmp_path / "train.csv").write_text("epoch,d_loss,g_loss,fid,loss\n0,1,1,3,2\n1,.5,2,1,2.5\n2,.25,4,2,4.25\n")
    of_dict = plot_history(LOGS)
    of_run = plot_history(str(tmp_path))
    assert drawn(of_dict) == drawn(of_run)
    assert list(drawn(of_dict)) == ["Losses", "FID (Fréchet distance) \N{DOWNWARDS ARROW}"]


def test_it_is_written_as_a_picture(tmp_path):
    from PIL import Image

    plot_history(LOGS).savefig(tmp_path / "history.png")
    with Image.open(tmp_path / "history.png") as image:
        assert np.asarray(image.convert("L")).min() < 100


def test_a_notebook_shows_it():
    formatters = pytest.importorskip("IPython.core.formatters")
    shown, _ = formatters.DisplayFormatter().format(plot_history(LOGS))
    assert shown["image/png"].startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("history", "message"),
    [({}, "nothing to draw"), ({"d_loss": [math.nan]}, "nothing to draw"), (3, "history must be what fit returned.*3")],
)
def test_what_cannot_be_drawn_is_refused(history, message):
    with pytest.raises(ValueError, match=message):
        plot_history(history)


def test_a_run_that_is_not_there_is_named():
    with pytest.raises(FileNotFoundError, match="no run folder or log nowhere"):
        plot_history("nowhere")
