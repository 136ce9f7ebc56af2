"""From options to a plan and its files."""

from __future__ import annotations

import dataclasses
import json
import sys
import time
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from budgetfit.cli.files import Outputs, read_text
from budgetfit.cli.showing import show
from budgetfit.errors import UsageError
from budgetfit.model_folders import find_profile, is_model_folder
from budgetfit.planner import plan as plan_video
from budgetfit.profiles import DEFAULT_PROFILE
from budgetfit.prompts.blocks import DEFAULT_TEXT_VALUE, PromptBlock
from budgetfit.render.progress import StageProgress
from budgetfit.render.terminal import Terminal, plan_view
from budgetfit.video.held_open import held_open

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PIL import Image

    from budgetfit.cli.demands import Demands
    from budgetfit.plans import Plan

__all__ = ["Asked", "arguments", "make_plan", "planned"]


@dataclass(frozen=True, slots=True)
class Asked:
    """What the options of a command say about the plan.

    Attributes
    ----------
    prompt, prompt_file : str and Path, or None
        The text or where it is; at most one of them.
    transcript : Path or None
        The file whose lines compete with the pictures.
    transcript_value : float or None
        What 1000 tokens of it are worth, where the whole video is worth 1.
    demands : Demands
        The constraints.
    profile : str or None
        The model's name or folder; None for the default.
    videos : sequence of str
        The paths given; one can be planned.
    outputs : Outputs
        What to write.
    began : float
        When the command began, on the scale of ``time.perf_counter``.

    The others are those of ``budgetfit.plan``.
    """

    prompt: str | None
    prompt_file: Path | None
    transcript: Path | None
    transcript_value: float | None
    system_prompt: str | None
    profile: str | None
    max_model_len: int | None
    max_tokens: int | None
    max_images: int | None
    time_limit_s: float
    start_s: float | None
    end_s: float | None
    num_candidates: int | None
    demands: Demands
    time_labels: bool
    montage: bool
    videos: Sequence[str] = ()
    outputs: Outputs = field(default_factory=Outputs)
    began: float = 0.0

    def for_model(self, folder: str) -> Asked:
        """Return the same for the model in ``folder``, where no profile was asked for.

        Nothing changes where no file in it says what model it is. The context is no longer than by
        default: the engine has to hold it.

        Raises
        ------
        UsageError
            The folder does not tell the model's token rules.
        """
        if not is_model_folder(folder):
            return self
        length = self.max_model_len or min(
            find_profile(folder).max_model_len, find_profile(DEFAULT_PROFILE).max_model_len
        )
        return dataclasses.replace(self, profile=folder, max_model_len=length)

    @property
    def inputs(self) -> list[Path]:
        """The files that are read."""
        texts = [path for path in (self.prompt_file, self.transcript) if path is not None]
        return [*map(Path, self.videos), *texts]


def planned(asked: Asked, progress: StageProgress) -> Plan:
    """Return the plan that the options ask for.

    Raises
    ------
    BudgetfitError
        As ``budgetfit.plan``; UsageError where a file cannot be read.
    """
    return plan_video(**arguments(asked), on_progress=progress)


def arguments(asked: Asked) -> dict[str, Any]:
    """Return the arguments of ``budgetfit.plan`` that the options say.

    Raises
    ------
    UsageError
        A file cannot be read, or an option has a value that cannot be used.
    """
    return {
        # plan refuses several videos, in words that help.
        "video": asked.videos[0] if len(asked.videos) == 1 else list(asked.videos),
        "prompt": _prompt(asked),
        "system_prompt": asked.system_prompt,
        "profile": asked.profile or DEFAULT_PROFILE,
        "max_model_len": asked.max_model_len,
        "max_tokens": asked.max_tokens,
        "max_images": asked.max_images,
        "text_value_per_1000_tokens": _text_value(asked),
        "time_limit_s": asked.time_limit_s,
        "num_candidates": asked.num_candidates,
        "start_s": asked.start_s,
        "end_s": asked.end_s,
        "constraints": asked.demands.constraints(),
        "time_labels": asked.time_labels,
        "montage": asked.montage,
    }


def make_plan(asked: Asked, *, needs_pictures: bool = False) -> tuple[Plan, list[Image.Image]]:
    """Plan, write the files, show the plan, and return it with its pictures.

    Parameters
    ----------
    asked : Asked
        What the options say.
    needs_pictures : bool
        Whether the pictures are decoded where no file needs them.

    Raises
    ------
    BudgetfitError
        As ``budgetfit.plan``; UsageError where a file cannot be read or written.
    KeyboardInterrupt
        The search was interrupted.
    """
    outputs = asked.outputs
    outputs.check(asked.inputs)
    import_s = time.perf_counter() - asked.began
    needs_pictures = needs_pictures or outputs.need_pictures
    held = held_open() if needs_pictures else nullcontext()
    with held, StageProgress(Terminal(sys.stderr)) as progress:
        plan = planned(asked, progress)
        # What the user waited for: the process's own start and imports as well.
        timings_s = dict(plan.timings_s, total=time.perf_counter() - asked.began)
        timings_s["import"] += import_s
        document = dataclasses.replace(plan, timings_s=timings_s)
        pictures: list[Image.Image] = []
        if needs_pictures:
            progress("decoding the pictures", 0, 1)
            pictures = plan.images()
        outputs.write(document, pictures)
    if outputs.json_on_stdout:
        # Without characters beyond ASCII, it is valid in any encoding that stdout may have.
        show(json.dumps(document.to_dict(), indent=2))
    show(plan_view(plan), on_stderr=outputs.json_on_stdout)
    # After the plan is shown, since it takes longer than the plan.
    if outputs.report is not None:
        with StageProgress(Terminal(sys.stderr)) as progress:
            progress("writing the report", 0, 1)
            outputs.write_report(document)
    if plan.interrupted:
        # The best plan so far is written and shown; the exit code says that it was cut short.
        raise KeyboardInterrupt
    return plan, pictures


def _prompt(asked: Asked) -> str | list[PromptBlock] | None:
    """Return the prompt, after the transcript if there is one: what is asked stands last."""
    text = asked.prompt
    if asked.prompt_file is not None:
        if text is not None:
            raise UsageError("--prompt and --prompt-file are both given; give one of them")
        text = read_text(asked.prompt_file, "prompt")
    if asked.transcript is None:
        return text
    if text is None:
        text = find_profile(asked.profile or DEFAULT_PROFILE).default_prompt
    lines = read_text(asked.transcript, "transcript")
    return [
        PromptBlock(lines, cut="line", name="the transcript"),
        PromptBlock(text, required=True, name="the prompt"),
    ]


def _text_value(asked: Asked) -> float:
    if asked.transcript_value is None:
        return DEFAULT_TEXT_VALUE
    if asked.transcript is None:
        raise UsageError("--transcript-value is given without --transcript; give both")
    return asked.transcript_value
