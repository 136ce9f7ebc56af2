"""Conversations are read once, and told as the requests that they were."""

from __future__ import annotations

import json
from typing import Any

from budgetfit.vllm_plugin.conversations import needs_plan, plain, request_of
from tests.serving.proxies import image, text, user, video

PICTURE = image(32, 32)


def test_iterators_become_lists_wherever_they_are() -> None:
    parts = [text("a"), PICTURE]
    calls = [{"id": "1", "function": {"name": "f"}}]
    lazy: list[dict[str, Any]] = [
        {"role": "user", "content": iter(parts)},
        {"role": "assistant", "tool_calls": (call for call in calls)},
    ]
    made = plain(iter(lazy))
    assert made == [{"role": "user", "content": parts}, {"role": "assistant", "tool_calls": calls}]


def test_a_video_and_more_pictures_than_vllm_takes_need_a_plan() -> None:
    assert needs_plan([user("a"), user(text("b"), video("x"))], None)
    assert needs_plan([user(PICTURE, PICTURE), user(PICTURE)], 2)
    assert not needs_plan([user(PICTURE, PICTURE), user("a")], 2)
    assert not needs_plan([{"role": "assistant", "content": None}, user(*[PICTURE] * 9)], None)


def test_the_request_has_what_is_counted() -> None:
    template = {"tools": [{"type": "function"}], "documents": None, "tokenize": True}
    asked: dict[str, Any] = {"max_tokens": 0, "truncate_prompt_tokens": None}
    body = request_of([user("a")], template, **asked)
    assert body is not None
    fields = json.loads(body)
    assert (fields["messages"], fields["tools"]) == ([user("a")], template["tools"])
    assert (fields["max_tokens"], fields["add_generation_prompt"]) == (None, True)
    unknown = {"type": "image_pil", "image_pil": object()}
    assert request_of([user(unknown)], {}, **asked) is None
