"""Tables that a spreadsheet opens without running anything that stands in them.

A spreadsheet takes a text for a formula if it begins with one of a few signs, and a formula can
start programs and send what is in other cells away. Names, titles and answers may be anybody's.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

# Behind a semicolon or a tab too, which part cells where the comma is the decimal sign.
_FORMULA = re.compile("(?:^|(?<=[;\t\n\r]))(?=[=+\\-@\t\r＝＋－＠])")

_NUMBER = re.compile(r"[+-]?\d[\d.]*(e[+-]?\d+)?", re.IGNORECASE | re.ASCII)


@lru_cache(maxsize=65536)
def inert(text: str) -> str:
    """Return a text with an apostrophe before what a spreadsheet would take for a formula.

    A text that is a number, and nothing else, stays one.
    """
    if _NUMBER.fullmatch(text):
        return text
    return _FORMULA.sub("'", text)


def inert_table(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table in which no text and no heading is a formula; numbers stay what they are."""
    safe = table.copy(deep=False)
    safe.columns = [inert(str(name)) for name in table.columns]
    for nth, kind in enumerate(table.dtypes):
        if kind.kind not in "biufcmM":
            cells = table.iloc[:, nth].map(_inert_cell)
            safe.isetitem(nth, cells.array)
    return safe


def _inert_cell(cell: object) -> object:
    if not isinstance(cell, str):
        return cell
    # Lines end as the file's do, since Python would not quote a text with another end.
    return inert(cell.replace("\r\n", "\n").replace("\r", "\n"))
