"""Whether a file is what it declares to be: its sample is generated again and compared; text, by its watermark."""

from keras_gans.verification.text_watermark import WatermarkTest, find_watermark
from keras_gans.verification.verifying import ALTERED, IDENTICAL, REENCODED, UNKNOWN, Verification, verify

__all__ = ["ALTERED", "IDENTICAL", "REENCODED", "UNKNOWN", "Verification", "WatermarkTest", "find_watermark", "verify"]
