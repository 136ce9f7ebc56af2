"""vLLM's own server with the plug-in: what it refuses is answered, with no proxy before it."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest

from budgetfit.serving.fitting import Fitter
from budgetfit.serving.settings import PlanningSettings
from budgetfit.vllm_plugin.settings import VARIABLE
from tests.engines.test_serving import REFUSED_TODAY
from tests.serving.proxies import clip, image, text, user, video
from tests.video.clips import make_clip
from tiny_server import TinyServer, tiny_server

pytestmark = pytest.mark.engine

CLIP = clip()
MAX_IMAGES = 6


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("videos")
    make_clip(folder / "numbers.mp4", 12, width=320, height=176)
    return folder


@pytest.fixture(scope="module")
def planning_server(
    tiny_model: Path, folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TinyServer]:
    """Start a server whose operator asks for the plug-in; what it started ends with it."""
    settings = {"allowed_dirs": [str(folder)], "max_images": MAX_IMAGES, "max_tokens": 100}
    log_path = tmp_path_factory.mktemp("planning-server") / "server.log"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VLLM_PLUGINS", "budgetfit")
        patch.setenv(VARIABLE, json.dumps(settings))
        # An engine in this process may have made it less for all it starts.
        patch.setenv("VLLM_LOGGING_LEVEL", "INFO")
        with tiny_server(tiny_model, log_path) as server:
            yield server
            workers = workers_of(server)
    while any(Path(f"/proc/{pid}").exists() for pid in workers):
        time.sleep(0.05)


@pytest.fixture(scope="module")
def fitter(tiny_model: Path, folder: Path) -> Fitter:
    return Fitter(
        PlanningSettings(
            str(tiny_model), max_tokens=100, max_images=MAX_IMAGES, allowed_dirs=(folder,)
        )
    )


def workers_of(server: TinyServer) -> list[int]:
    """Return the processes that plan for a server."""
    assert server.process is not None
    pid = server.process.pid
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    return [
        int(child)
        for child in children
        if b"budgetfit.serving.worker" in Path(f"/proc/{child}/cmdline").read_bytes()
    ]


def prompt_tokens(server: TinyServer, messages: list[Any], **fields: Any) -> int:
    with openai.OpenAI(base_url=server.base_url, api_key="k", max_retries=0) as client:
        answer = client.chat.completions.create(model=server.model, messages=messages, **fields)
    num_tokens: int = answer.usage.prompt_tokens
    return num_tokens


def test_it_is_installed_as_vllm_looks_for_it() -> None:
    (found,) = entry_points(group="vllm.general_plugins", name="budgetfit")
    assert found.value == "budgetfit.vllm_plugin:register"


def test_a_server_that_was_not_asked_refuses_as_ever(server: TinyServer) -> None:
    with pytest.raises(openai.BadRequestError):
        prompt_tokens(server, REFUSED_TODAY["a video"], max_tokens=3)


@pytest.mark.parametrize("name", REFUSED_TODAY)
def test_what_vllm_refuses_is_answered_as_planned(
    planning_server: TinyServer, fitter: Fitter, name: str
) -> None:
    messages = REFUSED_TODAY[name]
    counted = prompt_tokens(planning_server, messages, max_tokens=3)
    body = json.dumps({"messages": messages, "max_tokens": 3}).encode()
    assert fitter.fit(body, {"m": 4096}).report.num_tokens == counted <= 4093


def test_files_tools_and_many_pictures_are_counted(
    planning_server: TinyServer, fitter: Fitter, folder: Path
) -> None:
    function = {"name": "look", "description": "Look.", "parameters": {"type": "object"}}
    tools = [{"type": "function", "function": function}]
    file = [user(video(f"{folder}/numbers.mp4"), text("?"))]
    many = [user(*(image(64, 64, seed) for seed in range(9)), text("?"))]
    for messages, fields in ((file, {"tools": tools, "max_tokens": 2}), (many, {"max_tokens": 2})):
        counted = prompt_tokens(planning_server, messages, tool_choice="none", **fields)
        planned = fitter.fit(json.dumps({"messages": messages, **fields}).encode(), {"m": 4096})
        assert planned.report.num_tokens == counted
    assert planned.report.num_images == MAX_IMAGES


def test_tokenize_tells_the_count_of_the_plan(planning_server: TinyServer, fitter: Fitter) -> None:
    messages = REFUSED_TODAY["a follow-up"]
    asked = {"model": planning_server.model, "messages": messages}
    answer = httpx.post(
        planning_server.base_url.removesuffix("v1") + "tokenize", json=asked, timeout=60
    )
    planned = fitter.fit(json.dumps({"messages": messages}).encode(), {"m": 4096})
    assert answer.json()["count"] == planned.report.num_tokens


def test_what_vllm_takes_is_vllms(planning_server: TinyServer, server: TinyServer) -> None:
    fits = [[user("Hi.")], [user(image(333, 77), text("What is it?"))]]
    fits.append([user("a" + " a" * 4091)])
    for messages in fits:
        fields: dict[str, Any] = {"max_tokens": 300} if len(messages) < 2 else {}
        ours = prompt_tokens(planning_server, messages, **fields)
        assert ours == prompt_tokens(server, messages, **fields)
    # The whole context leaves no token for an answer.
    assert prompt_tokens(planning_server, [user("a" + " a" * 4092)]) < 4096


def test_what_may_not_be_read_is_refused_in_vllms_words(planning_server: TinyServer) -> None:
    for parts, says in (
        ([video("/etc/passwd")], "--allowed-local-media-path"),
        ([video("http://127.0.0.1:9/clip.mp4")], "--allowed-media-domains"),
        ([CLIP, CLIP], "2 videos"),
    ):
        with pytest.raises(openai.BadRequestError, match=re.escape(says)) as caught:
            prompt_tokens(planning_server, [user(*parts, text("?"))])
        assert "proxy" not in str(caught.value)


def test_planning_is_no_work_of_the_servers_own_process(planning_server: TinyServer) -> None:
    def ask(number: int) -> int:
        return prompt_tokens(planning_server, [user(CLIP, text(f"{number}?"))], max_tokens=2)

    with ThreadPoolExecutor(8) as threads:
        counts = list(threads.map(ask, range(8)))
    assert max(counts) <= 4094
    assert len(workers_of(planning_server)) == 1
    log = planning_server.log_path.read_text(encoding="utf-8")
    assert log.count("planned: ") >= 8
    assert "please report" not in log
