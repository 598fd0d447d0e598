"""Whether a file is what it declares to be: its sample is generated again and compared."""

from keras_gans.verification.verifying import ALTERED, IDENTICAL, REENCODED, UNKNOWN, Verification, verify

__all__ = ["ALTERED", "IDENTICAL", "REENCODED", "UNKNOWN", "Verification", "verify"]
