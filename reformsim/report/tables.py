"""Tables of runs as CSV files in a folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from reformsim.record import Result
    from reformsim.writing import OutputFolder


def write_tables(folder: OutputFolder, results: Sequence[Result]) -> None:
    """Write the monthly series, the events and the costs of runs."""
    from reformsim.results import costs_frame, events_frame, series_frame

    frames = {
        "series.csv": series_frame(results),
        "events.csv": events_frame(results),
        "costs.csv": costs_frame(results, every=12),
    }
    for name, frame in frames.items():
        write_csv(folder, name, frame)


def write_csv(folder: OutputFolder, name: str, frame: pd.DataFrame) -> None:
    """Write a table; numbers keep every digit, so that it reads back as it was.

    Names that a spreadsheet would take for formulas have an apostrophe (see `spreadsheet`).
    """
    from reformsim.results import spreadsheet

    with folder.writing(name) as path:
        spreadsheet.write_csv(frame, path)
