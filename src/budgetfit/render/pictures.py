"""The pictures of a plan as files."""

from __future__ import annotations

import io
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from budgetfit.errors import UsageError

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

    from PIL import Image

__all__ = ["check_new_folder", "write_pictures", "write_png"]


def check_new_folder(folder: str | os.PathLike[str]) -> None:
    """Check that ``folder`` does not exist yet or is an empty folder.

    Raises
    ------
    UsageError
        It is a file, holds something, or cannot be looked at.
    """
    path = Path(folder)
    try:
        if path.exists() and any(path.iterdir()):
            raise UsageError(f"the folder {path} is not empty; give a new or an empty one")
    except OSError as error:
        raise UsageError(
            f"cannot use {path} as a folder for pictures: {error.strerror}; give a new or an "
            "empty one"
        ) from error


def write_pictures(images: Sequence[Image.Image], folder: str | os.PathLike[str]) -> list[Path]:
    """Write ``images`` as ``000.png``, ``001.png`` ... into ``folder`` and return the paths.

    The folder is created, its parents too. Where anything fails, what was made is removed again.

    Raises
    ------
    UsageError
        The folder is not empty, or something cannot be written.
    """
    check_new_folder(folder)
    path = Path(folder)
    missing = [parent for parent in (path, *path.parents) if not parent.exists()]
    written: list[Path] = []
    try:
        path.mkdir(parents=True, exist_ok=True)
        for number, image in enumerate(images):
            with (path / f"{number:03}.png").open("xb") as file:
                written.append(Path(file.name))
                image.save(file, format="PNG")
    except BaseException as error:
        _remove(written, missing)
        if isinstance(error, OSError):
            raise UsageError(
                f"cannot write pictures into {path}: {error.strerror or error}; choose another "
                "folder"
            ) from error
        raise
    return written


def write_png(image: Image.Image, path: str | os.PathLike[str]) -> None:
    """Write ``image`` to the file ``path``, whatever was there before.

    Raises
    ------
    UsageError
        The file cannot be written.
    """
    buffer = io.BytesIO()
    image.save(buffer, format="PNG", optimize=True)
    try:
        Path(path).write_bytes(buffer.getvalue())
    except OSError as error:
        raise UsageError(
            f"cannot write the picture {path}: {error.strerror}; choose another path"
        ) from error


def _remove(files: Sequence[Path], folders: Sequence[Path]) -> None:
    for file in files:
        file.unlink(missing_ok=True)
    for folder in folders:
        # A folder stays where it was never made, or where somebody else put something into it.
        with suppress(OSError):
            folder.rmdir()
