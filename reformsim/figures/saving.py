"""Figures as files: PNG, SVG and PDF, the same bytes whenever and wherever they are made."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .style import DPI, settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.figure import Figure

# Nothing says when or with what a file was made; letters are shapes in SVG and TrueType in PDF.
_METADATA: dict[str, dict[str, None]] = {
    "png": {"Software": None},
    "svg": {"Date": None, "Creator": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}
FORMATS = tuple(_METADATA)


@dataclass(frozen=True)
class Picture:
    """A finished figure with the words that go with it."""

    name: str
    """What its file is called, without the ending."""
    title: str
    caption: str
    """What is shown and how to read it."""
    alt: str
    """What is seen, for those who cannot see it."""
    figure: Figure = field(repr=False, compare=False)

    @cached_property
    def png(self) -> bytes:
        """The picture as PNG, which pages show."""
        return png_bytes(self.figure)

    def images(self, formats: tuple[str, ...] = ("png",)) -> dict[str, bytes]:
        """Return the contents of its files by their names."""
        return {
            f"{self.name}.{kind}": self.png if kind == "png" else image_bytes(self.figure, kind)
            for kind in formats
        }


def image_bytes(figure: Figure, kind: str) -> bytes:
    """Return a figure in one of FORMATS; PNG has 150 dots an inch.

    The same figure is the same bytes: nothing in them says when they were made.
    """
    buffer = io.BytesIO()
    options: dict[str, Any] = {"dpi": DPI} if kind == "png" else {}
    with settings():
        figure.savefig(buffer, format=kind, metadata=_METADATA[kind], **options)
    return buffer.getvalue()


def image_files(figures: Mapping[str, Figure], formats: tuple[str, ...]) -> dict[str, bytes]:
    """Return figures as files, by name and ending: PNG, which pages show, and each of `formats`."""
    return {
        f"{name}.{kind}": image_bytes(figure, kind)
        for name, figure in figures.items()
        for kind in dict.fromkeys(("png", *formats))
    }


def png_bytes(figure: Figure) -> bytes:
    """Return a figure as PNG (see `image_bytes`)."""
    return image_bytes(figure, "png")


def save(figure: Figure, path: str | Path) -> Path:
    """Write a figure in the format that the path ends in, making the folder if need be; return it."""
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(image_bytes(figure, target.suffix.lower().removeprefix(".")))
    return target
