"""Pictures as files in a folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reformsim.writing import FIGURES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reformsim.figures import Picture
    from reformsim.writing import OutputFolder


def write_pictures(
    folder: OutputFolder, pictures: Iterable[Picture], formats: tuple[str, ...]
) -> None:
    """Write pictures into the folder of figures, in each of the formats."""
    for picture in pictures:
        for name, content in picture.images(formats).items():
            with folder.writing(f"{FIGURES}/{name}") as path:
                path.write_bytes(content)
