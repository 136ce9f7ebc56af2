"""What is stored comes back, and only to those who ask for the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from benchmarks.information.pictures import Picture
from benchmarks.information.store import Store, Subject


def test_shares_come_back(tmp_path: Path) -> None:
    subject = Subject("judge", "clip", "moments")
    shares = {Picture(-5, 16, 32): np.array([0.25, 1.0]), Picture(7, 16, 32): np.array([0.0, 0.5])}
    with Store(tmp_path / "new" / "store.sqlite") as store:
        store.add_shares(subject, shares)
    with Store(tmp_path / "new" / "store.sqlite") as store:
        found = store.shares(subject)
        assert found.keys() == shares.keys()
        assert all((found[picture] == shares[picture]).all() for picture in shares)
        for field in Subject._fields:
            assert store.shares(subject._replace(**{field: "other"})) == {}


def test_notes_come_back(tmp_path: Path) -> None:
    with Store(tmp_path / "store.sqlite") as store:
        assert store.note("judge", "clip", "words") is None
        store.add_note("judge", "clip", "words", [["text", 0.5]])
        assert store.note("judge", "clip", "words") == [["text", 0.5]]
        store.add_note("judge", "clip", "words", [])
        assert store.note("judge", "clip", "words") == []
        assert store.note("judge", "other clip", "words") is None
