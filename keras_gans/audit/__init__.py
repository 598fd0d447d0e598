"""Membership inference: how well can someone tell from a trained model which samples it was trained on?"""

from keras_gans.audit.attacks import Candidates
from keras_gans.audit.auditing import audit
from keras_gans.audit.exposed import draw_exposed, exposed
from keras_gans.audit.rates import area_under_curve, found_at

__all__ = ["Candidates", "area_under_curve", "audit", "draw_exposed", "exposed", "found_at"]
