"""Tables as CSV that a spreadsheet may open: no text in them is a formula.

A spreadsheet carries out what begins with =, +, -, @ or a full-width form of one of them, wherever
it finds a cell to begin: a country's own separator may be a semicolon or a tab. Such text gets an
apostrophe before the sign, the mark that spreadsheets themselves have for text. Numbers stay as they
are.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from pathlib import Path

_FORMULA = re.compile(r"""((?:\A\s*|[;,|"\t\r\n])["']*)([=+\-@\uff1d\uff0b\uff0d\uff20])""")
_BEGINS_WITH_SPACE = re.compile(r"\A[\t\r\n]")


def harmless(text: str) -> str:
    """Return text of which no cell that a spreadsheet makes of it is a formula."""
    if _is_number(text):
        return text
    text = text.encode("utf-8", "replace").decode()
    # A carriage return ends a row even where it is not quoted.
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if _BEGINS_WITH_SPACE.match(text):
        text = f"'{text}"
    return _FORMULA.sub(r"\1'\2", text)


def csv_text(table: pd.DataFrame) -> str:
    """Return a table as CSV with a line of names; numbers keep every digit."""
    return str(_harmless(table).to_csv(index=False, lineterminator="\n"))


def write_csv(table: pd.DataFrame, path: Path) -> None:
    """Write a table as `csv_text` gives it."""
    _harmless(table).to_csv(path, index=False, lineterminator="\n", encoding="utf-8")


def _harmless(table: pd.DataFrame) -> pd.DataFrame:
    names = [harmless(str(name)) for name in table.columns]
    if table.empty:
        return table.set_axis(names, axis=1)
    rows = table.reset_index(drop=True)
    columns = [_column(rows.iloc[:, index]) for index in range(rows.shape[1])]
    return pd.concat(columns, axis=1).set_axis(names, axis=1)


def _column(column: pd.Series[Any]) -> pd.Series[Any]:
    if isinstance(column.dtype, pd.CategoricalDtype):
        values = list(column.cat.categories)
        if not any(isinstance(value, str) and harmless(value) != value for value in values):
            return column
        column = column.astype(object)
    elif pd.api.types.is_numeric_dtype(column) or pd.api.types.is_datetime64_any_dtype(column):
        return column
    return column.map(lambda cell: harmless(cell) if isinstance(cell, str) else cell)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return text == text.strip() and text.isascii()
