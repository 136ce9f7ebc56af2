"""What the command line shows of a plan, an answer and the profiles.

Everything that comes from outside, such as a file's name, a prompt or an answer, is shown as text:
neither rich's markup nor a terminal's control sequences in it have any effect.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, TextIO

from rich.columns import Columns
from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from budgetfit.render import words
from budgetfit.render.bar import Part, TokenBar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rich.console import ConsoleOptions, RenderableType

    from budgetfit.engines import Answer
    from budgetfit.plans import Plan
    from budgetfit.profiles import ModelProfile

__all__ = [
    "Terminal",
    "answer_views",
    "plan_view",
    "printable_piece",
    "profiles_view",
    "streamed_answer_views",
]

_MAX_PROMPT_CHARS = 200
# Neighbouring pictures alternate, so that each is seen.
_PICTURES = (("█", "#", "cyan"), ("▓", "=", "blue"))
_TEMPLATE = ("▚", "%", "yellow")
_TEXT = ("▒", "+", "magenta")
_LABELS = ("▞", "*", "green")
_UNUSED = ("░", ".", "bright_black")


class Terminal(Console):
    """A stream to show things on: plain text unless it is a terminal that takes styles.

    A reader that went away raises ``BrokenPipeError``, where rich would end the process.

    Parameters
    ----------
    stream : text file
        ``sys.stdout`` or ``sys.stderr``.
    """

    def __init__(self, stream: TextIO) -> None:
        # rich leaves bold and dim in where NO_COLOR is set; nothing is asked for then.
        plain = bool(os.environ.get("NO_COLOR"))
        super().__init__(
            file=stream,
            color_system=None if plain else "auto",
            markup=False,
            emoji=False,
            highlight=False,
        )

    def show(self, view: RenderableType | str, end: str = "\n") -> None:
        """Print ``view``, and text without line breaks of its own as the one line that it is."""
        self.print(view, soft_wrap=isinstance(view, str), end=end)

    def on_broken_pipe(self) -> None:
        """Raise the error again; called by rich while it handles it."""
        raise  # noqa: PLE0704


def plan_view(plan: Plan) -> RenderableType:
    """Return the pictures, where the tokens go, the proof, and the warnings."""
    warnings = [Text(f"warning: {words.printable(warning)}", "yellow") for warning in plan.warnings]
    return Group(
        _heading(plan),
        Text(),
        _picture_table(plan),
        Text(),
        TokenBar(_parts(plan)),
        _Legend(plan),
        Text(words.proof(plan), "bold"),
        *warnings,
    )


def answer_views(plan: Plan, answer: Answer) -> tuple[RenderableType, str, RenderableType]:
    """Return a heading, the answer, and that the engine counted what was planned."""
    heading = Text(f"\nanswer ({_ending(plan, answer)}):", "bold")
    return heading, printable_piece(answer.text), _counts(plan, answer)


def printable_piece(text: str) -> str:
    """Return a piece of an answer as it may be shown: in its lines, without control sequences."""
    return words.printable(text, keep="\n\t")


def streamed_answer_views(plan: Plan, answer: Answer) -> tuple[RenderableType, RenderableType]:
    """Return what is shown after an answer that was shown in pieces."""
    return Text(f"({_ending(plan, answer)})", "bold"), _counts(plan, answer)


def _ending(plan: Plan, answer: Answer) -> str:
    ended = (
        f"cut off at max_tokens {plan.limits.max_tokens}"
        if answer.finish_reason == "length"
        else "ended by the model"
    )
    return f"{answer.num_completion_tokens} tokens, {ended}"


def _counts(plan: Plan, answer: Answer) -> Text:
    counts = f"{plan.num_tokens} planned, {answer.num_prompt_tokens} counted by the engine"
    return Text(f"\nprompt tokens: {counts}", "green")


def profiles_view(profiles: Iterable[ModelProfile]) -> RenderableType:
    """Return each profile with its limits and its prompt."""
    lines = []
    for profile in profiles:
        images = "no limit" if profile.max_images is None else str(profile.max_images)
        lines += [
            Text(profile.name, "bold"),
            Text(f"  {profile.description}"),
            Text(
                f"  max_model_len {profile.max_model_len}, max_tokens {profile.max_tokens}, "
                f"max_images {images}"
            ),
            Text(f'  prompt "{profile.default_prompt}"'),
        ]
    return Group(*lines)


def _heading(plan: Plan) -> Text:
    video = plan.video
    prompt = words.shortened(words.printable(plan.prompt.text), _MAX_PROMPT_CHARS)
    return Text.assemble(
        (words.clip_name(plan), "bold"),
        f", {video.width}x{video.height}, {words.time(video.duration_s)}, for {plan.profile}\n",
        f'prompt "{prompt}"' if prompt else "no prompt",
    )


def _picture_table(plan: Plan) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("picture", "time", "size", "tokens", "share"):
        # A sheet's times are many.
        table.add_column(name, justify="right", no_wrap=name != "time")
    room = plan.limits.max_prompt_tokens
    for number, picture in enumerate(plan.pictures):
        table.add_row(
            Text(str(number), _PICTURES[number % 2][2]),
            words.times(plan, picture),
            words.size(picture),
            str(picture.num_tokens),
            f"{picture.num_tokens / room:.1%}",
        )
    return table


def _parts(plan: Plan) -> list[Part]:
    tokens = words.token_parts(plan)
    pictures = [
        Part(picture.num_tokens, *_PICTURES[number % 2])
        for number, picture in enumerate(plan.pictures)
    ]
    return [
        Part(tokens.template, *_TEMPLATE),
        Part(tokens.text, *_TEXT),
        Part(tokens.labels, *_LABELS),
        *pictures,
        Part(tokens.unused, *_UNUSED),
    ]


class _Legend:
    """What the bar's parts are, each with its symbol."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan

    def __rich_console__(
        self, console: Console, options: ConsoleOptions
    ) -> Iterator[RenderableType]:
        plan = self._plan
        tokens = words.token_parts(plan)
        items = []
        labels = [((_LABELS,), "time labels", tokens.labels)] if tokens.labels else []
        for symbols, name, num_tokens in (
            ((_TEMPLATE,), "template", tokens.template),
            ((_TEXT,), "text", tokens.text),
            *labels,
            (_PICTURES[: len(plan.pictures)], words.pictures(plan), tokens.pictures),
            ((_UNUSED,), "unused", tokens.unused),
        ):
            item = Text()
            for glyph, ascii_glyph, style in symbols:
                item.append(ascii_glyph if options.ascii_only else glyph, style)
            items.append(item.append(f" {name} {num_tokens}"))
        yield Columns(items, padding=(0, 2))
        yield Text(f"{plan.num_tokens} of {plan.limits.max_prompt_tokens} prompt tokens used")
