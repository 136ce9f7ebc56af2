"""Plan a real clip, look at the plan, and ask a tiny vLLM engine with it.

``make demo`` runs it. Everything it makes is under ``out``.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from pathlib import Path

import budgetfit
from budgetfit.render.contact_sheet import contact_sheet
from budgetfit.render.pictures import write_pictures, write_png
from budgetfit.render.terminal import Terminal, answer_views, plan_view
from sample_clips import package_clips
from tiny_pixtral import TINY_ENGINE_ARGS, TINY_ENGINE_ENV, write_tiny_pixtral

OUT = Path(__file__).parents[1] / "out"
PROMPT = "Describe what happens in this clip."


def plan_clip() -> budgetfit.Plan:
    """Plan a clip of six shots, show the plan, and write all that can be written of it."""
    plan = budgetfit.plan(package_clips()["bikes"], PROMPT, max_tokens=60)
    Terminal(sys.stdout).show(plan_view(plan))
    # From the run before; write_pictures takes only an empty folder.
    shutil.rmtree(OUT / "images", ignore_errors=True)
    OUT.mkdir(exist_ok=True)
    pictures = plan.images()
    write_pictures(pictures, OUT / "images")
    write_png(contact_sheet(plan, pictures), OUT / "contact_sheet.png")
    plan.save(OUT / "plan.json")
    print(f"\nWritten: {OUT}/plan.json, contact_sheet.png and images/")
    return plan


def ask_tiny_engine(plan: budgetfit.Plan) -> None:
    """Run the plan on a Pixtral of random weights, on vLLM, in this process."""
    os.environ.update(TINY_ENGINE_ENV, VLLM_LOGGING_LEVEL="ERROR")
    print("\nStarting vLLM with a tiny Pixtral (15 to 90 seconds) ...", flush=True)
    began = time.perf_counter()
    model = write_tiny_pixtral(OUT / "tiny-pixtral")
    with budgetfit.engines.VLLMEngine(model, **TINY_ENGINE_ARGS) as engine:
        print(f"Started in {time.perf_counter() - began:.0f} s.", flush=True)
        answer = plan.run(engine)
    for view in answer_views(plan, answer):
        Terminal(sys.stdout).show(view)


def main() -> None:
    """Plan, ask, explain."""
    plan = plan_clip()
    ask_tiny_engine(plan)
    print(
        "\nThe answer is noise because the weights are random. The pictures, the prompt and their"
        "\ncount are what the real model gets. With its weights:\n"
        "\n    budgetfit run VIDEO --model /path/to/Pixtral-12B-2409\n"
    )


# vLLM may start processes that import this file again.
if __name__ == "__main__":
    main()
