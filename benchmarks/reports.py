"""Results as tables: on the terminal, and as Markdown under docs/measured."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table as RichTable

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["MEASURED", "Section", "Table", "markdown", "publish", "show", "write"]

MEASURED = Path(__file__).resolve().parents[1] / "docs" / "measured"

# Wide enough that no table is wrapped where the output is not a terminal.
_WIDTH = 200


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of text under a title; the first column is left-aligned, the others right.

    Attributes
    ----------
    title : str
        What the rows are.
    columns : sequence of str
        Headings.
    rows : sequence of sequence of str
        As many cells as columns.
    """

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a page.

    Attributes
    ----------
    heading : str
        What it is about.
    text : sequence of str
        Paragraphs before the tables.
    tables : sequence of Table
        The results.
    """

    heading: str
    text: Sequence[str]
    tables: Sequence[Table]


def markdown(table: Table) -> str:
    """Return ``table`` in Markdown, without its title."""
    ruler = ["---", *["---:"] * (len(table.columns) - 1)]
    lines = [table.columns, ruler, *table.rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines) + "\n"


def publish(path: Path, heading: str, text: Sequence[str], tables: Sequence[Table]) -> None:
    """Print paragraphs and tables, and write them to ``path`` as Markdown."""
    show(text, tables)
    write(path, heading, text, tables)


def show(text: Sequence[str], tables: Sequence[Table]) -> None:
    """Print paragraphs and tables."""
    console = _console()
    for paragraph in text:
        console.print(paragraph, markup=False, highlight=False)
        console.print()
    for table in tables:
        console.print(_rich(table))


def write(
    path: Path,
    heading: str,
    text: Sequence[str],
    tables: Sequence[Table],
    sections: Sequence[Section] = (),
) -> None:
    """Write paragraphs, tables and sections to ``path`` as Markdown, and print that it was done."""
    blocks = [f"# {heading}", *text, *_blocks(tables, "##")]
    for section in sections:
        blocks += [f"## {section.heading}", *section.text, *_blocks(section.tables, "###")]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n\n".join(blocks) + "\n", encoding="utf-8")
    _console().print(f"written to {path.parent.name}/{path.name}", highlight=False)


def _blocks(tables: Sequence[Table], mark: str) -> list[str]:
    return [text for t in tables for text in (f"{mark} {t.title}", markdown(t).rstrip())]


def _console() -> Console:
    console = Console()
    return console if console.is_terminal else Console(width=_WIDTH)


def _rich(table: Table) -> RichTable:
    rich_table = RichTable(title=table.title, title_justify="left")
    for index, column in enumerate(table.columns):
        rich_table.add_column(column, justify="right" if index else "left")
    for row in table.rows:
        rich_table.add_row(*row)
    return rich_table
