"""The files that the command line reads and writes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from budgetfit.errors import UsageError
from budgetfit.render.pictures import check_new_folder, write_pictures, write_png

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PIL import Image

    from budgetfit.plans import Plan

__all__ = ["STDOUT", "Outputs", "check_file", "read_text"]

STDOUT = Path("-")


def read_text(path: Path, what: str) -> str:
    """Return the text of a file, every character of it.

    Parameters
    ----------
    path : Path
    what : str
        What the file is, for errors.

    Raises
    ------
    UsageError
        The file cannot be read, or is not UTF-8.
    """
    try:
        return path.read_bytes().decode("utf-8")
    except OSError as error:
        raise UsageError(
            f"cannot read the {what} file {path}: {error.strerror}; check the path"
        ) from error
    except UnicodeDecodeError as error:
        raise UsageError(
            f"the {what} file {path} is not UTF-8 (byte {error.start}); save it as UTF-8"
        ) from error


def check_file(option: str, path: Path) -> None:
    """Refuse what is no file in a folder that exists.

    Raises
    ------
    UsageError
        It is a folder, or in none.
    """
    if path.is_dir() or not path.parent.is_dir():
        reason = "is a folder" if path.is_dir() else f"is in {path.parent}, which is no folder"
        raise UsageError(f"{option} {path} {reason}; give a file in a folder that exists")


@dataclass(frozen=True, slots=True)
class Outputs:
    """What is to be written.

    Attributes
    ----------
    json : Path or None
        File for the plan; ``-`` is stdout.
    images : Path or None
        New folder for the pictures.
    contact_sheet : Path or None
        PNG file for all pictures on one sheet.
    report : Path or None
        HTML file for a page about the plan.
    """

    json: Path | None = None
    images: Path | None = None
    contact_sheet: Path | None = None
    report: Path | None = None

    @property
    def json_on_stdout(self) -> bool:
        """Whether stdout is for the plan, so that words go to stderr."""
        return self.json == STDOUT

    def check(self, inputs: Sequence[Path]) -> None:
        """Refuse, before any work, what could not be written or would overwrite ``inputs``.

        Raises
        ------
        UsageError
            An option names what it cannot.
        MissingExtraError
            A report is wanted and its extra is not installed.
        """
        if self.images is not None:
            check_new_folder(self.images)
        if self.contact_sheet is not None and self.contact_sheet.suffix.lower() != ".png":
            raise UsageError(
                f"--contact-sheet is {self.contact_sheet}, which does not end in .png; "
                "give the name of a PNG file"
            )
        if self.report is not None:
            self._check_report(self.report)
        files = {
            "--json": self.json,
            "--contact-sheet": self.contact_sheet,
            "--report": self.report,
        }
        taken = {path.resolve(): "an input" for path in inputs}
        for option, path in files.items():
            if path is None or path == STDOUT:
                continue
            check_file(option, path)
            self._check_outside_images(option, path)
            if path.resolve() in taken:
                raise UsageError(
                    f"{option} {path} is {taken[path.resolve()]} as well; give another file"
                )
            taken[path.resolve()] = f"the file of {option}"

    @property
    def need_pictures(self) -> bool:
        """Whether ``write`` uses the pictures."""
        return self.images is not None or self.contact_sheet is not None

    def write(self, plan: Plan, images: Sequence[Image.Image]) -> None:
        """Write everything but the report and what goes to stdout.

        Parameters
        ----------
        plan : Plan
            The plan.
        images : sequence of PIL.Image.Image
            Its pictures; may be empty where ``need_pictures`` is false.

        Raises
        ------
        UsageError
            Something cannot be written.
        """
        if self.json is not None and not self.json_on_stdout:
            plan.save(self.json)
        if self.images is not None:
            write_pictures(images, self.images)
        if self.contact_sheet is not None:
            from budgetfit.render.contact_sheet import contact_sheet

            write_png(contact_sheet(plan, images), self.contact_sheet)

    def write_report(self, plan: Plan) -> None:
        """Write the report, where there is to be one.

        Raises
        ------
        UsageError
            It cannot be written.
        """
        if self.report is not None:
            from budgetfit.report import report

            report(plan, self.report)

    @staticmethod
    def _check_report(path: Path) -> None:
        from budgetfit.report import require_jinja

        if path.suffix.lower() not in {".html", ".htm"}:
            raise UsageError(
                f"--report is {path}, which does not end in .html; give the name of an HTML file"
            )
        require_jinja()

    def _check_outside_images(self, option: str, path: Path) -> None:
        if self.images is not None and self.images.resolve() in path.resolve().parents:
            raise UsageError(
                f"{option} {path} is inside the folder of --images, which holds pictures only; "
                "give another folder"
            )
