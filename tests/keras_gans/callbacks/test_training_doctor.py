import contextlib
import json
import math
import time
import warnings

import keras
import numpy as np
import pytest
from scipy.spatial import distance
from scipy.stats import entropy

import keras_gans
from keras_gans.callbacks.diversity import Diversity, distances
from keras_gans.callbacks.log_window import LogWindow
from keras_gans.callbacks.training_doctor import TrainingDoctor, TrainingWarning
from keras_gans.data import mixtures
from keras_gans.metrics import modes_covered
from tests.support.breaking_off import Kill, Killed, every_step, fit, kept, make_gan

RING = {"width": 64, "latent_dim": 16, "learning_rate": 1e-3, "seed": 0}


def train(doctor, name, source, batch_size, epochs, compile_arguments=None, callbacks=(), **arguments):
    """Trains under a doctor's eyes; returns the model and the warnings."""
    keras.utils.set_random_seed(0)
    data = keras_gans.load_data(source)
    model = keras_gans.create_model(name, image_shape=data.shape, **arguments)
    if compile_arguments:
        model.compile(**compile_arguments)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model.fit(data.batches(batch_size, seed=0), epochs=epochs, verbose=0, callbacks=[doctor, *callbacks])
    return model, [str(warning.message) for warning in caught if warning.category is TrainingWarning]


def players(generator_rate, discriminator_rate, optimizer=keras.optimizers.Adam, **options):
    return {
        "generator_optimizer": optimizer(generator_rate),
        "discriminator_optimizer": optimizer(discriminator_rate),
        **options,
    }


def failures(doctor):
    return [finding["failure"] for finding in doctor.findings]


def read_log(path):
    return [json.loads(line, parse_constant=pytest.fail) for line in path.read_text().splitlines()]


def read_scalars(folder, name):
    """Returns a diversity that TensorBoard reads, by step."""
    from tensorboard.util.tensor_util import make_ndarray

    return {e.step: float(make_ndarray(e.tensor_proto)) for e in read_events(folder).Tensors(f"diversity/{name}")}


def read_events(folder):
    # The reader of TensorBoard's own server; `event_accumulator` keeps tensors that come again twice.
    from tensorboard.backend.event_processing.plugin_event_accumulator import EventAccumulator

    events = EventAccumulator(str(folder), size_guidance={"tensors": 0})  # all, not a sample of them
    events.Reload()
    return events


# Healthy runs.


# Digits are learned below in silence, too (last run: 0.1.0, 2026-11-26).
@pytest.mark.slow
def test_it_is_silent_while_a_ring_is_learned(tmp_path):
    doctor = TrainingDoctor(log=tmp_path / "doctor.jsonl", tensorboard=tmp_path / "logs")
    _, messages = train(doctor, "gan", "ring", 256, epochs=30, ema=0.99, **RING)
    assert doctor.findings == messages == []
    assert not (tmp_path / "doctor.jsonl").exists()
    # Before training, after a few steps, every hundred, and at the end.
    assert list(read_scalars(tmp_path / "logs", "pairwise_distance")) == [0, 10, *range(110, 1911, 100), 1920]


# Last run: 0.1.0, 2026-11-30.
@pytest.mark.slow
def test_it_is_silent_while_digits_are_learned(tmp_path):
    doctor = TrainingDoctor(every=5, n=64, tensorboard=tmp_path)
    _, messages = train(doctor, "dcgan", "digits", 64, epochs=5, width=16, learning_rate=1e-3, seed=0)
    assert doctor.findings == messages == []
    spread = list(read_scalars(tmp_path, "pairwise_distance").values())
    # An untrained generator's samples are all alike, as those of a collapsed one, at more checks than would do for that.
    assert max(spread[:4]) < 0.15
    assert spread[-1] > 0.7


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_a_strong_discriminator_is_no_failure_while_the_generator_learns(tmp_path):
    """The loss that fails below does not here, though the discriminator is as sure."""
    doctor = TrainingDoctor(every=40, n=64)
    model, messages = train(doctor, "dcgan", "digits", 64, 6, players(1e-4, 4e-3), width=8, seed=0)
    assert min(model.history.history["d_fake"][-1], model.history.history["d_real"][-1]) > 0.99
    assert doctor.findings == messages == []


# Each failure, provoked.


def test_vanishing_gradients_are_found(tmp_path):
    doctor = TrainingDoctor(every=40, n=64, log=tmp_path / "doctor.jsonl", tensorboard=tmp_path / "logs")
    model, messages = train(doctor, "dcgan", "digits", 64, 6, players(1e-4, 4e-3, loss="minimax"), width=8, seed=0)
    assert failures(doctor) == ["vanishing_gradients"]
    [finding] = doctor.findings
    measured = finding["measured"]
    assert measured["d_real"] > 0.98
    assert measured["d_fake"] > 0.98
    first = model.history.history["g_grad"][0]
    assert measured["g_grad"] < first / 50
    assert any("non_saturating" in line for line in finding["advice"])
    # Told once, and written everywhere.
    assert len(messages) == 1
    assert finding["message"] in messages[0]
    assert all(line in messages[0] for line in finding["advice"])
    assert read_log(tmp_path / "doctor.jsonl") == [{"state": "found", **finding}]
    [event] = read_events(tmp_path / "logs").Tensors("doctor/vanishing_gradients")
    assert event.step == finding["step"]
    assert finding["message"] in event.tensor_proto.string_val[0].decode()


def test_a_collapsed_generator_is_found():
    doctor = TrainingDoctor()
    model, messages = train(doctor, "gan", "ring", 256, 4, players(0.05, 1e-3), **RING)
    assert modes_covered(model.generate(1000, seed=1), mixtures.ring()) <= 1
    # That its samples lie in a corner, where its gradient vanishes, may be found, too.
    found = [finding for finding in doctor.findings if finding["failure"] == "mode_collapse"]
    assert [(finding["epoch"], finding["step"]) for finding in found] == [(4, 210)]  # the third check that shows it
    assert len(messages) == len(doctor.findings)


def test_samples_of_few_kinds_far_apart_are_found():
    class Corners(keras.callbacks.Callback):
        """Makes the generator so steep in the second epoch that its samples are the corners of the square."""

        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 1:
                middle = np.median(np.arctanh(self.model.generate(256, seed=2)), axis=0)
                head = next(layer for layer in reversed(self.model.generator.layers) if layer.weights)
                kernel, bias = head.get_weights()
                head.set_weights([1e6 * kernel, 1e6 * (bias - middle)])

    doctor = TrainingDoctor(every=20, stop="mode_collapse")
    model, messages = train(doctor, "gan", "ring", 256, 5, callbacks=[Corners()], **RING)
    samples = model.generate(256, seed=1)
    assert len(np.unique(samples.round(3), axis=0)) <= 4
    assert distance.pdist(samples).mean() > 0.5
    assert failures(doctor) == ["mode_collapse"]
    assert doctor.findings[0]["measured"].keys() == {"nearest_distance"}
    assert "Training is stopped" in messages[0]
    assert int(keras.ops.convert_to_numpy(model.optimizer.iterations)) == doctor.findings[0]["step"] + 1


@pytest.mark.parametrize("optimizer", [keras.optimizers.Adam, keras.optimizers.SGD], ids=["explosion", "nan"])
def test_divergence_is_found_and_may_stop_the_run(tmp_path, optimizer):
    log = tmp_path / "doctor.jsonl"
    doctor = TrainingDoctor(every=20, stop=("divergence",), log=log)
    model, messages = train(doctor, "gan", "ring", 256, 2, players(10.0, 10.0, optimizer), **RING)
    assert failures(doctor) == ["divergence"]
    assert len(messages) == 1
    # Found by the first look, after ten steps; the step that was about to begin is the last.
    assert int(keras.ops.convert_to_numpy(model.optimizer.iterations)) == 11
    loss = model.history.history["g_loss"][-1]
    assert not abs(loss) < 1e4
    [line] = read_log(log)
    assert line["step"] == 10
    assert not abs(float(line["measured"]["g_loss"])) < 1e4
    assert any("--learning_rate=1" in advice for advice in line["advice"])


def test_only_what_was_named_stops_a_run():
    doctor = TrainingDoctor(every=20, stop="vanishing_gradients")
    model, _ = train(doctor, "gan", "ring", 256, 1, players(10.0, 10.0), **RING)
    assert failures(doctor) == ["divergence"]
    assert int(keras.ops.convert_to_numpy(model.optimizer.iterations)) == 64


@pytest.mark.parametrize(("loss", "found"), [("wasserstein", ["vanishing_gradients"]), ("hinge", [])])
def test_a_gradient_that_vanishes_is_judged_with_the_accuracies_where_these_tell(loss, found):
    """A critic that is flat leaves no gradient. Where scores are parted by zero it is seen not to be sure."""

    class Flat(keras.callbacks.Callback):
        """Takes the slope from the critic, which does not learn, in the second epoch."""

        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 1:
                head = self.model.discriminator.layers[-1]
                head.set_weights([1e-4 * weight for weight in head.get_weights()])

    doctor = TrainingDoctor(every=20)
    model, _ = train(doctor, "gan", "ring", 256, 2, players(1e-4, 0.0, keras.optimizers.SGD, loss=loss), [Flat()], **RING)
    norms = model.history.history["g_grad"]
    assert norms[1] < norms[0] / 1000
    assert failures(doctor) == found
    assert all("d_real" not in finding["measured"] for finding in doctor.findings)


# Once for each finding, over time and over resumes.


class Collapse(keras.callbacks.Callback):
    """Makes all samples alike from some epochs on, and different again from others on."""

    def __init__(self, at, away=()):
        super().__init__()
        self.at, self.away = at, away

    def on_epoch_begin(self, epoch, logs=None):
        head = next(layer for layer in reversed(self.model.generator.layers) if layer.weights)
        kernel, bias = head.get_weights()
        if epoch in self.at:
            self.kernel = kernel
            head.set_weights([kernel * 1e-4, bias])
        elif epoch in self.away:
            head.set_weights([self.kernel, bias])


def fit_slowly(*callbacks, ema=None, **options):
    """Trains a model too slowly to undo what callbacks do to it, by default 4 epochs of 8 steps; returns the warnings."""
    model = make_gan(ema=ema, generator_optimizer=keras.optimizers.SGD(1e-6))
    with warnings.catch_warnings(record=True) as caught, contextlib.suppress(Killed):
        warnings.simplefilter("always")
        fit(model, callbacks=list(callbacks), **options)
    return [str(warning.message) for warning in caught if warning.category is TrainingWarning]


# Last run: 0.1.0, 2026-11-30.
@pytest.mark.slow
def test_the_average_does_not_hide_what_happens_to_the_generator():
    doctor = TrainingDoctor(every=4, n=32)
    fit_slowly(Collapse(at=(20,)), doctor, ema=0.999, epochs=24)
    # After three checks. The average would have needed 35 steps to fall as far.
    [finding] = doctor.findings
    assert 160 < finding["step"] <= 172


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_a_generator_that_never_spreads_is_given_time(tmp_path):
    doctor = TrainingDoctor(every=20, n=32)
    frozen = players(0.0, 1e-3, keras.optimizers.SGD)
    train(doctor, "gan", "ring", 128, 9, frozen, [Collapse(at=(0,))], width=8)
    assert failures(doctor) == ["mode_collapse"]
    assert 1000 <= doctor.findings[0]["step"] < 1100


def test_what_went_away_and_came_back_is_told_again(tmp_path):
    doctor = TrainingDoctor(every=2, n=32, log=tmp_path / "doctor.jsonl")
    told = fit_slowly(Collapse(at=(1, 5), away=(3,)), doctor, epochs=7)
    assert failures(doctor) == ["mode_collapse"] * 2
    assert len(told) == 2
    lines = read_log(tmp_path / "doctor.jsonl")
    assert [line["state"] for line in lines] == ["found", "gone", "found"]
    assert [line["epoch"] for line in lines] == [2, 4, 6]


# Last run: 0.1.0, 2026-11-30.
@pytest.mark.slow
@pytest.mark.parametrize("doctor_first", [True, False])
def test_a_run_that_goes_on_within_an_epoch_tells_nothing_twice(tmp_path, doctor_first):
    collapse = Collapse(at=(1,), away=(3,))

    def doctor(name):
        return TrainingDoctor(every=2, n=32, log=tmp_path / f"{name}.jsonl", tensorboard=tmp_path / name)

    def fit_part(*last):
        watching, resume = doctor("parts"), every_step(tmp_path / "run")
        both = [watching, resume] if doctor_first else [resume, watching]
        told = fit_slowly(collapse, *both, *[Kill(resume, *place) for place in last])
        return watching, told

    whole = doctor("whole")
    fit_slowly(collapse, whole)
    [finding] = whole.findings
    assert (finding["epoch"], finding["step"]) == (2, 14)

    assert len(fit_part((2, 3))[1]) == 1
    (tmp_path / "run" / kept(tmp_path / "run")[-1]).unlink()  # as if it had been killed before this checkpoint was written
    with open(tmp_path / "parts.jsonl", "a") as f:  # what a killed process may leave
        f.write('{"state": "found", "epoch": 9, "step": 90, "failure": "divergence", "measured": {}}\n{"stat')
    time.sleep(1.1)  # TensorBoard's files are named by the second
    watching, told = fit_part()
    assert told == []
    assert watching.findings == whole.findings
    lines = [read_log(tmp_path / f"{name}.jsonl") for name in ("parts", "whole")]
    assert [(line["state"], line["epoch"]) for line in lines[0]] == [("found", 2), ("gone", 4)]
    assert [(line["state"], line["epoch"]) for line in lines[1]] == [("found", 2), ("gone", 4)]
    steps = [event.step for event in read_events(tmp_path / "parts").Tensors("diversity/pairwise_distance")]
    assert steps == list(range(0, 33, 2))


def test_a_new_run_forgets_the_log_of_an_old_one(tmp_path):
    log = tmp_path / "doctor.jsonl"
    log.write_text('{"state": "found", "epoch": 1, "step": 8, "failure": "mode_collapse", "measured": {}}\n')
    doctor = TrainingDoctor(every=4, n=32, log=log)
    fit_slowly(doctor, epochs=1)
    assert doctor.findings == []
    assert log.read_text() == ""


# What it measures.


def test_distances_are_those_of_scipy():
    rng = np.random.default_rng(0)
    samples = (100.0 + 1e-3 * rng.standard_normal((50, 6, 5, 1))).astype("float32")  # much in common, little between
    flat = samples.reshape(50, -1).astype("float64")
    between = distance.squareform(distance.pdist(flat))
    pairwise, nearest = distances(samples)
    assert pairwise == pytest.approx(between[np.triu_indices(50, 1)].mean(), rel=1e-6)
    np.fill_diagonal(between, np.inf)
    assert nearest == pytest.approx(between.min(axis=1).mean(), rel=1e-6)


def test_large_images_are_compared_by_the_means_of_squares():
    from PIL import Image

    samples = np.random.default_rng(0).uniform(-1, 1, (6, 70, 97, 1)).astype("float32")
    shrunk = np.stack([np.asarray(Image.fromarray(image[..., 0]).crop((0, 0, 96, 70)).reduce(2)) for image in samples])
    assert distances(samples)[0] == pytest.approx(distance.pdist(shrunk.reshape(6, -1)).mean(), rel=1e-5)


@pytest.mark.parametrize("labels", [[0, 1, 2, 3], [0, 0, 0, 1], [2, 2, 2, 2]])
def test_classes_are_counted_by_the_entropy_of_their_histogram(labels):
    def classify(images):
        assert images.dtype == np.uint8
        return np.eye(4)[images[:, 0, 0, 0] // 60]

    def paint(numbers):
        return (np.array(numbers)[:, None, None, None] * 60 + np.zeros((1, 4, 4, 1))).astype("float32") / 127.5 - 1

    diversity = Diversity(paint([0, 1, 2, 3] * 2), classify)
    assert diversity.measure(paint(labels))["classes"] == pytest.approx(np.exp(entropy(np.bincount(labels) / 4)) / 4)


def test_missing_classes_are_found():
    """A classifier sees fewer and fewer classes of digits in samples that stay as different as they are."""
    seen = []

    def classify(images):
        seen.append(len(images))
        classes = np.arange(len(images)) % (10 if len(seen) < 5 else 2)
        return np.eye(10)[classes]

    doctor = TrainingDoctor(every=5, n=40, classify=classify)
    _, messages = train(doctor, "gan", "digits", 64, 2, width=8)
    assert failures(doctor) == ["mode_collapse"]
    assert doctor.findings[0]["measured"] == {"classes": pytest.approx(0.2)}
    assert "20% as many classes" in messages[0]


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_classes_that_were_never_told_apart_are_no_collapse():
    """As `digits28` takes the grainy digits of a young multilayer GAN for nothing but 8s, over thousands of steps."""
    real = []

    def classify(images):
        real.append(len(images))
        return np.eye(10)[np.arange(len(images)) % (10 if len(real) == 1 else 1)]

    doctor = TrainingDoctor(every=50, n=40, classify=classify)
    _, messages = train(doctor, "gan", "digits", 64, 45, width=8)
    assert messages == []


@pytest.mark.parametrize(
    ("critic_steps", "options"),
    [(1, {}), (3, {}), (1, {"validation_data": (mixtures.ring().sample(32)[0],)}), (1, {"steps_per_execution": 2})],
    ids=["every step", "every third", "validation", "two at once"],
)
def test_a_window_holds_the_means_of_its_own_steps(critic_steps, options):
    """Against what each step adds to the running means in its logs; windows of 5 steps and epochs of 8."""

    class Steps(keras.callbacks.Callback):
        """Keeps the discriminator's and the generator's loss of each step, and a window after each five."""

        def on_train_begin(self, logs=None):
            self.losses, self.windows, self.left = [], [], 5
            self.window = LogWindow(self.model)

        def on_epoch_begin(self, epoch, logs=None):
            self.sums, self.counts = np.zeros(2), np.zeros(2)

        def on_train_batch_begin(self, batch, logs=None):
            if self.left <= 0:
                self.window.read()
                self.take()
            self.window.count(self.model.steps_per_execution)
            self.left -= self.model.steps_per_execution

        def on_train_batch_end(self, batch, logs=None):
            done = int(keras.ops.convert_to_numpy(self.model.optimizer.iterations))
            updates = np.array([self.model.steps_per_execution, done % self.model.critic_steps == 0], "float64")
            if self.model.critic_steps == 1:
                updates[1] = updates[0]
            self.counts += updates
            sums = self.counts * [logs["d_loss"], logs["g_loss"]]
            self.losses.append((sums - self.sums, updates))
            self.sums = sums

        def on_epoch_end(self, epoch, logs=None):
            self.window.read_epoch(logs)

        def take(self):
            numbers = self.window.take()
            sums = sum(losses for losses, _ in self.losses)
            counts = sum(updates for _, updates in self.losses)
            self.windows.append(([numbers["d_loss"], numbers["g_loss"]], sums / counts))
            self.losses, self.left = [], 5

    steps = Steps()
    model = make_gan(critic_steps=critic_steps, steps_per_execution=options.pop("steps_per_execution", 1))
    fit(model, callbacks=[steps], **options)
    assert len(steps.windows) >= 5
    for (discriminator, generator), (expected_discriminator, expected_generator) in steps.windows:
        assert discriminator == pytest.approx(expected_discriminator, rel=1e-4)
        # Where an epoch ends, how many updates of the generator its mean is of is known to one in three steps only.
        assert generator == pytest.approx(expected_generator, rel=1e-4 if critic_steps == 1 else 0.2)


# What it compares with.


def test_real_samples_are_those_of_training_where_their_order_is_known():
    """All real samples are alike: then nothing that is alike is a failure."""
    doctor = TrainingDoctor(every=2, n=32)
    fit_slowly(Collapse(at=(1,)), doctor, x=np.full((128, 2), 0.5, "float32"))
    assert doctor.findings == []


@pytest.mark.parametrize("kind", ["given", "unknown"])
def test_data_of_unknown_order_are_compared_with_given_samples_or_with_the_past(kind):
    points = mixtures.ring().sample(64)[0]

    class Unordered(keras.utils.PyDataset):
        def __len__(self):
            return 4

        def __getitem__(self, index):
            return (points[16 * index : 16 * index + 16],)

    doctor = TrainingDoctor(points[:20] if kind == "given" else None, every=2, n=32)
    told = fit_slowly(Collapse(at=(2,)), doctor, x=Unordered(), batch_size=None, shuffle=False, epochs=5)
    assert failures(doctor) == ["mode_collapse"]
    assert len(told) == 1
    assert math.isclose(doctor.findings[0]["measured"]["pairwise_distance"], 1e-4, rel_tol=20)


# Loss scaling.


@pytest.fixture
def half_precision():
    keras.config.set_dtype_policy("mixed_float16")
    yield
    keras.config.set_dtype_policy("float32")


def scaled(rate, scale):
    return keras.optimizers.LossScaleOptimizer(keras.optimizers.Adam(rate, beta_1=0.5), initial_scale=scale)


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_steps_that_loss_scaling_skips_are_no_divergence(half_precision):
    """The first ten steps or so overflow: the scale is far too large for float16."""
    doctor = TrainingDoctor(every=10, n=64, stop=True)
    scale = 2.0**25
    optimizers = {"generator_optimizer": scaled(1e-3, scale), "discriminator_optimizer": scaled(1e-3, scale)}
    model, messages = train(doctor, "dcgan", "digits", 64, 2, optimizers, width=8, seed=0)
    assert float(model.optimizer.discriminator.dynamic_scale) <= scale / 2
    assert doctor.findings == messages == []
    assert doctor.stopped_by is None
    assert len(model.history.epoch) == 2


# Last run: 0.1.0, 2026-11-30.
@pytest.mark.slow
def test_a_loss_scale_that_falls_to_nothing_is_divergence(half_precision):
    doctor = TrainingDoctor(every=10, n=64, stop="divergence")
    optimizers = {"generator_optimizer": scaled(1e-3, 1.0), "discriminator_optimizer": scaled(1e-3, 2.0**-11)}
    _, messages = train(doctor, "dcgan", "digits", 64, 2, optimizers, width=8, seed=0)
    assert failures(doctor) == ["divergence"]
    assert doctor.stopped_by == "divergence"
    assert "loss scale has fallen to 0.00049" in messages[0]
    assert any("mixed_bfloat16" in line for line in doctor.findings[0]["advice"])


# Bad input.


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"stop": "divergance"}, "Did you mean 'divergence'"),
        ({"stop": ["mode_collapse", "nan"]}, "no failure 'nan'"),
        ({"every": 0}, "every must be an integer of at least 1; received 0"),
        ({"n": 1}, "n must be an integer of at least 2; received 1"),
        ({"real": np.zeros((1, 2))}, "at least two samples"),
    ],
)
def test_bad_arguments_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        TrainingDoctor(**arguments)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"real": np.zeros((4, 3))}, r"shape \(3,\); those of the model have \(2,\)"),
        ({"classify": lambda images: images}, r"classify needs images or sounds, but the samples have shape \(2,\)"),
    ],
)
def test_samples_that_do_not_fit_the_model_are_refused_before_training(arguments, message):
    model = make_gan()
    with pytest.raises(ValueError, match=message):
        fit(model, callbacks=[TrainingDoctor(**arguments)])
    assert int(keras.ops.convert_to_numpy(model.optimizer.iterations)) == 0


def test_a_classifier_of_another_shape_is_refused():
    with pytest.raises(ValueError, match=r"shape \(5, classes\) for 5 samples; it returned \(5,\)"):
        Diversity(np.zeros((5, 8, 8, 1), "float32"), lambda images: np.zeros(len(images)))


def test_a_model_without_players_is_refused():
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile(loss="mse")
    with pytest.raises(ValueError, match="needs an AdversarialModel; received Sequential"):
        model.fit(np.zeros((4, 2)), np.zeros((4, 1)), verbose=0, callbacks=[TrainingDoctor()])


def test_samples_without_distances_are_refused():
    model = keras_gans.create_model("next_token_gan", vocabulary_size=8, length=4, seed=0)
    tokens = np.random.default_rng(0).integers(1, 8, (16, 4), "int32")
    with pytest.raises(ValueError, match="cannot watch a model of text: its samples have no distances"):
        model.fit(tokens, batch_size=8, verbose=0, callbacks=[TrainingDoctor()])


# Models that are told more than classes.


def test_models_of_images_are_watched_with_the_images_that_they_learn_from():
    inputs = keras.Input((8, 8, 1), name="images")
    generator = keras.Model(inputs, keras.layers.Conv2D(1, 3, padding="same")(inputs))
    discriminator = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(1)])
    told = {"images": keras_gans.conditions.Images((8, 8, 1))}
    model = keras_gans.GAN(generator, discriminator, conditions=told, seed=0)
    model.compile()
    images = np.random.default_rng(0).integers(0, 256, (32, 8, 8, 1), dtype="uint8")
    doctor = TrainingDoctor(n=8, every=1)
    model.fit(images, {"images": images}, batch_size=8, epochs=2, verbose=0, callbacks=[doctor])
    first = model.data.load(model.data.order(0)[0])[1]["images"]
    np.testing.assert_array_equal(doctor._conditions["images"], first)
    assert "mode_collapse" not in failures(doctor)
