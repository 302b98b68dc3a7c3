"""The rows of the list of published patterns, by theme."""

from . import (
    budget,
    coaching,
    contribution,
    nulls,
    pipeline,
    principals,
    superintendents,
    survival,
    teachers,
    week,
)

NUMBERS = (1, 2, 3, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 16, 17, 18, 21, 22)
"""The numbers of the list, with the gaps it has."""

_THEMES = (
    *(superintendents, principals, teachers, week, budget),
    *(contribution, coaching, nulls, pipeline, survival),
)
ROWS = tuple(sorted((row for theme in _THEMES for row in theme.ROWS), key=lambda row: row.number))
"""Every row, in the order of the list."""
