"""Plans with sheets, counted by a real engine and a real server as they are planned."""

from __future__ import annotations

from pathlib import Path

import pytest

from budgetfit.engines import OpenAIEngine, VLLMEngine
from budgetfit.errors import UsageError
from budgetfit.tokens.images import ImageGrid
from budgetfit.tokens.sheets import SheetGrid
from tests.sheet_plans import sheet_plan
from tiny_server import TinyServer

pytestmark = pytest.mark.engine

SMALL, LARGE, ALONE = ImageGrid(7, 4), ImageGrid(10, 6), ImageGrid(20, 11)


@pytest.mark.parametrize("text", ["", "what happens when?"])
@pytest.mark.parametrize("label_rows", [0, 1])
@pytest.mark.parametrize("case", range(4))
def test_engine_and_server_count_as_planned(
    case: int,
    label_rows: int,
    text: str,
    package_clips: dict[str, Path],
    engine: VLLMEngine,
    server: TinyServer,
) -> None:
    cases: list[list[SheetGrid | ImageGrid]] = [
        [SheetGrid(2, 2, SMALL, label_rows)],
        [SheetGrid(4, 3, SMALL, label_rows), SheetGrid(2, 3, LARGE, label_rows)],
        [ALONE, SheetGrid(3, 2, LARGE, label_rows), ALONE],
        [SheetGrid(6, 8, SMALL, label_rows), ALONE],
    ]
    clip = package_clips["bigbuckbunny"]
    plan = sheet_plan(clip, cases[case], text=text, time_labels=bool(label_rows), seed=case)
    assert len(plan.pictures) == len(cases[case])
    with OpenAIEngine(server.base_url, server.model) as served:
        answers = [plan.run(engine), plan.run(served)]
    for answer in answers:
        assert answer.num_prompt_tokens == plan.num_tokens
        assert answer.num_completion_tokens >= 1


def test_frames_instead_of_their_sheet_are_refused(
    package_clips: dict[str, Path], engine: VLLMEngine
) -> None:
    plan = sheet_plan(package_clips["bikes"], [SheetGrid(2, 2, SMALL)])
    (sheet,) = plan.images()
    for images in ([sheet] * 4, [sheet.resize((110, 62))]):
        with pytest.raises(UsageError, match=r"pass plan\.images\(\) unchanged"):
            engine.run(plan, images)
