"""A journal keeps what it said was kept, drops what is torn, and refuses what is not its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from budgetfit.batch.journal import Journal, records_of
from budgetfit.errors import JournalError


def record(number: int, **more: Any) -> dict[str, Any]:
    return {"key": f"{number:064x}", "copy": 0, "text": "é\n\udcff" * number, **more}


def write(path: Path, numbers: range) -> None:
    journal = Journal(path)
    for number in numbers:
        journal.append([record(number)])
    journal.close()


def number_kept(path: Path) -> int:
    journal = Journal(path)
    journal.close()
    return len(journal)


def test_what_was_kept_is_found_again(tmp_path: Path) -> None:
    path = tmp_path / "run.journal"
    write(path, range(5))
    journal = Journal(path)
    assert len(journal) == 5
    assert journal.find(record(3)["key"], 0) == record(3)
    assert journal.find(record(3)["key"], 1) is None
    journal.append([record(3, copy=1), record(9)])
    assert journal.find(record(3)["key"], 1) == record(3, copy=1)
    journal.close()
    assert list(records_of(path)) == [*map(record, range(5)), record(3, copy=1), record(9)]


@given(cut=st.integers(0, 2000), tail=st.binary(max_size=30))
def test_a_torn_end_is_dropped_wherever_it_is(
    tmp_path_factory: pytest.TempPathFactory, cut: int, tail: bytes
) -> None:
    path = tmp_path_factory.mktemp("torn") / "run.journal"
    write(path, range(4))
    whole = path.read_bytes()
    cut = min(cut, len(whole))
    ends = [index + 1 for index, byte in enumerate(whole) if byte == ord("\n")]
    kept = max(sum(end <= cut for end in ends) - 1, 0)
    # What a power cut leaves behind the last whole line is anything; behind half a header nothing.
    path.write_bytes(whole[:cut] + (tail if cut >= ends[0] else b""))
    journal = Journal(path)
    assert len(journal) == kept
    journal.append([record(7)])
    journal.close()
    assert list(records_of(path)) == [*map(record, range(kept)), record(7)]
    assert path.read_bytes()[: ends[kept]] == whole[: ends[kept]]


def test_damage_before_the_end_is_no_torn_end(tmp_path: Path) -> None:
    path = tmp_path / "run.journal"
    write(path, range(4))
    content = bytearray(path.read_bytes())
    place = content.index(b"\n", content.index(b"\n") + 1) - 20
    content[place] ^= 1
    path.write_bytes(content)
    with pytest.raises(JournalError, match=r"damaged at byte \d+"):
        Journal(path)
    assert path.read_bytes() == content
    # As the error says: without that line, the others are there.
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([lines[0], *lines[2:]]))
    assert number_kept(path) == 3


@pytest.mark.parametrize("content", [b"hello", b"[1, 2]\n", b"\0" * 300, b'{"crc32":'])
def test_another_file_is_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other"
    path.write_bytes(content)
    if content.startswith(b'{"crc32":'):
        # The beginning of a journal, as a kill in its first moment leaves it.
        Journal(path).close()
        return
    for read in (Journal, lambda path: list(records_of(path))):
        with pytest.raises(JournalError, match="no journal"):
            read(path)
    assert path.read_bytes() == content


def test_two_runs_do_not_share_one(tmp_path: Path) -> None:
    path = tmp_path / "run.journal"
    journal = Journal(path)
    with pytest.raises(JournalError, match="another run"):
        Journal(path)
    journal.append([record(1)])
    # Reading does no harm.
    assert list(records_of(path)) == [record(1)]
    journal.close()
    assert number_kept(path) == 1


@pytest.mark.parametrize("name", ["missing/run.journal", ".", "fifo", "nul\0"])
def test_a_path_that_cannot_be_one_is_an_error(tmp_path: Path, name: str) -> None:
    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(JournalError, match=r"cannot open|not a regular"):
        Journal(os.path.join(tmp_path, name))


def test_a_full_disk_is_an_error_and_what_was_kept_stays(tmp_path: Path) -> None:
    path = tmp_path / "run.journal"
    # The kernel refuses what goes beyond the limit, in the middle of a record.
    code = (
        "import resource, sys\n"
        "from budgetfit.batch.journal import Journal\n"
        "from budgetfit.errors import JournalError\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))\n"
        "journal = Journal(sys.argv[1])\n"
        "for number in range(100):\n"
        "    try:\n"
        "        journal.append([{'key': str(number), 'copy': 0, 'text': 'x' * 300}])\n"
        "    except JournalError as error:\n"
        "        print(number, error)\n"
        "        break\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, path], capture_output=True, text=True, check=True
    )
    number, _, message = done.stdout.partition(" ")
    assert "cannot write the journal" in message
    assert "File too large" in message
    assert [one["key"] for one in records_of(path)] == [str(n) for n in range(int(number))]
    assert number_kept(path) == int(number) > 5


def test_an_unwritable_file_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "run.journal"
    write(path, range(1))
    path.chmod(0o400)
    if os.access(path, os.W_OK):
        # Whom permissions do not bind: a file system that cannot be written does.
        path = Path("/proc/run.journal")
    with pytest.raises(JournalError, match="cannot open"):
        Journal(path)
