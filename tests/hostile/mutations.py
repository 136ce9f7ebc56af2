"""Damage to files: a seeded choice of what disks, networks and attackers do."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

from tests.hostile.seeds import NAMES, seed

__all__ = ["mutated"]

_MAX_OPERATIONS = 4
# What readers of sizes, counts and times may trip over, as 32 bits.
_EXTREMES = (0, 1, 7, 8, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF)
# Boxes of ISO/IEC 14496-12 that hold boxes.
_BOXES_OF_BOXES = {b"moov", b"trak", b"mdia", b"minf", b"stbl", b"edts", b"moof", b"traf", b"mvex"}
_LONGEST_PART = 4096


def mutated(run: int, number: int) -> tuple[str, bytes]:
    """Return the name of the whole file and the damaged one of this number.

    Parameters
    ----------
    run : int
        Seed of the whole run.
    number : int
        Which file of it; every whole file has its turn.
    """
    name = NAMES[number % len(NAMES)]
    rng = random.Random(f"{run}:{number}")
    content = bytearray(seed(name))
    for _ in range(rng.randint(1, _MAX_OPERATIONS)):
        if content:
            rng.choice(_OPERATIONS)(content, rng)
    return name, bytes(content)


def _position(content: bytearray, rng: random.Random) -> int:
    """Return a place; half of them among the headers in front."""
    end = min(len(content), 512) if rng.random() < 0.5 else len(content)
    return rng.randrange(end)


def _part(content: bytearray, rng: random.Random) -> slice:
    start = _position(content, rng)
    return slice(start, start + rng.randint(1, min(len(content), _LONGEST_PART)))


def _flip_bits(content: bytearray, rng: random.Random) -> None:
    for _ in range(rng.choice((1, 1, 2, 8, 64))):
        content[_position(content, rng)] ^= 1 << rng.randrange(8)


def _replace_bytes(content: bytearray, rng: random.Random) -> None:
    for _ in range(rng.choice((1, 2, 4, 16))):
        content[_position(content, rng)] = rng.randrange(256)


def _truncate(content: bytearray, rng: random.Random) -> None:
    del content[rng.randrange(len(content)) :]


def _cut_out(content: bytearray, rng: random.Random) -> None:
    del content[_part(content, rng)]


def _repeat(content: bytearray, rng: random.Random) -> None:
    part = _part(content, rng)
    content[part.start : part.start] = content[part] * rng.choice((1, 2, 16))


def _move(content: bytearray, rng: random.Random) -> None:
    part = _part(content, rng)
    taken = content[part]
    del content[part]
    place = rng.randint(0, len(content))
    content[place:place] = taken


def _blank(content: bytearray, rng: random.Random) -> None:
    part = _part(content, rng)
    content[part] = rng.choice((b"\0", b"\xff")) * len(content[part])


def _splice(content: bytearray, rng: random.Random) -> None:
    other = bytearray(seed(rng.choice(NAMES)))
    content[_position(content, rng) :] = other[rng.randrange(len(other)) :]


def _extreme_number(content: bytearray, rng: random.Random) -> None:
    start = _position(content, rng)
    _write_number(content, start, rng)


def _extreme_field(content: bytearray, rng: random.Random) -> None:
    """Change the size, or a field near the beginning, of a box or a chunk."""
    found = list(_fields(content))
    if found:
        _write_number(content, rng.choice(found) + rng.choice((0, 0, *range(4, 40, 4))), rng)


def _write_number(content: bytearray, start: int, rng: random.Random) -> None:
    value, order = rng.choice(_EXTREMES), rng.choice(("big", "little"))
    replaced = content[start : start + 4]
    content[start : start + 4] = value.to_bytes(4, order)[: len(replaced)]  # type: ignore[arg-type]


def _fields(content: bytearray) -> Iterator[int]:
    """Yield where the sizes of an MP4's boxes or of a RIFF file's chunks lie."""
    if content[:4] == b"RIFF":
        yield from _chunk_sizes(content, 12)
    else:
        yield from _box_sizes(content, 0, len(content))


def _box_sizes(content: bytearray, start: int, end: int) -> Iterator[int]:
    while start + 8 <= end:
        size = int.from_bytes(content[start : start + 4], "big")
        if size < 8 or not content[start + 4 : start + 8].isascii():
            return
        yield start
        if bytes(content[start + 4 : start + 8]) in _BOXES_OF_BOXES:
            yield from _box_sizes(content, start + 8, min(start + size, end))
        start += size


def _chunk_sizes(content: bytearray, start: int) -> Iterator[int]:
    while start + 8 <= len(content):
        yield start + 4
        is_list = content[start : start + 4] == b"LIST"
        size = int.from_bytes(content[start + 4 : start + 8], "little")
        start += 12 if is_list else 8 + size + size % 2


_OPERATIONS: tuple[Callable[[bytearray, random.Random], None], ...] = (
    _flip_bits,
    _replace_bytes,
    _truncate,
    _cut_out,
    _repeat,
    _move,
    _blank,
    _splice,
    _extreme_number,
    _extreme_field,
    _extreme_field,
)
