"""A plan in its user's terms: what is sent, what it costs, and how good it is."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from budgetfit.asked import Asked
from budgetfit.errors import PlanFileError, UsageError
from budgetfit.plan_files import SCHEMA_VERSION, read_plan_file, write_plan_file
from budgetfit.plan_parts import (
    Limits,
    PlannedBlock,
    PlannedFrame,
    PlannedPrompt,
    PlannedSheet,
    PlannedVideo,
    sent_pictures,
)
from budgetfit.plan_questions import PlanQuestions
from budgetfit.plan_runs import PlanRuns
from budgetfit.profiles import ImageRules, TokenRules, get_profile
from budgetfit.time_labels import time_label
from budgetfit.tokens.layout import NUM_TEMPLATE_TOKENS
from budgetfit.tokens.request import ImagePart, Request, TextPart

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping, Sequence

    from PIL import Image

    from budgetfit.made_from import MadeFrom
    from budgetfit.tokens.tokenizer import RequestTokenizer

__all__ = [
    "Limits",
    "Plan",
    "PlannedBlock",
    "PlannedFrame",
    "PlannedPrompt",
    "PlannedSheet",
    "PlannedVideo",
]

# The relative gap up to which a plan is called optimal.
OPTIMAL_GAP = 1e-4


@dataclass(frozen=True)
class Plan(PlanQuestions, PlanRuns):
    """Which frames, each at which resolution, and how much of the prompt to send.

    Attributes
    ----------
    profile : str
        Name of the model profile, or the model's folder.
    video : PlannedVideo
        The video.
    limits : Limits
        The limits kept.
    frames : tuple of PlannedFrame
        The moments shown, in time order: each a picture of its own or a tile of a sheet.
    prompt : PlannedPrompt
        The text.
    system_prompt : str or None
        Sent before the prompt, never cut.
    num_tokens : int
        Exact prompt tokens of the whole request, template included.
    information : float
        Share of the video that the pictures show, in [0, 1].
    best_bound : float
        Proved upper bound on the information of any plan within the limits whose text is worth at
        least as much as this one's.
    gap : float
        ``(best_bound - information) / best_bound``; 0 where there is nothing to show.
    status : str
        ``"OPTIMAL"`` where the gap is at most 0.01%, else ``"FEASIBLE"``.
    proved_by : str
        What proved the bound: ``"enumeration"``, ``"lagrangian bound"`` or ``"CP-SAT"``.
    warnings : tuple of str
        What the user should know: damage in the video, a cut prompt.
    timings_s : mapping of str to float
        Seconds spent: ``import`` (packages and tokenizer), ``analyze``, ``solve``, ``total``.
    time_labels : bool
        Whether the text :func:`~budgetfit.time_labels.time_label`, as ``"[12.4 s]"``, is sent
        right before each picture; on a sheet it is drawn above each tile instead.
    sheets : tuple of PlannedSheet
        The pictures that show several moments, in the order of their first frames; each frame is on
        at most one.
    token_rules : TokenRules or None
        What the token counts rest on; None in files of versions that knew named profiles alone.
    asked : Asked or None
        What was asked for beside the limits; None in files of versions that did not save it.
    interrupted : bool
        The user interrupted the search: this is the best plan until then. Not part of the JSON,
        where a warning says it.
    kept_video : object
        The bytes, open file or pictures that were planned, which ``images()`` reads again; None
        where the video is a file with a path. Not part of the JSON.
    made_from : MadeFrom or None
        The problem and its solution, for questions about the plan; None where the plan was loaded
        or came from another process. Not part of the JSON.
    """

    profile: str
    video: PlannedVideo
    limits: Limits
    frames: tuple[PlannedFrame, ...]
    prompt: PlannedPrompt
    system_prompt: str | None
    num_tokens: int
    information: float
    best_bound: float
    gap: float
    status: str
    proved_by: str
    warnings: tuple[str, ...]
    timings_s: Mapping[str, float]
    time_labels: bool = False
    sheets: tuple[PlannedSheet, ...] = ()
    token_rules: TokenRules | None = field(default=None, repr=False)
    asked: Asked | None = field(default=None, repr=False)
    interrupted: bool = field(default=False, compare=False)
    kept_video: Any = field(default=None, repr=False, compare=False)
    made_from: MadeFrom | None = field(default=None, repr=False, compare=False)

    def __getstate__(self) -> dict[str, Any]:
        """Leave out, for other processes, what is large and can be made again."""
        return {**self.__dict__, "made_from": None}

    @property
    def image_rules(self) -> ImageRules:
        """How the model cuts images into tokens."""
        return get_profile(self.profile) if self.token_rules is None else self.token_rules

    @property
    def pictures(self) -> tuple[PlannedFrame | PlannedSheet, ...]:
        """What is sent, in the order of the first moments: sheets, and the frames on none."""
        return sent_pictures(self.frames, self.sheets, self.sheets)

    def frames_of(self, picture: PlannedFrame | PlannedSheet) -> tuple[PlannedFrame, ...]:
        """Return the moments that one of ``pictures`` shows, in time order."""
        if isinstance(picture, PlannedSheet):
            return tuple(self.frames[index] for index in picture.frames)
        return (picture,)

    @property
    def picture_labels(self) -> tuple[str | None, ...]:
        """The text sent right before each of ``pictures``; None where there is none."""
        return tuple(
            time_label(picture.time_s)
            if self.time_labels and isinstance(picture, PlannedFrame)
            else None
            for picture in self.pictures
        )

    @property
    def request(self) -> Request:
        """The request as data: pictures in time order, each after its label, then the text."""
        parts: list[TextPart | ImagePart] = []
        for picture, label in zip(self.pictures, self.picture_labels, strict=True):
            if label is not None:
                parts.append(TextPart(label))
            parts.append(ImagePart(picture.width, picture.height))
        return Request((*parts, TextPart(self.prompt.text)), self.system_prompt)

    @property
    def num_label_tokens(self) -> int:
        """Prompt tokens of the texts in ``picture_labels``: what all the rest leaves.

        A label drawn on a sheet costs patches of the sheet.
        """
        if not self.time_labels:
            return 0
        pictures = sum(picture.num_tokens for picture in self.pictures)
        return self.num_tokens - NUM_TEMPLATE_TOKENS - self.prompt.num_tokens - pictures

    def tokenizer(self) -> RequestTokenizer:
        """Return the model's tokenizer, from mistral-common or the model's folder.

        Raises
        ------
        PlanFileError
            Its rules are no longer those that the plan's counts rest on.
        UsageError
            The tokenizer cannot be read; ``ModelFolderError`` where the model's folder is gone.
        """
        from budgetfit.model_folders import find_profile
        from budgetfit.tokens.tokenizer import RequestTokenizer

        tokenizer = RequestTokenizer(find_profile(self.profile))
        changed = self.token_rules and self.token_rules.difference(tokenizer.rules)
        if changed:
            raise PlanFileError(
                f"the model {self.profile} has {changed}, which the plan did not count with; "
                "plan again"
            )
        return tokenizer

    @cached_property
    def _prompt_token_ids(self) -> tuple[int, ...]:
        return self.tokenizer().verify(self.request, self.num_tokens).prompt_token_ids

    def prompt_token_ids(self) -> list[int]:
        """Return the token ids of the whole request, as mistral-common encodes it.

        Raises
        ------
        TokenMismatchError
            They are not as many as the plan says, as in a plan file that was edited.
        UsageError
            As ``tokenizer``.
        """
        return list(self._prompt_token_ids)

    def images(self) -> list[Image.Image]:
        """Decode the frames from the video and return ``pictures``, each at its exact size.

        Raises
        ------
        VideoError
            The video cannot be read any more.
        VideoChangedError
            The file is another than the one planned.
        UsageError
            A sheet's tiles, of one or two patches across, are too narrow for their time labels.
        """
        from budgetfit.video.reopening import reopened

        with reopened(
            self.video.path, self.kept_video, self.video.fingerprint, self.video.num_bytes
        ) as source:
            decoded = source.decode(
                [frame.pts for frame in self.frames],
                [(frame.width, frame.height) for frame in self.frames],
            )
        if not self.sheets:
            return decoded
        drawn = [self._drawn(sheet, decoded) for sheet in self.sheets]
        return list(sent_pictures(decoded, self.sheets, drawn))

    def _drawn(self, sheet: PlannedSheet, decoded: Sequence[Image.Image]) -> Image.Image:
        from budgetfit.render.montage import draw_montage

        side = self.image_rules.side_multiple
        frames = [decoded[index] for index in sheet.frames]
        times_s = [frame.time_s for frame in self.frames_of(sheet)]
        return draw_montage(frames, times_s, sheet.layout(side), side)

    def messages(self, images: Sequence[Image.Image] | None = None) -> list[dict[str, Any]]:
        """Return chat messages for vLLM or any OpenAI-compatible server.

        Parameters
        ----------
        images : sequence of PIL.Image.Image, optional
            What ``images()`` returned before, to save decoding again.

        Raises
        ------
        UsageError
            ``images`` are not as many as the plan's pictures.
        """
        from budgetfit.render.messages import chat_messages

        pictures = self.images() if images is None else images
        labels = self.picture_labels
        if len(pictures) != len(labels):
            raise UsageError(
                f"the plan has {len(labels)} pictures but {len(pictures)} are given; "
                "pass plan.images() unchanged"
            )
        return chat_messages(pictures, self.prompt.text, self.system_prompt, labels=labels)

    def to_dict(self) -> dict[str, Any]:
        """Return the plan as plain data: what ``save`` writes."""
        data = {
            part.name: getattr(self, part.name)
            for part in dataclasses.fields(self)
            if part.name not in {"interrupted", "kept_video", "made_from"}
        }
        for name in ("video", "limits", "prompt", "token_rules"):
            if data[name] is not None:
                data[name] = dataclasses.asdict(data[name])
        if not self.prompt.blocks:
            del data["prompt"]["blocks"]
        data["frames"] = [dataclasses.asdict(frame) for frame in self.frames]
        sheets = [dataclasses.asdict(sheet) for sheet in data.pop("sheets")]
        if sheets:
            data["sheets"] = [{**sheet, "frames": list(sheet["frames"])} for sheet in sheets]
        data["asked"] = None if self.asked is None else self.asked.to_dict()
        data["warnings"] = list(self.warnings)
        data["timings_s"] = dict(self.timings_s)
        return {"schema_version": SCHEMA_VERSION, **data}

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the plan to ``path`` as JSON.

        Raises
        ------
        PlanFileError
            The file cannot be written.
        """
        write_plan_file(self.to_dict(), path)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Plan:
        """Read a plan that ``save`` wrote.

        Raises
        ------
        PlanFileError
            The file cannot be read, is not a plan, or contradicts itself.
        """
        data = read_plan_file(path)
        del data["schema_version"]
        return cls(
            **{
                **data,
                "video": PlannedVideo(**data["video"]),
                "limits": Limits(**data["limits"]),
                "frames": tuple(PlannedFrame(**frame) for frame in data["frames"]),
                "sheets": tuple(PlannedSheet(**sheet) for sheet in data["sheets"]),
                "prompt": _planned_prompt(data["prompt"]),
                "warnings": tuple(data["warnings"]),
                "token_rules": data["token_rules"] and TokenRules(**data["token_rules"]),
                "asked": None if data["asked"] is None else Asked.from_dict(data["asked"]),
            }
        )

    def __repr__(self) -> str:
        shown = ", ".join(self._shown(picture) for picture in self.pictures)
        return (
            f"<Plan {self.num_tokens}/{self.limits.max_prompt_tokens} tokens, "
            f"information {self.information:.3f}, gap {self.gap:.2%}: {shown}>"
        )

    def _shown(self, picture: PlannedFrame | PlannedSheet) -> str:
        size = f"{picture.width}x{picture.height}"
        if isinstance(picture, PlannedFrame):
            return f"{picture.time_s:.1f}s {size}"
        frames, tiles = self.frames_of(picture), f"{picture.columns}x{picture.rows} tiles"
        return f"{frames[0].time_s:.1f}s-{frames[-1].time_s:.1f}s {tiles} on {size}"


def _planned_prompt(data: dict[str, Any]) -> PlannedPrompt:
    blocks = tuple(PlannedBlock(**block) for block in data["blocks"])
    return PlannedPrompt(**{**data, "blocks": blocks})
