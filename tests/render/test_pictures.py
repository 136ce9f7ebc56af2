from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from budgetfit.errors import UsageError
from budgetfit.render.pictures import check_new_folder, write_pictures, write_png
from tests.render.plans import noise


@given(sizes=st.lists(st.tuples(st.integers(1, 40), st.integers(1, 40)), max_size=5))
def test_writes_exactly_the_pictures(
    tmp_path_factory: pytest.TempPathFactory, sizes: list[tuple[int, int]]
) -> None:
    folder = tmp_path_factory.mktemp("out") / "deeper" / "pictures"
    images = [noise(*size, seed) for seed, size in enumerate(sizes)]
    paths = write_pictures(images, folder)
    assert sorted(folder.iterdir()) == paths
    assert [path.name for path in paths] == [f"{n:03}.png" for n in range(len(images))]
    for path, image in zip(paths, images, strict=True):
        with Image.open(path) as written:
            assert written.format == "PNG"
            assert np.array_equal(np.asarray(written), np.asarray(image))


def test_takes_an_empty_folder_and_no_other(tmp_path: Path) -> None:
    check_new_folder(tmp_path)
    check_new_folder(tmp_path / "new")
    write_pictures([noise(4, 4, 0)], tmp_path)
    for refuse in (lambda: check_new_folder(tmp_path), lambda: write_pictures([], tmp_path)):
        with pytest.raises(UsageError, match="not empty"):
            refuse()
    assert [path.name for path in tmp_path.iterdir()] == ["000.png"]


def test_refuses_a_file_as_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for folder in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(UsageError, match="file"):
            write_pictures([noise(4, 4, 0)], folder)
    assert (tmp_path / "file").read_text() == "x"


class Unwritable(Image.Image):
    """A picture whose encoding fails half-way."""

    def __init__(self, error: BaseException) -> None:
        super().__init__()
        self.error = error

    def save(self, fp: object, format: str | None = None, **params: object) -> None:  # noqa: A002
        fp.write(b"half")  # type: ignore[attr-defined]
        raise self.error


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (OSError(28, "No space left on device"), UsageError),
        (KeyboardInterrupt(), KeyboardInterrupt),
    ],
)
def test_leaves_nothing_behind(
    tmp_path: Path, error: BaseException, expected: type[BaseException]
) -> None:
    images = [noise(4, 4, 0), Unwritable(error)]
    with pytest.raises(expected):
        write_pictures(images, tmp_path / "a" / "b")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "mine").mkdir()
    with pytest.raises(expected):
        write_pictures(images, tmp_path / "mine")
    assert list((tmp_path / "mine").iterdir()) == []


def test_write_png_says_where_it_could_not(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nowhere"):
        write_png(noise(4, 4, 0), tmp_path / "nowhere" / "x.png")
    write_png(noise(4, 4, 1), tmp_path / "x.png")
    with Image.open(tmp_path / "x.png") as written:
        assert np.array_equal(np.asarray(written), np.asarray(noise(4, 4, 1)))
