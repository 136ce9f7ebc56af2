from __future__ import annotations

import io
from typing import Any

import pytest
from rich.console import RenderableType

from budgetfit.engines import Answer
from budgetfit.profiles import PROFILES
from budgetfit.render.terminal import Terminal, answer_views, plan_view, profiles_view
from tests.render.plans import SHEETS, make_plan, make_sheet_plan

HOSTILE = "[red]not red[bold] \x1b[31m\x07 :smile: \u202e \udcff [link=x]"
SHOWN = r"[red]not red[bold] \x1b[31m\x07 :smile: \u202e \udcff [link=x]"


def shown(
    views: RenderableType | tuple[RenderableType, ...],
    monkeypatch: pytest.MonkeyPatch,
    *,
    width: int = 100,
    encoding: str = "utf-8",
) -> str:
    """What is written to a stream that is no terminal."""
    for name in ("FORCE_COLOR", "TTY_COMPATIBLE", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", str(width))
    buffer = io.BytesIO()
    stream = io.TextIOWrapper(buffer, encoding=encoding, errors="strict")
    for view in views if isinstance(views, tuple) else (views,):
        Terminal(stream).show(view)
    stream.flush()
    return buffer.getvalue().decode(encoding)


class FakeTty(io.StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def on_tty(view: RenderableType, monkeypatch: pytest.MonkeyPatch, **environment: str) -> str:
    for name in ("FORCE_COLOR", "TTY_COMPATIBLE", "NO_COLOR", "COLORTERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"TERM": "xterm-256color", "COLUMNS": "80", **environment}.items():
        monkeypatch.setenv(name, value)
    stream = FakeTty()
    Terminal(stream).print(view)
    return stream.getvalue()


def test_plan_shows_every_frame_and_where_tokens_go(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = make_plan([(640, 352), (320, 176), (112, 64)], text_tokens=7, unused=20)
    text = shown(plan_view(plan), monkeypatch)
    for number, frame in enumerate(plan.frames):
        share = f"{frame.num_tokens / plan.limits.max_prompt_tokens:.1%}"
        row = [str(number), *f"{frame.time_s:.2f} s".split(), f"{frame.width}x{frame.height}"]
        assert [*row, str(frame.num_tokens), share] in [line.split() for line in text.splitlines()]
    pictures = sum(frame.num_tokens for frame in plan.frames)
    for words in ("template 3", "text 7", f"3 pictures {pictures}", "unused 20"):
        assert words in text
    assert f"{plan.num_tokens} of {plan.limits.max_prompt_tokens} prompt tokens" in text
    assert "90.0% of the video, proved within 1.10% of the best possible" in text


@pytest.mark.parametrize("width", [60, 100])
def test_a_sheet_is_one_picture_with_all_its_times(
    monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    plan = make_sheet_plan(SHEETS)
    text = shown(plan_view(plan), monkeypatch, width=width, encoding="ascii")
    lines = [" ".join(line.split()) for line in text.splitlines()]
    room = plan.limits.max_prompt_tokens
    assert f"0 0.0 0.5 1.0 s 336x128 176 {176 / room:.1%}" in lines
    assert "1.5 2.0 2.5 s" in lines
    assert f"1 3.0 3.5 s 320x192 252 {252 / room:.1%}" in lines
    assert f"2 5.00 s 64x48 15 {15 / room:.1%}" in lines
    assert f"3 pictures of 11 moments {176 + 252 + 15}" in text
    assert max(map(len, text.splitlines())) <= width


def test_labels_drawn_on_sheets_are_no_text(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = make_sheet_plan(SHEETS[:1], time_labels=True)
    assert plan.num_label_tokens == 0
    assert "time labels" not in shown(plan_view(plan), monkeypatch)


def test_a_cut_and_other_warnings_are_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = make_plan(warnings=("first thing", "second [bold]thing\n"))
    lines = shown(plan_view(plan), monkeypatch).splitlines()
    assert lines[-2:] == ["warning: first thing", r"warning: second [bold]thing\n"]


def test_what_comes_from_outside_stays_text(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = make_plan(text=HOSTILE, path=f"{HOSTILE}.mp4", warnings=(HOSTILE,))
    text = shown(plan_view(plan), monkeypatch, width=300)
    assert text.count(SHOWN) == 3
    answer = Answer(f"first\n{HOSTILE}", 1, 1, "stop")
    text = shown(answer_views(plan, answer), monkeypatch, width=300)
    assert f"first\n{SHOWN}\n" in text


def test_nothing_hostile_reaches_a_colour_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = make_plan(text=HOSTILE, path=f"{HOSTILE}.mp4", warnings=(HOSTILE,))
    text = on_tty(plan_view(plan), monkeypatch, COLUMNS="300")
    assert "\x1b[1m" in text
    assert not {"\x1b[31m", "\x07", "\u202e"} & {
        text[i : i + n] for n in (1, 5) for i in range(len(text))
    }
    assert SHOWN in text


@pytest.mark.parametrize("environment", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_no_styles_where_none_are_wanted(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]
) -> None:
    assert "\x1b" in on_tty(plan_view(make_plan()), monkeypatch)
    assert "\x1b" not in on_tty(plan_view(make_plan()), monkeypatch, **environment)


def test_a_pipe_gets_no_styles(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "\x1b" not in shown(plan_view(make_plan()), monkeypatch)


@pytest.mark.parametrize("num_frames", [1, 7, 40, 100])
def test_fits_sixty_columns_of_ascii(monkeypatch: pytest.MonkeyPatch, num_frames: int) -> None:
    plan = make_plan([(1024, 576)] * num_frames, text="word " * 100)
    text = shown(plan_view(plan), monkeypatch, width=60, encoding="ascii")
    assert max(map(len, text.splitlines())) <= 60
    assert "1024x576" in text


def test_a_long_prompt_is_shown_in_part(monkeypatch: pytest.MonkeyPatch) -> None:
    text = shown(plan_view(make_plan(text="word " * 5000)), monkeypatch)
    assert text.count("word") < 50
    assert 'prompt "word' in text
    assert "no prompt" in shown(plan_view(make_plan(text="")), monkeypatch)


@pytest.mark.parametrize(
    ("finish_reason", "ended"),
    [("stop", "ended by the model"), ("length", "cut off at max_tokens")],
)
def test_answer_shows_both_counts(
    monkeypatch: pytest.MonkeyPatch, finish_reason: str, ended: str
) -> None:
    plan = make_plan()
    answer: Any = Answer("a dog\n\truns", plan.num_tokens + 1, 17, finish_reason)
    text = shown(answer_views(plan, answer), monkeypatch)
    assert f"{plan.num_tokens} planned, {plan.num_tokens + 1} counted" in text
    assert "a dog\n" in text
    assert f"17 tokens, {ended}" in text


def test_profiles_show_their_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    text = shown(profiles_view(PROFILES.values()), monkeypatch)
    for profile in PROFILES.values():
        assert profile.name in text
    assert "max_images 2" in text
    assert "max_images no limit" in text


def test_an_answer_is_not_wrapped(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "a very long line " * 100 + "\n\n  and a second [bold]one"
    views = answer_views(make_plan(), Answer(text, 1, 1, "stop"))
    assert f"\n{text}\n" in shown(views, monkeypatch, width=60)
