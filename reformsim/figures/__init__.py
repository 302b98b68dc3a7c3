"""Figures: functions that draw tables on axes, and others that make whole figures.

They never run a model, open no window, and leave matplotlib's global state as it was.
"""

from .matplotlib_import import import_matplotlib

import_matplotlib()

from .contrast import contrast, contrast_figure
from .differences import cost_and_gain, differences
from .gallery import gallery, write_gallery
from .graph import support_graph
from .pages import (
    cost_and_gain_figure,
    differences_figure,
    graph_figure,
    need_gap_figure,
    strain_figure,
    survival_figure,
    trajectories_figure,
)
from .plan import plan_figure, plan_picture
from .saving import FORMATS, Picture, image_bytes, image_files, png_bytes, save
from .style import STRATEGIES, Style, styles_for, title_of
from .ties import ties_figure
from .trajectories import mark_departures, mark_events, need_gap, survival, trajectories
from .whatif import difference_path, difference_path_figure

__all__ = [
    "FORMATS",
    "STRATEGIES",
    "Picture",
    "Style",
    "contrast",
    "contrast_figure",
    "cost_and_gain",
    "cost_and_gain_figure",
    "difference_path",
    "difference_path_figure",
    "differences",
    "differences_figure",
    "gallery",
    "graph_figure",
    "image_bytes",
    "image_files",
    "mark_departures",
    "mark_events",
    "need_gap",
    "need_gap_figure",
    "plan_figure",
    "plan_picture",
    "png_bytes",
    "save",
    "strain_figure",
    "styles_for",
    "support_graph",
    "survival",
    "survival_figure",
    "ties_figure",
    "title_of",
    "trajectories",
    "trajectories_figure",
    "write_gallery",
]
