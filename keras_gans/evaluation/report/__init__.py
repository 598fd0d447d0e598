"""The report of an evaluation as one HTML file, and results side by side as a chart. Needs the extra `reports`."""

from keras_gans.evaluation.report.charts import comparison_chart, curve_charts, write_comparison
from keras_gans.evaluation.report.curves import read_curves
from keras_gans.evaluation.report.extra import import_extra
from keras_gans.evaluation.report.grids import write_grids
from keras_gans.evaluation.report.history import plot_history
from keras_gans.evaluation.report.html import write_report

__all__ = [
    "comparison_chart",
    "curve_charts",
    "import_extra",
    "plot_history",
    "read_curves",
    "write_comparison",
    "write_grids",
    "write_report",
]
