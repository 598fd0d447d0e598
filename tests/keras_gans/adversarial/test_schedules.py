import keras
import pytest

from keras_gans.adversarial.schedules import DelayedSchedule


def test_a_schedule_begins_later():
    schedule = DelayedSchedule(keras.optimizers.schedules.PolynomialDecay(0.4, 10, 0.0), 20)
    copy = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(schedule))
    for each in (schedule, copy):
        rates = [float(each(step)) for step in (0, 20, 25, 30, 40)]
        assert rates == pytest.approx([0.4, 0.4, 0.2, 0.0, 0.0])
