"""The drop-in for Cosmos-Transfer1's prompt upsampler, on a real vLLM engine of its own.

In a process of its own: engines inside one process cannot outlive each other.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from budgetfit.cosmos import PixtralPromptUpsampler
from budgetfit.errors import UsageError
from tests.engines.conftest import ELASTIC_VARIABLES
from tests.video.clips import make_clip, numbered_picture
from tiny_pixtral import TINY_ENGINE_ENV, write_tiny_pixtral

# As a program would use it: the model kept for a batch, then loaded and released for each call.
_PROGRAM = """
import json, os, sys
from budgetfit.cosmos import PixtralPromptUpsampler
from budgetfit.errors import VideoError
from tiny_pixtral import TINY_ENGINE_ARGS
from PIL import Image

checkpoints, clip, picture = sys.argv[1:]
arguments = TINY_ENGINE_ARGS | {"gpu_memory_utilization": 0.5}
said = []

def ask(upsampler, prompt, video):
    text = upsampler._prompt_upsample_with_offload(prompt, video)
    plan = upsampler.last_plan
    said.append([text, plan.prompt.text, len(plan.pictures), upsampler.upsampler_model is None])

with PixtralPromptUpsampler(checkpoints, **arguments) as kept:
    engine = kept.upsampler_model
    kept.sampling_params["seed"] = 7
    ask(kept, "What moves?", clip)
    ask(kept, "", [picture, Image.open(picture), picture])
    assert kept.upsampler_model is engine
assert kept.upsampler_model is None
offloading = PixtralPromptUpsampler(checkpoints, offload_prompt_upsampler=True, **arguments)
assert offloading.upsampler_model is None
offloading.sampling_params["seed"] = 7
ask(offloading, "What moves?", clip)
try:
    offloading._prompt_upsample_with_offload("What moves?", checkpoints)
except VideoError:
    said.append("no video")
said.append({name: value for name, value in os.environ.items() if name == "RANK"})
print("SAID", json.dumps(said))
"""


@pytest.mark.engine
def test_the_stock_interface_plans_and_answers(tmp_path: Path) -> None:
    write_tiny_pixtral(tmp_path / "nvidia" / "Cosmos-UpsamplePrompt1-12B-Transfer")
    clip = tmp_path / "clip.mp4"
    # Two of these frames as they are do not fit: the stock upsampler fails on this file.
    make_clip(clip, 8, width=1280, height=704)
    picture = tmp_path / "picture.png"
    Image.fromarray(numbered_picture(3, 320, 192)).save(picture)
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, str(tmp_path), str(clip), str(picture)],
        env=os.environ
        | TINY_ENGINE_ENV
        | ELASTIC_VARIABLES
        | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    said = [line for line in done.stdout.splitlines() if line.startswith("SAID ")]
    assert said, done.stdout[-2000:] + done.stderr[-4000:]
    kept, pictures, offloaded, no_video, elastic = json.loads(said[0].removeprefix("SAID "))
    text, prompt, num_pictures, released = kept
    assert text == text.strip() != ""
    assert (prompt, num_pictures, released) == ("What moves?", 2, False)
    assert pictures[1] == "describe the following images"
    assert pictures[2] == 1, "three equal pictures show no more than one"
    # One seed, one answer, whether the model was kept or loaded again.
    assert offloaded == [text, prompt, num_pictures, True]
    assert no_video == "no video"
    assert elastic == {"RANK": "0"}


def test_a_folder_without_the_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="Cosmos-UpsamplePrompt1-12B-Transfer"):
        PixtralPromptUpsampler(tmp_path)
    later = PixtralPromptUpsampler(tmp_path, offload_prompt_upsampler=True)
    clip = tmp_path / "clip.mp4"
    make_clip(clip, 3, width=64, height=48)
    with pytest.raises(UsageError, match="Cosmos-UpsamplePrompt1-12B-Transfer"):
        later._prompt_upsample_with_offload("What moves?", str(clip))
    with pytest.raises(UsageError, match="closed"):
        later._prompt_upsample("What moves?", str(clip))
    with pytest.raises(UsageError, match="cannot be read"):
        later._prompt_upsample("What moves?", [str(tmp_path / "none.png")])
