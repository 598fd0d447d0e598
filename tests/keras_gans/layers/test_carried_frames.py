import keras
import numpy as np
from keras import ops
from scipy.ndimage import map_coordinates

from keras_gans.layers import CarriedFrames
from tests.keras_gans.layers.checks import check_gradients, check_saving

RNG = np.random.default_rng(0)
FRAME = RNG.normal(size=(2, 6, 7, 3)).astype("float32")
VELOCITY = RNG.uniform(-2, 2, (2, 6, 7, 2)).astype("float32")


def test_a_steady_flow_moves_the_frame():
    down_and_right = np.broadcast_to(np.array([1, 2], "float32"), VELOCITY.shape)
    made = ops.convert_to_numpy(CarriedFrames(3)([FRAME, down_and_right]))
    assert made.shape == (2, 3, 6, 7, 3)
    np.testing.assert_allclose(made[:, 0, 1:, 2:], FRAME[:, :-1, :-2], atol=1e-6)
    np.testing.assert_allclose(made[:, 2, 3:, 6:], FRAME[:, :-3, :-6], atol=1e-6)
    # What comes from outside shows the edge.
    np.testing.assert_allclose(made[:, 2, 3:, 0], FRAME[:, :-3, 0], atol=1e-6)


def test_it_interpolates_as_scipy_does(tmp_path):
    frame, velocity = keras.Input((6, 7, 3)), keras.Input((6, 7, 2))
    model = keras.Model([frame, velocity], CarriedFrames(4)([frame, velocity]))
    made = np.asarray(model([FRAME, VELOCITY]))
    for clip, one, flow in zip(made, FRAME, VELOCITY, strict=True):
        for step, frame_made in enumerate(clip, 1):
            places = np.indices((6, 7)) - step * np.moveaxis(flow, -1, 0)
            for channel in range(3):
                expected = map_coordinates(one[..., channel], places, order=1, mode="nearest")
                np.testing.assert_allclose(frame_made[..., channel], expected, atol=1e-5)
    check_saving(model, [FRAME, VELOCITY], tmp_path)


def test_the_gradient_by_the_frame_is_right():
    flow = ops.convert_to_tensor(VELOCITY[:1, :3, :4])
    check_gradients(lambda frame: CarriedFrames(2)([frame, flow]), FRAME[:1, :3, :4, :1])


def test_the_gradient_by_the_flow_points_to_where_things_have_gone():
    """A ramp that rises to the right becomes darker, by its slope, where it is carried to the right."""
    from keras_gans.backend import input_gradient

    ramp = np.broadcast_to(np.arange(7, dtype="float32")[:, None], (1, 6, 7, 1))
    flow = np.full((1, 6, 7, 2), 0.25, "float32")
    gradient = input_gradient(
        lambda velocity: ops.sum(CarriedFrames(2)([ops.convert_to_tensor(ramp), velocity])), ops.convert_to_tensor(flow)
    )
    gradient = np.asarray(gradient)
    np.testing.assert_allclose(gradient[0, :, 1:, 1], -3.0, atol=1e-5)  # one step, and two
    np.testing.assert_allclose(gradient[..., 0], 0.0, atol=1e-5)
