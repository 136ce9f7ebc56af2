"""The pipeline of docs/ray.md: a folder of videos becomes captions, though a node is lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import budgetfit
import budgetfit.ray_data
from local_ray import local_ray
from tests.docs.pages import PAGES, examples
from tests.ray_data.holding import Holding, Start, killed_meanwhile
from tests.video.clips import make_clip
from tiny_pixtral import TINY_ENGINE_ARGS, TINY_ENGINE_ENV, write_tiny_pixtral

pytestmark = [
    pytest.mark.engine,
    pytest.mark.timeout(1200),
    # Those of vLLM, torch and Ray, as they start.
    pytest.mark.filterwarnings("ignore"),
]

NUM_CLIPS = 6
NUM_COMPLETION_TOKENS = 4
# The engine is held to the head, which no test may kill.
RESOURCES = {"CPU": 1, "engine": 1}


@pytest.fixture
def cluster() -> Iterator[Any]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in TINY_ENGINE_ENV.items():
            patch.setenv(name, value)
        # One of the head's CPUs is the engine's.
        with local_ray([2, 1, 1], {"engine": 1}) as cluster:
            yield cluster


@pytest.fixture
def videos(tmp_path: Path) -> Path:
    folder = tmp_path / "videos"
    folder.mkdir()
    for number in range(NUM_CLIPS):
        make_clip(folder / f"{number}.mp4", 3 + number, width=160, height=96)
    (folder / "damaged.mp4").write_bytes(b"no video")
    (folder / "empty.mp4").touch()
    return folder


def here(page: str, data: Path, model: Path) -> str:
    """Return the page's code for a tiny model on this cluster without GPUs."""
    for theirs, ours in {
        '"/data/videos"': repr(str(data / "videos")),
        '"/data/captions"': repr(str(data / "captions")),
        '"/models/Pixtral-12B-2409"': repr(str(model)),
        '"load_format": "mistral"': "**TINY_ENGINE_ARGS",
        "chat_template_stage=": (
            f"placement_group_config={{'bundles': [{RESOURCES}]}}, chat_template_stage="
        ),
    }.items():
        assert page.count(theirs) == 1, theirs
        page = page.replace(theirs, ours)
    return page


def test_the_pages_pipeline_answers_every_video_once(
    cluster: Any, videos: Path, tmp_path: Path
) -> None:
    import pyarrow.parquet
    import ray

    head = ray.get_runtime_context().get_node_id()
    stages: list[budgetfit.ray_data.PlanStage] = []

    def holding(prompt: str) -> Holding:
        stages.append(budgetfit.ray_data.PlanStage(prompt, max_tokens=NUM_COMPLETION_TOKENS))
        return Holding(stages[0], tmp_path, spared=head)

    def kill(start: Start) -> None:
        (node,) = (node for node in cluster.list_all_nodes() if node.node_id == start.node)
        cluster.remove_node(node, allow_graceful=False)

    (code,) = (one.parsed for one in examples(PAGES["docs/ray.md"]) if "PlanStage" in one.parsed)
    code = here(code, tmp_path, write_tiny_pixtral(tmp_path / "model"))
    code = code.replace("PlanStage(", "holding(")
    with killed_meanwhile(tmp_path, kill) as killed:
        exec(code, {"TINY_ENGINE_ARGS": TINY_ENGINE_ARGS, "holding": holding})
    assert killed

    captions = pyarrow.parquet.read_table(tmp_path / "captions").to_pylist()
    by_name = {Path(row["path"]).name: row for row in captions}
    assert len(captions) == len(by_name) == NUM_CLIPS + 2
    for path in videos.iterdir():
        row = by_name[path.name]
        planned = stages[0]({"path": str(path), "bytes": path.read_bytes()})
        assert {name: row[name] for name in ("plan", "num_tokens", "error")} == {
            name: planned[name] for name in ("plan", "num_tokens", "error")
        }
        # What the engine counted is compared with the plan's count by answer_row.
        assert row["num_completion_tokens"] == (0 if row["error"] else NUM_COMPLETION_TOKENS)
    assert sorted(name for name, row in by_name.items() if row["error"]) == [
        "damaged.mp4",
        "empty.mp4",
    ]
