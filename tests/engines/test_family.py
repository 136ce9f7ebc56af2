"""vLLM counts what was planned for models of every shape, in both formats."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# Each model takes vLLM some seconds to start.
MODELS, FURTHER_MODELS = ("mistral", "mistral3"), ("llava", "odd")


@pytest.mark.engine
def test_planned_is_counted_for_every_shape(tmp_path: Path, full_counts: bool) -> None:
    names = (*MODELS, *FURTHER_MODELS) if full_counts else MODELS
    # A process of its own: the engines of one process share what closing the first takes down.
    done = subprocess.run(
        [sys.executable, "-m", "tests.engines.run_family", str(tmp_path), *names],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, ("src", ".", "scripts")))},
        capture_output=True,
        text=True,
        timeout=540,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    said = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    for name in names:
        *ran, refused = (line for line in said if line["model"] == name)
        assert [line["planned"] for line in ran] == [line["counted"] for line in ran]
        assert len(ran) == 2
        assert all(1 <= line["pictures"] <= 4 for line in ran)
        assert "the plan is for pixtral-12b but the engine's model" in refused["refused"]
        assert f"plan with profile='{tmp_path / name}'" in refused["refused"]
