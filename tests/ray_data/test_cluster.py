"""On a cluster of several nodes rows are those of one process, whatever is killed meanwhile."""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import budgetfit
from budgetfit.errors import VideoError
from budgetfit.ray_data import PlanStage
from local_ray import add_nodes, local_ray
from tests.ray_data.holding import Holding, Start, killed_meanwhile, noted
from tests.video.clips import make_clip

pytestmark = [
    pytest.mark.cluster,
    # Ray sets its own settings that it has deprecated.
    pytest.mark.filterwarnings("ignore::DeprecationWarning:ray"),
]

PROMPT = "Describe the scene."
NUM_CLIPS = 6
Row = dict[str, Any]


@pytest.fixture(scope="module")
def videos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make clips of noise, whose pictures are too large for Ray to send them without its store."""
    folder = tmp_path_factory.mktemp("videos")
    rng = np.random.default_rng(0)
    for number in range(NUM_CLIPS):
        pictures = rng.integers(0, 256, (3 + number, 128, 192, 3), np.uint8)
        make_clip(folder / f"{number}.mp4", pictures, width=192, height=128)
    (folder / "damaged.mp4").write_bytes(b"no video")
    (folder / "empty.mp4").touch()
    return folder


@pytest.fixture(scope="module")
def stage() -> PlanStage:
    return PlanStage(PROMPT, max_images=4)


@pytest.fixture(scope="module")
def expected(videos: Path, stage: PlanStage) -> dict[str, Row]:
    """The rows by the videos' names, planned in this process."""
    return {
        path.name: stage({"path": str(path), "bytes": path.read_bytes()})
        for path in videos.iterdir()
    }


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    with local_ray() as cluster:
        yield cluster


def dataset(videos: Path) -> Any:
    """Return the videos as rows, each a block of its own."""
    import ray.data

    return ray.data.read_binary_files(
        str(videos), include_paths=True, override_num_blocks=NUM_CLIPS + 2
    )


def by_name(rows: list[Row]) -> dict[str, Row]:
    """Return rows by the names of their videos, each of which must be there once."""
    names = Counter(Path(row["path"]).name for row in rows)
    assert set(names.values()) == {1}, names
    return {Path(row["path"]).name: row for row in rows}


def enough_nodes(cluster: Any) -> None:
    """Make the cluster one of three nodes."""
    missing = 3 - len(cluster.list_all_nodes())
    if missing:
        add_nodes(cluster, [1] * missing)


def test_rows_are_those_of_one_process(
    cluster: Any, videos: Path, stage: PlanStage, expected: dict[str, Row]
) -> None:
    assert len(cluster.list_all_nodes()) == 1
    assert by_name(dataset(videos).map(stage).take_all()) == expected
    planned = {name: row for name, row in expected.items() if not row["error"]}
    assert len(planned) == NUM_CLIPS
    for name, row in planned.items():
        plan = budgetfit.plan(videos / name, PROMPT, max_images=4)
        assert row["prompt_token_ids"] == plan.prompt_token_ids()


def test_three_nodes_give_the_same_rows(
    cluster: Any, videos: Path, stage: PlanStage, expected: dict[str, Row], tmp_path: Path
) -> None:
    enough_nodes(cluster)
    (tmp_path / "let-go").touch()
    rows = dataset(videos).map(Holding(stage, tmp_path)).take_all()
    assert by_name(rows) == expected
    assert len({start.node for start in noted(tmp_path / "begun")}) == 3


def test_a_killed_process_loses_and_doubles_nothing(
    cluster: Any, videos: Path, stage: PlanStage, expected: dict[str, Row], tmp_path: Path
) -> None:
    enough_nodes(cluster)

    def kill(start: Start) -> None:
        os.kill(start.pid, signal.SIGKILL)

    with killed_meanwhile(tmp_path, kill) as killed:
        rows = dataset(videos).map(Holding(stage, tmp_path)).take_all()
    assert by_name(rows) == expected
    first, second = (one for one in noted(tmp_path / "begun") if one.name == killed[0].name)
    assert killed == [first]
    assert second.pid != first.pid


def test_a_lost_node_loses_and_doubles_nothing(
    cluster: Any, videos: Path, stage: PlanStage, expected: dict[str, Row], tmp_path: Path
) -> None:
    enough_nodes(cluster)
    import ray

    def kill(start: Start) -> None:
        (node,) = (node for node in cluster.list_all_nodes() if node.node_id == start.node)
        cluster.remove_node(node, allow_graceful=False)

    head = ray.get_runtime_context().get_node_id()
    with killed_meanwhile(tmp_path, kill) as killed:
        # The rows stay where they were planned, so that the node takes its own with it.
        planned = dataset(videos).map(Holding(stage, tmp_path, spared=head)).materialize()
    assert by_name(planned.take_all()) == expected
    # What it was at, and what it had already planned and kept, was planned again elsewhere.
    begun = noted(tmp_path / "begun")
    taken_along = {start.name for start in begun if start.node == killed[0].node}
    again = {start.name for start in begun if start.node != killed[0].node}
    assert len(taken_along) == 2
    assert taken_along <= again


def test_a_bad_video_ends_a_job_that_asks_for_it(
    cluster: Any, videos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import ray.data

    context = ray.data.DataContext.get_current()
    monkeypatch.setattr(context, "raise_original_map_exception", True)
    with pytest.raises(VideoError):
        dataset(videos).map(PlanStage(PROMPT, raise_errors=True)).take_all()
