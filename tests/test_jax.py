"""The same tests on JAX, in processes in which TensorFlow cannot be imported."""

import functools
import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent

pytestmark = pytest.mark.skipif(importlib.util.find_spec("jax") is None, reason="JAX is not installed")


@pytest.fixture(scope="module")
def run_on_jax(shared_folder):
    """Runs Python with arguments where TensorFlow is not; what one process has compiled serves all."""
    return functools.partial(_run_on_jax, shared_folder / "compiled")


def _run_on_jax(cache, *command, optimized=False):
    environment = {
        **os.environ,
        "KERAS_BACKEND": "jax",
        "PYTHONPATH": str(HERE / "without_tensorflow"),
        # What steps compute is tested, not how fast: compiling takes half the time.
        "XLA_FLAGS": "--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true",
        "JAX_COMPILATION_CACHE_DIR": str(cache),
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
        "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
    }
    if optimized:
        del environment["XLA_FLAGS"]
    # The outer test run's options (its number of processes) are not for the inner one.
    environment.pop("PYTEST_ADDOPTS", None)
    return subprocess.run(
        [sys.executable, *command], cwd=HERE.parent, env=environment, capture_output=True, text=True, check=False
    )


# What always runs, a choice of the rest (a minute), and the whole of it.
FAST = {
    "core": [
        *(
            f"keras_gans/adversarial/test_model.py::test_{name}"
            for name in (
                "one_step_is_goodfellows_algorithm_computed_by_hand",
                "logs_of_one_step_computed_by_hand",
                "critic_steps_train_the_discriminator_more_often_and_on_fresh_batches",
                "a_saved_model_goes_on_as_if_it_had_not_stopped",
            )
        ),
        "keras_gans/backend/test_backend.py",
        "keras_gans/backend/test_executions.py::test_weights_logs_and_calls_are_those_of_single_steps[critic steps]",
        "keras_gans/privacy/test_training.py::test_training_spends_its_budget_and_says_so",
        "keras_gans/gans/test_image_pool.py::test_half_of_the_images_are_swapped_once_it_is_full",
        "tools/test_export_on_jax.py",
    ],
}
# Last run: 0.1.0, 2026-11-26; the rest of the core, sounds and their entries 2026-11-29; keras2 2026-11-30.
SLOW = {
    "rest of the core": [
        "keras_gans/backend/test_executions.py::test_training_that_breaks_off_ends_with_the_same_weights[(1, 6)]",
        "keras_gans/adversarial/test_discriminators.py::test_losses_of_several_discriminators_computed_by_hand",
        "keras_gans/adversarial/test_image_conditions.py::test_it_learns_to_map_images_to_images",
        "keras_gans/adversarial/test_model.py::test_evaluate_and_validation_data_change_nothing",
        "keras_gans/penalties/test_penalties.py::test_the_gradient_by_the_weights_of_a_network_is_that_of_finite_differences[r1]",
    ],
    "more of the core": [
        "keras_gans/adversarial/test_model.py::test_average_follows_the_generator_with_its_statistics",
        "keras_gans/adversarial/test_freezing.py::test_a_trained_model_goes_on_with_frozen_layers",
        "keras_gans/augmentation/test_augmentation.py::test_adaptive_augmentation_works_in_a_compiled_step",
        "keras_gans/backend/test_threads.py::test_samples_are_generated_in_another_thread_while_fit_runs[gan-more0]",
        "keras_gans/backend/test_steps.py::test_one_pass_through_the_generator_gives_the_gradient_of_two",
    ],
    "layers and models": [
        "keras_gans/applying/test_tiling.py::test_tiles_give_what_the_whole_image_gives[upscaler]",
        "keras_gans/applying/test_apply_files.py::test_patterns_and_folders_in_folders",
        "keras_gans/applying/test_apply_files.py::test_turned_and_flipped_averages",
        "keras_gans/gans/test_conditional.py::test_both_networks_are_told_the_labels_of_the_batch",
        "keras_gans/gans/test_conditional.py::test_losses_of_the_auxiliary_classifier",
        "keras_gans/gans/test_contrastive_translation.py::test_losses_add_up_with_their_weights",
        "keras_gans/gans/test_unpaired_translation.py::test_losses_add_up_with_their_weights",
        "keras_gans/gans/test_unpaired_translation.py::"
        "test_training_that_breaks_off_ends_with_the_same_weights_and_pools[(1, 2)]",
        "keras_gans/gans/test_image_to_image.py",
        "keras_gans/gans/test_super_resolution.py",
        "keras_gans/gans/test_video_prediction.py",
        "keras_gans/gans/test_next_token.py::test_the_gradient_is_that_of_the_expected_reward",
        "keras_gans/gans/test_sequence.py::test_both_stages_in_one_fit_and_each_trains_what_is_its",
        "keras_gans/gans/test_wasserstein.py::test_weights_of_the_critic_are_clipped_from_the_beginning_and_after_each_step",
        "keras_gans/keras2/test_keras2.py::test_a_network_computes_what_it_computed_in_keras_2",
        "keras_gans/imagenet/test_network.py::test_it_computes_what_the_original_network_computes",
        "keras_gans/layers/test_batch_normalization.py::test_gradients_of_both_orders_are_right",
        "keras_gans/layers/test_blur.py::test_networks_of_them_are_saved_and_differentiated_twice",
        "keras_gans/layers/test_carried_frames.py",
        "keras_gans/layers/test_conditional_batch_normalization.py::"
        "test_each_class_has_its_gains_and_offsets_and_all_share_the_statistics",
        "keras_gans/layers/test_fade.py",
        "keras_gans/layers/test_grouped_conv.py::test_gradients_of_both_orders_are_right",
        "keras_gans/layers/test_minibatch_stddev.py::test_gradients_are_right_and_finite_where_all_images_are_equal",
        "keras_gans/layers/test_pixel_normalization.py::test_gradients_are_right_and_finite_at_zero",
    ],
    "sounds": [
        "keras_gans/audio",
        "keras_gans/gans/test_speech.py",
        "keras_gans/gans/test_vocoder.py",
        "keras_gans/layers/test_short_time_fourier.py",
        "keras_gans/layers/test_sound_layers.py::test_griffin_lim_in_a_graph_is_that_of_mel",
        "keras_gans/losses/test_sounds.py",
        "keras_gans/metrics/test_sounds.py",
    ],
    "entries of sounds": [
        f"zoo/test_entries.py::test_entry[{name}]" for name in ("hifi_gan", "speech_gan", "vocos_gan", "wavegan")
    ],
    "entries and going on": [
        "keras_gans/callbacks/test_evaluate_samples.py::test_training_that_goes_on_takes_up_what_was_measured",
        "keras_gans/resume/test_exact_resume.py::test_options_of_compile_and_fit[batches]",
        # Growing, and seeing features; dcgan is trained below.
        "zoo/test_entries.py::test_entry[pggan]",
        # Features of a frozen network, spectral normalisation, several discriminators.
        "zoo/test_entries.py::test_entry[projected_gan]",
    ],
}
# Some ten minutes (last run: 0.1.0, 2026-11-24). test_exact_resume_failures.py is about files, which no backend touches.
WHOLE = {
    "whole core": [
        f"keras_gans/{room}"
        for room in ("adversarial", "applying", "augmentation", "backend", "gans", "imagenet", "layers", "losses", "penalties")
    ],
    "whole callbacks": [
        *(
            f"keras_gans/callbacks/test_{name}.py"
            for name in ("callbacks", "evaluate_samples", "keras_callbacks", "run_folder", "training_doctor")
        ),
        "keras_gans/resume/test_exact_resume.py",
    ],
    "whole entries": ["zoo/test_entries.py"],
    "whole evaluation": ["keras_gans/evaluation", "keras_gans/metrics"],
}


@pytest.mark.parametrize(
    "tests",
    [*FAST.values(), *(pytest.param(tests, marks=pytest.mark.slow) for tests in (SLOW | WHOLE).values())],
    ids=[*FAST, *SLOW, *WHOLE],
)
def test_they_work_on_jax_without_tensorflow(tests, run_on_jax):
    # Two plugins that take seconds to import, and are of the tests of servers.
    without = [f"-pno:{plugin}" for plugin in ("schemathesis", "hypothesispytest")]
    # Tests that are named run even if they are slow.
    named = ["-m", "slow or not slow"] if all("::" in path for path in tests) else []
    # Without optimisation, XLA 0.10 on CPUs makes NaN of a step of vocos_gan (seen 2026-11-29).
    optimized = any("vocos_gan" in path for path in tests)
    paths = [str(HERE / path) for path in tests]
    process = run_on_jax("-m", "pytest", "-n", "0", "-q", *named, *without, *paths, optimized=optimized)
    assert process.returncode == 0, process.stdout[-6000:]
    passed = int(re.search(r"(\d+) passed", process.stdout)[1])
    assert passed >= len(tests)


# Last run: 0.1.0, 2026-11-29.
@pytest.mark.slow
def test_a_run_on_jax_gives_the_same_images_on_tensorflow(tmp_path, keras_gans_forked, run_on_jax):
    import numpy as np

    rng = np.random.default_rng(0)
    np.savez(tmp_path / "data.npz", x=rng.integers(0, 256, (64, 28, 28, 1), "uint8"))
    run = str(tmp_path / "run")
    train = ["-m", "keras_gans_tools.cli", "train", "dcgan", f"--dataset=npz:{tmp_path / 'data.npz'}", f"--run_dir={run}"]
    process = run_on_jax(*train, "--epochs=2", "--batch_size=16", "--set=width=8", "--ema=0.9")
    assert process.returncode == 0, process.stderr
    assert "on jax" in process.stdout
    process = run_on_jax("-m", "keras_gans_tools.cli", "generate", run, "--num=16", f"--output={tmp_path / 'jax.npy'}")
    assert process.returncode == 0, process.stderr
    done = keras_gans_forked("generate", run, "--num=16", f"--output={tmp_path / 'tensorflow.npy'}")
    assert done.returncode == 0, done.stderr
    on_jax, on_tensorflow = (np.load(tmp_path / f"{name}.npy").astype(int) for name in ("jax", "tensorflow"))
    # 8-bit pixels: equal but for what rounds to the other side.
    assert np.abs(on_jax - on_tensorflow).max() <= 1
    assert (on_jax == on_tensorflow).mean() > 0.999


# Fifteen seconds (last run: 0.1.0, 2026-11-26).
@pytest.mark.slow
def test_the_same_seeds_give_the_same_text_on_tensorflow(tmp_path, run_on_jax):
    import keras

    import keras_gans
    from keras_gans.text import Tokenizer

    keras.utils.set_random_seed(0)
    tokenizer = Tokenizer.train(["a cat sits on a mat", "two dogs run in the park", "rain"])
    model = keras_gans.create_model("seqgan", vocabulary_size=tokenizer.size, length=10, filters=0.01, seed=0)
    model.tokenizer = tokenizer
    keras_gans.save_preset(model, tmp_path / "preset")
    seeds = [3, 7, 2**62]
    flag = f"--seeds={','.join(map(str, seeds))}"
    process = run_on_jax("-m", "keras_gans_tools.cli", "generate", str(tmp_path / "preset"), flag)
    assert process.returncode == 0, process.stderr
    assert process.stdout.splitlines() == model.write(seeds=seeds)
