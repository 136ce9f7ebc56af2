"""Starts vLLM on tiny models of several shapes, one after the other, and prints what it counted.

``python -m tests.engines.run_family FOLDER NAME...`` prints a line of JSON for each plan.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

from tiny_pixtral import TINY_ENGINE_ARGS, TINY_ENGINE_ENV, TinyShape

# Before vLLM is imported.
os.environ.update(TINY_ENGINE_ENV)

import budgetfit
from budgetfit.engines import VLLMEngine
from budgetfit.errors import UsageError
from tests.model_folders.shapes import write_hf_model, write_model
from tests.video.clips import make_clip

# In Mistral's format and in Hugging Face's, which vLLM runs by other code.
MODELS: dict[str, tuple[Callable[[Path, TinyShape], Path], TinyShape]] = {
    "mistral": (write_model, TinyShape(14, 1540, 2, "v7", num_words=3000)),
    "mistral3": (write_hf_model, TinyShape(14, 1540, 2, "v7", num_words=3000)),
    "llava": (write_hf_model, TinyShape(16, 1024, 1, "v3", num_words=3000)),
    "odd": (write_model, TinyShape(10, 990, 3, "v13", num_words=3000)),
}


def say(seen: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(seen) + "\n")
    sys.stdout.flush()


def run(root: Path, names: list[str]) -> None:
    clip = root / "clip.mp4"
    make_clip(clip, 25, width=320, height=192)
    for name in names:
        write, shape = MODELS[name]
        folder = write(root / name, shape)
        with VLLMEngine(folder, max_model_len=1500, **TINY_ENGINE_ARGS) as engine:
            for system_prompt, montage in ((None, False), ("Be brief.", True)):
                plan = budgetfit.plan(
                    clip,
                    "What moves?",
                    profile=folder,
                    max_model_len=engine.max_model_len,
                    max_tokens=4,
                    max_images=4,
                    system_prompt=system_prompt,
                    montage=montage,
                )
                answer = plan.run(engine)
                say(
                    {
                        "model": name,
                        "planned": plan.num_tokens,
                        "counted": answer.num_prompt_tokens,
                        "pictures": len(plan.pictures),
                    }
                )
            other = budgetfit.plan(clip, "What moves?", max_model_len=800, max_tokens=4)
            try:
                other.run(engine)
            except UsageError as error:
                say({"model": name, "refused": str(error)})


if __name__ == "__main__":
    run(Path(sys.argv[1]), sys.argv[2:])
