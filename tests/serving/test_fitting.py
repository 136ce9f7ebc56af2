from __future__ import annotations

import base64
import io
import json
import random
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from budgetfit.errors import UnsupportedRequestError, UsageError
from budgetfit.serving.fitted import Fitted
from budgetfit.serving.fitting import Fitter
from budgetfit.serving.refusals import RefusedError
from budgetfit.serving.settings import PlanningSettings
from tests.engines.stand_in import TOKENIZER
from tests.serving.proxies import body, clip, image, text, user, video
from tests.video.clips import clip_bytes

ROOM = {"m": 4096}
CLIP = clip()


@pytest.fixture(scope="module")
def fitter() -> Fitter:
    return Fitter(PlanningSettings())


def sent(fitted: Fitted) -> dict[str, Any]:
    assert fitted.body is not None
    fields: dict[str, Any] = json.loads(fitted.body)
    return fields


def pictures_of(messages: list[dict[str, Any]]) -> list[Image.Image]:
    urls = [
        part["image_url"]["url"]
        for message in messages
        if isinstance(message["content"], list)
        for part in message["content"]
        if part["type"] == "image_url"
    ]
    return [Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2]))) for url in urls]


def counted(messages: list[dict[str, Any]], tools: Any = None) -> int:
    """Prompt tokens, each picture counted as it was really sent."""
    sizes = [picture.size for picture in pictures_of(messages)]
    return TOKENIZER.encode_conversation(messages, sizes, tools).num_tokens


def test_a_video_becomes_pictures_in_its_place_and_all_else_stays(fitter: Fitter) -> None:
    asked = [
        {"role": "system", "content": "Be brief."},
        user(text("Look."), CLIP, text("What is it?"), text("Really.")),
        {"role": "assistant", "content": "A number."},
        user("Which one?"),
    ]
    extra = {"temperature": 0.3, "n": 2, "stream": True, "seed": 1, "max_tokens": 50, "x": [1]}
    fitted = fitter.fit(body(asked, **extra), ROOM)
    fields = sent(fitted)
    messages = fields.pop("messages")
    assert fields == {"model": "m", **extra}
    assert fitted.streams
    assert [messages[0], *messages[2:]] == [asked[0], *asked[2:]]
    content = messages[1]["content"]
    assert (content[0], content[-2:]) == (text("Look."), [text("What is it?"), text("Really.")])
    assert {part["type"] for part in content[1:-2]} == {"image_url"}
    report = fitted.report
    assert report.num_images == len(content) - 3 == len(pictures_of(messages))
    assert report.num_tokens == counted(messages)
    assert report.num_tokens + 50 <= 4096
    assert report.plan is not None
    assert report.plan["num_tokens"] + report.fixed_num_tokens == report.num_tokens


@pytest.mark.parametrize("seed", range(12))
def test_whatever_stands_around_it_the_count_is_exact(fitter: Fitter, seed: int) -> None:
    rng = random.Random(seed)

    def words() -> str:
        return " ".join(rng.choices(["a", "Bild.", "数", "x²", "\n\n", "...", "[IMG]"], k=6))

    parts: list[dict[str, Any]] = [text(words()) for _ in range(rng.randint(0, 3))]
    parts += [
        image(*rng.choice([(64, 48), (100, 33), (500, 20)])) for _ in range(rng.randint(0, 2))
    ]
    rng.shuffle(parts)
    parts.insert(rng.randint(0, len(parts)), CLIP)
    turns: list[dict[str, Any]] = [user(*parts)]
    if rng.random() < 0.5:
        turns = [user(words()), {"role": "assistant", "content": words()}, *turns]
    if rng.random() < 0.5:
        turns += [{"role": "assistant", "content": words()}, user(words())]
    if rng.random() < 0.5:
        turns.insert(0, {"role": "system", "content": words()})
    tools = None
    if rng.random() < 0.3:
        parameters = {"type": "object", "properties": {}}
        function = {"name": "look", "description": words(), "parameters": parameters}
        tools = [{"type": "function", "function": function}]
    max_tokens = rng.randint(1, 3000)
    fitted = fitter.fit(body(turns, tools=tools, max_tokens=max_tokens), ROOM)
    assert fitted.report.num_tokens == counted(sent(fitted)["messages"], tools)
    assert fitted.report.num_tokens + max_tokens <= 4096


def test_pictures_that_fit_are_untouched(fitter: Fitter) -> None:
    fitted = fitter.fit(body([user(image(640, 480, 1), image(100, 75, 2), text("?"))]), ROOM)
    assert (fitted.body, fitted.report.outcome, fitted.report.num_images) == (None, "untouched", 2)
    assert fitted.report.num_tokens is not None


def test_many_pictures_are_planned_in_their_order(fitter: Fitter) -> None:
    asked = [user(*(image(1280, 704, seed) for seed in range(5)), text("?"))]
    fitted = fitter.fit(body(asked, max_tokens=300), ROOM)
    messages = sent(fitted)["messages"]
    assert fitted.report.num_tokens == counted(messages) <= 3796
    assert fitted.report.plan is not None
    order = [frame["pts"] for frame in fitted.report.plan["frames"]]
    assert order == sorted(order)
    lost = set(range(5)) - set(order)
    assert bool(lost) == any("are not sent" in warning for warning in fitted.report.warnings)


def test_texts_between_pictures_keep_every_picture(fitter: Fitter) -> None:
    parts = [part for i in range(4) for part in (text(f"Picture {i}:"), image(1280, 704, i))]
    fitted = fitter.fit(body([user(*parts, text("?"))], max_tokens=300), ROOM)
    content = sent(fitted)["messages"][0]["content"]
    assert [part["type"] for part in content] == ["text", "image_url"] * 4 + ["text"]
    assert [part["text"] for part in content[:8:2]] == [f"Picture {i}:" for i in range(4)]
    assert fitted.report.num_tokens == counted([user(*content)])


def test_pictures_of_several_sizes_are_put_on_white_and_it_is_said(fitter: Fitter) -> None:
    fitted = fitter.fit(
        body([user(image(1024, 700, 0), image(700, 1024, 1))], max_tokens=300), ROOM
    )
    assert any("2 sizes" in warning for warning in fitted.report.warnings)
    assert {round(p.width / p.height, 1) for p in pictures_of(sent(fitted)["messages"])} == {1.0}


def test_a_long_text_is_cut_between_words_and_it_is_said(fitter: Fitter) -> None:
    long = "word " * 6000
    for asked in ([user(long)], [{"role": "system", "content": "s."}, user(text(long), text("b"))]):
        fitted = fitter.fit(body(asked, max_tokens=7), ROOM)
        assert fitted.report.num_tokens == counted(sent(fitted)["messages"]) <= 4089
        assert any("was cut" in warning for warning in fitted.report.warnings)
    beside = fitter.fit(body([user(CLIP, text(long))], max_tokens=7), ROOM)
    assert any("was cut" in warning for warning in beside.report.warnings)
    assert beside.report.num_tokens == counted(sent(beside)["messages"])


@pytest.mark.parametrize(
    ("messages", "fields", "error", "words"),
    [
        ([user(CLIP, CLIP)], {}, UnsupportedRequestError, "2 videos"),
        ([user(CLIP)], {"truncate_prompt_tokens": 5}, UnsupportedRequestError, "truncate_prompt"),
        ([user(CLIP, {"type": "input_audio"})], {}, UnsupportedRequestError, "input_audio"),
        ([{"role": "system", "content": [CLIP]}, user("a")], {}, UnsupportedRequestError, "system"),
        ([user(CLIP)], {"max_tokens": 4096}, RefusedError, "max_tokens 4096"),
        ([user(CLIP)], {"max_tokens": "many"}, RefusedError, "whole number"),
        ([user(CLIP)], {"model": "other"}, RefusedError, "'other'"),
        ([user({"type": "video_url"})], {}, RefusedError, "no address"),
        (
            [user({"type": "image_url", "image_url": "http://h/a.png"})],
            {},
            UsageError,
            "--allow-host",
        ),
        (
            [user(image(1024, 1024)), {"role": "assistant", "content": "a"}, user(image(900, 900))],
            {},
            UnsupportedRequestError,
            "2 turns",
        ),
        (
            [user("a"), {"role": "assistant", "content": "w " * 5000}, user("b")],
            {},
            RefusedError,
            "cut",
        ),
    ],
)
def test_what_cannot_be_planned_is_refused_with_the_remedy(
    fitter: Fitter, messages: Any, fields: dict[str, Any], error: type[Exception], words: str
) -> None:
    with pytest.raises(error) as refused:
        fitter.fit(body(messages, **{"max_tokens": 300, **fields}), ROOM)
    assert words in str(refused.value)


def test_what_the_server_says_better_is_left_to_it(fitter: Fitter) -> None:
    for messages, fields in (
        ([user("hi")], {"max_tokens": 5000}),
        ([{"role": "nobody", "content": "x"}], {}),
        ([user("x " * 5000)], {"truncate_prompt_tokens": 9}),
    ):
        assert fitter.fit(body(messages, **fields), ROOM).body is None


def test_a_picture_in_an_allowed_folder_is_sent_in_the_request(tmp_path: Path) -> None:
    Image.new("RGB", (64, 48), "red").save(tmp_path / "a.png")
    fitter = Fitter(PlanningSettings(allowed_dirs=(tmp_path,)))
    named = {"type": "image_url", "image_url": {"url": f"file://{tmp_path}/a.png"}}
    fitted = fitter.fit(body([user(named)]), ROOM)
    assert fitted.report.outcome == "untouched"
    assert pictures_of(sent(fitted)["messages"])[0].size == (64, 48)


def test_limits_of_videos_and_pictures_are_kept() -> None:
    strict = Fitter(PlanningSettings(max_video_s=0.2, max_pixels=64 * 48, max_request_images=2))
    for content, words in (
        ([video(clip_bytes(10))], "lasts"),
        ([clip()], "pixels a frame"),
        ([image(65, 48)], "pixels"),
        ([image(8, 8)] * 3, "3 pictures"),
    ):
        with pytest.raises(UsageError, match=words):
            strict.fit(body([user(*content)]), ROOM)


def test_a_video_is_looked_at_once(fitter: Fitter, monkeypatch: pytest.MonkeyPatch) -> None:
    first = fitter.fit(body([user(CLIP, text("a"))]), ROOM).report
    monkeypatch.setattr("budgetfit.serving.analyses.analyze_source", None)
    assert fitter.fit(body([user(CLIP, text("a"))]), ROOM).report.num_tokens == first.num_tokens


def test_what_was_seen_is_kept_within_its_bytes() -> None:
    content = [clip_bytes(n, width=64, height=48) for n in (3, 4, 5, 6)]
    small = Fitter(PlanningSettings(cache_bytes=60_000))
    for each in content:
        small.fit(body([user(video(each))]), ROOM)
        assert small._analyses.num_bytes <= 60_000
