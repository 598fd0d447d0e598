"""Training in the lab: what `model.fit` does, and nothing else."""

import json

import numpy as np
import pytest

import keras_gans
from keras_gans.lab.arrays import decode
from keras_gans.lab.rules import apply_rules, read_rules
from tests.keras_gans.lab.running import follow
from tests.support.slow import slow_but


def weights(model):
    return [*model.get_weights(), *(np.asarray(variable) for variable in model.optimizer.variables)]


def assert_equal(some, others):
    assert len(some) == len(others)
    for one, other in zip(some, others, strict=True):
        np.testing.assert_array_equal(one, other)


def run(program):
    names = {}
    exec(program, names)
    return names


# Last run: 0.1.0, 2026-11-30.
@pytest.mark.parametrize("name", slow_but(["gan", "wgan", "wgan_gp", "r3gan"], "gan"))
def test_weights_are_those_of_fit_bit_by_bit_and_points_those_of_generate(name):
    """With pauses, single steps and rates that are set to what they are; the program is the one that the page shows."""
    session = follow(
        [{"do": "play", "until": 40}, {"do": "step"}, {"do": "pause"}, {"do": "play", "until": 128}],
        model=name,
        data="grid",
        seed=3,
    )
    frame = session.frames[-1]
    assert frame["step"] == 128
    shown = run(frame["code"]["python"])
    assert_equal(weights(shown["model"]), weights(session.model))
    generated = frame["generated"]
    error = np.abs(decode(generated).reshape(512, 2) - shown["points"]).max()
    assert error <= generated["bound"] / 32_767
    for message in (*session.states, *session.frames):
        json.dumps(message, allow_nan=False)


@pytest.mark.slow  # last run: 0.1.0, 2026-11-30; the page changes a rule, too
def test_rules_that_change_keep_the_state_of_both_optimizers():
    weight_and_steps = {"critic_steps": 2, "penalty_weight": 0.25}
    session = follow(
        [
            {"do": "play", "until": 20},
            {
                "do": "change",
                "generator_rate": 0.002,
                "loss": "hinge",
                "penalty": "r1+r2",
                **weight_and_steps,
            },
            {"do": "play", "until": 30},
        ]
    )
    rules = session.states[-1]["rules"]
    assert rules == {
        "loss": "hinge",
        "generator_rate": 0.002,
        "discriminator_rate": 0.0003,
        "critic_steps": 2,
        "penalty": "r1+r2",
        "penalty_weight": 0.25,
    }
    model = session.model
    assert session.frames[-1]["step"] == 30
    # Twenty steps of both, then five of the generator and ten of the discriminator.
    assert int(model.optimizer.generator.iterations) == 25
    assert int(model.optimizer.discriminator.iterations) == 30
    assert session.frames[-1]["logs"]["penalty"] > 0
    # The program has the same rules from the first step on.
    program = session.frames[-1]["code"]["python"].replace("model.fit(", "str((").replace("epochs=1)", "1))")
    shown = run(program)["model"]
    assert shown.adversarial_loss.registered_name == "hinge" and shown.critic_steps == 2
    assert [type(each).__name__ for each in shown.penalties] == ["R1", "R2"] and shown.penalties[0].weight == 0.25
    assert float(shown.optimizer.generator.learning_rate) == pytest.approx(0.002)


def test_moments_are_carried_over_as_they_are():
    model = keras_gans.create_model("gan", image_shape=(2,), width=4, latent_dim=2)
    rng = np.random.default_rng(0)
    for variable in model.optimizer.variables:
        variable.assign(rng.integers(1, 9, variable.shape))
    before = weights(model)
    apply_rules(model, {"loss": "wasserstein", "penalty": "gradient_penalty", "penalty_weight": 2.0, "critic_steps": 3})
    assert_equal(before, weights(model))
    assert read_rules(model) | {"loss": "wasserstein", "penalty_weight": 2.0, "critic_steps": 3} == read_rules(model)


@pytest.mark.parametrize(("network", "other"), [("discriminator", "generator"), ("generator", "discriminator")])
def test_one_step_of_one_network_changes_only_that_one(network, other):
    model = keras_gans.create_model("gan", image_shape=(2,), width=4, latent_dim=2, seed=0)
    before = {name: getattr(model, name).get_weights() for name in (network, other)}
    getattr(model, f"update_{network}")(np.full((8, 2), 0.5, "float32"), {})
    assert_equal(before[other], getattr(model, other).get_weights())
    changed = zip(before[network], getattr(model, network).get_weights(), strict=True)
    assert all((one != two).any() for one, two in changed if one.ndim == 2)
    assert int(model.critic_steps_done) == (network == "discriminator")


@pytest.mark.slow  # last run: 0.1.0, 2026-11-30
@pytest.mark.parametrize(("network", "steps"), [("discriminator", 1), ("generator", 0)])
def test_a_session_takes_such_steps(network, steps):
    session = follow([{"do": "step", "network": network}])
    assert session.frames[-1]["step"] == steps
    assert int(getattr(session.model.optimizer, network).iterations) == 1


@pytest.mark.slow  # last run: 0.1.0, 2026-11-30; the page does so, too
def test_reset_begins_again_and_drawn_points_are_learned():
    points = [[0.5, 0.5], [-0.5, -0.5], [0.25, -0.75]]
    session = follow(
        [
            {"do": "play", "until": 5},
            {"do": "reset", "data": "drawn", "points": points, "batch_size": 16},
            {"do": "step"},
        ],
        seed=7,
    )
    assert [state["setup"]["seed"] for state in session.states if state["status"] == "building"] == [7, 0]
    frame = session.frames[-1]
    assert frame["step"] == 1 and frame["measures"]["modes"] is None and 0 < frame["measures"]["js"] <= 1
    real = decode(session.states[-1]["real"]).reshape(-1, 2)
    nearest = np.linalg.norm(real[:, None] - np.array(points), axis=-1).min(axis=1)
    assert nearest.max() < 6 * 0.02


@pytest.mark.slow  # last run: 0.1.0, 2026-11-30
@pytest.mark.parametrize(
    ("model", "words"),
    [
        ("cgan", "points without conditions"),
        ("seqgan", "points without conditions"),
        ("dcgan", "dcgan cannot make points"),
    ],
)
def test_a_model_that_makes_no_points_is_told_and_another_can_follow(model, words):
    session = follow([{"do": "step"}, {"do": "reset"}], model=model)
    failed = next(state for state in session.states if state["status"] == "failed")
    assert words in failed["error"] and "\n" not in failed["error"] and len(failed["error"]) <= 300
    assert session.states[-1]["status"] == "ready" and session.frames[-1]["step"] == 0


@pytest.mark.slow  # last run: 0.1.0, 2026-11-30
def test_a_run_that_diverges_goes_on_and_is_diagnosed():
    session = follow(
        [{"do": "change", "generator_rate": 10, "discriminator_rate": 10, "loss": "wasserstein"}, {"do": "play", "until": 400}]
    )
    assert session.frames[-1]["step"] == 400
    assert [finding["failure"] for finding in session.frames[-1]["findings"]][:1] == ["divergence"]
    json.dumps(session.frames[-1], allow_nan=False)
