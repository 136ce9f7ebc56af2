"""Unmodified clients, the proxy and a real server, over sockets."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openai
import pytest

from tests.serving.proxies import clip, image, started, text, user, video
from tests.video.clips import make_clip
from tiny_server import TinyServer

pytestmark = pytest.mark.engine

CLIP = clip()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("videos")
    make_clip(folder / "numbers.mp4", 12, width=320, height=176)
    return folder


@pytest.fixture(scope="module")
def proxy(server: TinyServer, folder: Path) -> Iterator[str]:
    with started(server.base_url, "--allow-dir", folder) as url:
        yield url


REFUSED_TODAY: dict[str, list[Any]] = {
    "a video": [user(CLIP, text("What is it?"))],
    "a follow-up": [
        {"role": "system", "content": "Be brief."},
        user(CLIP, text("What is it?")),
        {"role": "assistant", "content": "A number."},
        user("Which one?"),
    ],
    "large pictures": [user(*(image(1280, 704, seed) for seed in range(3)), text("?"))],
    "texts between": [
        user(*(part for seed in range(3) for part in (text(f"{seed}:"), image(1280, 704, seed))))
    ],
    "a long text": [user("word " * 6000)],
    "a picture beside": [user(image(640, 480), CLIP, text("Is it in there?"))],
}


@pytest.mark.parametrize("name", REFUSED_TODAY)
def test_what_the_server_refuses_is_answered(proxy: str, server: TinyServer, name: str) -> None:
    asked: Any = {"model": server.model, "messages": REFUSED_TODAY[name], "max_tokens": 3}
    direct = openai.OpenAI(base_url=server.base_url, api_key="k", max_retries=0)
    with direct, pytest.raises(openai.BadRequestError):
        direct.chat.completions.create(**asked)
    with openai.OpenAI(base_url=proxy, api_key="k", max_retries=0) as client:
        answer = client.chat.completions.with_raw_response.create(**asked)
    usage = answer.parse().usage
    assert usage is not None
    assert int(answer.headers["x-budgetfit-num-tokens"]) == usage.prompt_tokens <= 4093
    assert "x-budgetfit-mismatch" not in answer.headers


def test_tools_and_local_files_are_counted(proxy: str, server: TinyServer, folder: Path) -> None:
    function = {"name": "look", "description": "Look.", "parameters": {"type": "object"}}
    asked: Any = {
        "model": server.model,
        "messages": [user(video(f"{folder}/numbers.mp4"), text("?"))],
        "tools": [{"type": "function", "function": function}],
        "tool_choice": "none",
        "max_tokens": 2,
    }
    with openai.OpenAI(base_url=proxy, api_key="k", max_retries=0) as client:
        answer = client.chat.completions.with_raw_response.create(**asked)
    usage = answer.parse().usage
    assert usage is not None
    assert int(answer.headers["x-budgetfit-num-tokens"]) == usage.prompt_tokens


def test_a_stream_passes_and_its_count_is_kept(proxy: str, server: TinyServer) -> None:
    with openai.OpenAI(base_url=proxy, api_key="k", max_retries=0) as client:
        answer = client.chat.completions.with_raw_response.create(
            model=server.model,
            messages=REFUSED_TODAY["a video"],
            max_tokens=4,
            stream=True,
            stream_options={"include_usage": True},
        )
        events = list(answer.parse())
        usage = events[-1].usage
        assert usage is not None
        assert sum(bool(event.choices) for event in events) > 2
        told = client.get(f"/plans/{answer.headers['x-budgetfit-plan-id']}", cast_to=object)
    assert isinstance(told, dict)
    assert told["num_tokens"] == told["counted_num_tokens"] == usage.prompt_tokens


def test_the_rest_of_the_server_is_there(proxy: str, server: TinyServer) -> None:
    with openai.OpenAI(base_url=proxy, api_key="k", max_retries=0) as client:
        assert client.models.list().data[0].id == server.model
        assert client.completions.create(model=server.model, prompt="a", max_tokens=2).usage
        short = client.chat.completions.with_raw_response.create(
            model=server.model, messages=[{"role": "user", "content": "hi"}], max_tokens=2
        )
    assert short.headers["x-budgetfit-outcome"] == "untouched"


def test_64_clients_at_once_get_exact_counts_and_no_error(
    proxy: str, server: TinyServer, full_counts: bool
) -> None:
    until = time.monotonic() + (60 if full_counts else 6)

    async def ask(client: openai.AsyncOpenAI, number: int) -> int:
        done = 0
        while not done or time.monotonic() < until:
            # Most need no plan, as most of what a server is sent; the others wait for a worker.
            asked: Any = [user(f"What is {number}?")]
            if number % 8 == 0:
                asked = [user(CLIP, text(f"What is {number}, {done}?"))]
            answer = await client.chat.completions.with_raw_response.create(
                model=server.model, messages=asked, max_tokens=2
            )
            usage = answer.parse().usage
            assert usage is not None
            told = answer.headers.get("x-budgetfit-num-tokens", usage.prompt_tokens)
            assert int(told) == usage.prompt_tokens
            assert answer.headers["x-budgetfit-outcome"] == (
                "untouched" if number % 8 else "planned"
            )
            done += 1
        return done

    async def ask_all() -> list[int]:
        async with openai.AsyncOpenAI(
            base_url=proxy, api_key="k", max_retries=0, timeout=300
        ) as client:
            return await asyncio.gather(*(ask(client, number) for number in range(64)))

    assert min(asyncio.run(ask_all())) >= 1
