"""The rows of the list of published patterns, by theme."""

from . import (
    advice,
    budget,
    coaching,
    colleagues,
    contribution,
    growth,
    nulls,
    overload,
    pipeline,
    principals,
    resilience,
    superintendents,
    survival,
    teachers,
    tenure,
    ties,
    week,
)

NUMBERS = (
    *(1, 2, 3, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 16, 17, 18, 19),
    *(21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33),
)
"""The numbers of the list, with the gaps it has."""

_THEMES = (
    *(superintendents, tenure, principals, teachers, week, budget, contribution, coaching, nulls),
    *(pipeline, survival, ties, growth, resilience, overload, advice, colleagues),
)
ROWS = tuple(sorted((row for theme in _THEMES for row in theme.ROWS), key=lambda row: row.number))
"""Every row, in the order of the list."""
