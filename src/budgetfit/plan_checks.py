"""Whether the numbers of a plan file agree with each other."""

from __future__ import annotations

import os
from dataclasses import fields
from itertools import pairwise
from typing import TYPE_CHECKING

from budgetfit.plan_parts import PlannedSheet, sent_pictures
from budgetfit.profiles import PROFILES, ImageRules, TokenRules
from budgetfit.tokens.images import num_image_tokens
from budgetfit.tokens.layout import BLANK_LINE
from budgetfit.tokens.sheets import LABEL_ROWS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from budgetfit.plan_files import FramePart, PlanDocument
__all__ = ["contradictions"]


def contradictions(document: PlanDocument) -> Iterator[str]:
    """Yield what cannot be in ``document``, in words; the first may cause those after it."""
    rules = _rules(document)
    if rules is None:
        yield f"profile {document.profile!r} is unknown"
        return
    yield from _wrong_rules(document, rules)
    sheets = [PlannedSheet(**sheet.model_dump()) for sheet in document.sheets]
    found = list(_misplaced(sheets, len(document.frames)))
    for number, sheet in enumerate(sheets):
        found += (f"sheet {number} {problem}" for problem in _wrong_sheet(sheet, rules))
        if sheet.label_rows != (LABEL_ROWS if document.time_labels else 0):
            found.append(
                f"sheet {number} has label_rows {sheet.label_rows} "
                f"but time_labels is {document.time_labels}"
            )
    yield from found
    if found:
        return
    sheet_of = {index: sheet for sheet in sheets for index in sheet.frames}
    for index, frame in enumerate(document.frames):
        on = sheet_of.get(index)
        problems = _wrong_tile(frame, on, rules) if on else _wrong_frame(frame, rules)
        yield from (f"frame {index} {problem}" for problem in problems)
    yield from _wrong_sums(document)


def _rules(document: PlanDocument) -> ImageRules | None:
    """Return the rules for images that the plan's counts rest on; None where nothing tells."""
    if document.profile not in PROFILES and not os.path.isabs(document.profile):
        return None
    if document.token_rules is not None:
        return TokenRules(**document.token_rules.model_dump())
    return PROFILES.get(document.profile)


def _wrong_rules(document: PlanDocument, rules: ImageRules) -> Iterator[str]:
    known = PROFILES.get(document.profile)
    for part in fields(ImageRules) if known else ():
        ours, theirs = getattr(known, part.name), getattr(rules, part.name)
        if ours != theirs:
            yield f"token_rules has {part.name} {theirs} but {document.profile} has {ours}"


def _misplaced(sheets: list[PlannedSheet], num_frames: int) -> Iterator[str]:
    """Yield which sheets are out of order, or which frames are on a sheet wrongly."""
    seen: set[int] = set()
    for number, sheet in enumerate(sheets):
        if sheet.frames[-1] >= num_frames:
            yield f"sheet {number} has frame {sheet.frames[-1]} of {num_frames}"
        if any(later <= earlier for earlier, later in pairwise(sheet.frames)):
            yield f"sheet {number} has its frames out of order"
        if seen.intersection(sheet.frames):
            yield f"sheet {number} has frames that are on another sheet"
        seen.update(sheet.frames)
    if any(later.frames[0] < earlier.frames[0] for earlier, later in pairwise(sheets)):
        yield "the sheets are not in the order of their first frames"


def _wrong_sheet(sheet: PlannedSheet, rules: ImageRules) -> Iterator[str]:
    if len(sheet.frames) != sheet.columns * sheet.rows:
        yield f"of {sheet.columns}x{sheet.rows} tiles has {len(sheet.frames)} frames"
    side = rules.side_multiple
    size = f"of {sheet.width}x{sheet.height} pixels"
    if max(sheet.width, sheet.height) > rules.max_image_size:
        yield f"{size} exceeds the model's longest side of {rules.max_image_size}"
    if sheet.width % (side * sheet.columns) or sheet.height % (side * sheet.rows):
        yield f"{size} is not made of {sheet.columns}x{sheet.rows} tiles of whole patches"
    elif sheet.layout(side).tile.rows < 1:
        yield f"{size} has no room for tiles below its labels"
    expected = num_image_tokens(sheet.width, sheet.height, rules)
    if sheet.num_tokens != expected:
        yield f"{size} costs {expected} tokens, not {sheet.num_tokens}"


def _wrong_tile(frame: FramePart, sheet: PlannedSheet, rules: ImageRules) -> Iterator[str]:
    layout = sheet.layout(rules.side_multiple)
    width, height = layout.tile_size(rules.side_multiple)
    if (frame.width, frame.height) != (width, height):
        yield f"of {frame.width}x{frame.height} pixels is in a tile of {width}x{height}"
    expected = layout.cell.columns * layout.cell.rows
    if frame.num_tokens != expected:
        yield f"in a tile costs {expected} tokens, not {frame.num_tokens}"


def _wrong_frame(frame: FramePart, rules: ImageRules) -> Iterator[str]:
    expected = num_image_tokens(frame.width, frame.height, rules)
    if frame.num_tokens != expected:
        yield (
            f"of {frame.width}x{frame.height} pixels costs {expected} tokens, "
            f"not {frame.num_tokens}"
        )
    if frame.width % rules.side_multiple or frame.height % rules.side_multiple:
        yield "is not made of whole patches"


def _wrong_sums(document: PlanDocument) -> Iterator[str]:
    limits, num_tokens = document.limits, document.num_tokens
    pictures = sent_pictures(document.frames, document.sheets, document.sheets)
    if num_tokens <= sum(p.num_tokens for p in pictures) + document.prompt.num_tokens:
        yield f"num_tokens {num_tokens} is less than its parts"
    blocks = [block.text for block in document.prompt.blocks]
    if blocks and document.prompt.text != BLANK_LINE.join(filter(None, blocks)):
        yield "the prompt's text is not that of its blocks"
    if limits.max_prompt_tokens != limits.max_model_len - limits.max_tokens:
        yield "max_prompt_tokens is not max_model_len - max_tokens"
    if num_tokens > limits.max_prompt_tokens:
        yield f"num_tokens {num_tokens} exceeds max_prompt_tokens {limits.max_prompt_tokens}"
    if limits.max_images is not None and len(pictures) > limits.max_images:
        yield f"{len(pictures)} pictures exceed max_images {limits.max_images}"
    if document.information > document.best_bound:
        yield f"information {document.information} exceeds best_bound {document.best_bound}"
