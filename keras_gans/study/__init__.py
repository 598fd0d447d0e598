"""Human evaluation of samples: studies that people take part in on a page, and their results. See docs/study.md."""

from keras_gans.study.answers import Answer, Answers, StorageError
from keras_gans.study.bradley_terry import bradley_terry
from keras_gans.study.create import create_study
from keras_gans.study.folder import Item, Study, load_study
from keras_gans.study.intervals import bootstrap_interval, signal_detection, welch_interval
from keras_gans.study.plan import Trial, plan
from keras_gans.study.protocols import PROTOCOLS, STAIRCASES, Protocol, Staircase
from keras_gans.study.raters import Rater, rate_raters
from keras_gans.study.report import read_results, write_csv, write_report
from keras_gans.study.results import summarise
from keras_gans.study.sample_size import half_width, pairs_to_distinguish, raters_to_distinguish, votes_for_width
from keras_gans.study.simulation import Truth, simulate_answers, simulate_studies, study_in_memory

__all__ = [
    "PROTOCOLS",
    "STAIRCASES",
    "Answer",
    "Answers",
    "Item",
    "Protocol",
    "Rater",
    "Staircase",
    "StorageError",
    "Study",
    "Trial",
    "Truth",
    "bootstrap_interval",
    "bradley_terry",
    "create_study",
    "half_width",
    "load_study",
    "pairs_to_distinguish",
    "plan",
    "rate_raters",
    "raters_to_distinguish",
    "read_results",
    "signal_detection",
    "simulate_answers",
    "simulate_studies",
    "study_in_memory",
    "summarise",
    "votes_for_width",
    "welch_interval",
    "write_csv",
    "write_report",
]
