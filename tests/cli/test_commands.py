from __future__ import annotations

import base64
import io
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import budgetfit as package
from tests.cli.conftest import Command
from tests.engines.faulty_server import MODEL, Script, chat_body, chat_chunks, serve

CONTRACT = {
    "schema_version",
    "profile",
    "video",
    "limits",
    "frames",
    "prompt",
    "num_tokens",
    "information",
    "best_bound",
    "gap",
    "status",
    "warnings",
    "timings_s",
}
PARTS = {
    "video": {"path", "width", "height", "duration_s", "fingerprint", "num_bytes"},
    "limits": {"max_model_len", "max_tokens", "max_prompt_tokens", "max_images"},
    "prompt": {"text", "num_tokens", "num_tokens_full"},
    "timings_s": {"import", "analyze", "solve", "total"},
}


def pixels(images: Sequence[Image.Image]) -> list[Any]:
    return [np.asarray(image).tolist() for image in images]


def test_the_plan_file_has_the_contracts_fields(
    budgetfit: Command, clip: Path, tmp_path: Path
) -> None:
    target = tmp_path / "plan.json"
    assert budgetfit("plan", clip, "--max-images", 3, "--json", target).code == 0
    data = json.loads(target.read_text(encoding="utf-8"))
    assert data.keys() >= CONTRACT
    for name, fields in PARTS.items():
        assert data[name].keys() == fields
    for frame in data["frames"]:
        assert frame.keys() == {"time_s", "pts", "width", "height", "num_tokens"}
    assert data["video"]["path"] == str(clip)
    assert data["limits"] == {
        "max_model_len": 4096,
        "max_tokens": 300,
        "max_prompt_tokens": 3796,
        "max_images": 3,
    }
    times = data["timings_s"]
    assert all(value > 0 for value in times.values())
    assert times["total"] >= times["analyze"] + times["solve"]


def test_the_options_are_those_of_plan(budgetfit: Command, clip: Path, tmp_path: Path) -> None:
    target = tmp_path / "plan.json"
    options: dict[str, Any] = {
        "system_prompt": "Be brief.",
        "profile": "cosmos-transfer1",
        "max_model_len": 900,
        "max_tokens": 100,
        "max_images": 2,
        "time_limit_s": 1.5,
        "num_candidates": 7,
        "start_s": 0.2,
        "end_s": 0.8,
    }
    given = [part for k, v in options.items() for part in (f"--{k.replace('_', '-')}", v)]
    assert budgetfit("plan", clip, "--prompt", "What?", *given, "--json", target).code == 0
    written = package.Plan.load(target)
    expected = package.plan(clip, "What?", **options)
    for name in ("profile", "limits", "frames", "prompt", "system_prompt", "num_tokens", "gap"):
        assert getattr(written, name) == getattr(expected, name)
    assert written.asked == expected.asked
    assert all(0.2 <= frame.time_s <= 0.8 for frame in written.frames)


def test_the_pictures_are_those_of_the_plan(budgetfit: Command, clip: Path, tmp_path: Path) -> None:
    folder, target = tmp_path / "new" / "pictures", tmp_path / "plan.json"
    assert budgetfit("plan", clip, "--images", folder, "--json", target).code == 0
    plan = package.Plan.load(target)
    names = sorted(path.name for path in folder.iterdir())
    assert names == [f"{number:03}.png" for number in range(len(plan.frames))]
    written = [Image.open(folder / name) for name in names]
    assert [image.size for image in written] == [(f.width, f.height) for f in plan.frames]
    assert pixels(written) == pixels(plan.images())
    for image in written:
        image.close()


def test_the_contact_sheet_is_a_png(budgetfit: Command, clip: Path, tmp_path: Path) -> None:
    target = tmp_path / "sheet.png"
    assert budgetfit("plan", clip, "--contact-sheet", target).code == 0
    with Image.open(target) as sheet:
        assert (sheet.format, sheet.mode) == ("PNG", "RGB")
        assert sheet.width >= 640


def test_words_show_the_plan(budgetfit: Command, clip: Path) -> None:
    outcome = budgetfit("plan", clip, "--prompt", "What [red]number[/] is \x1b[31m this?")
    assert (outcome.code, outcome.err) == (0, "")
    assert "numbers.mp4, 160x96, 1.00 s, for pixtral-12b" in outcome.out
    assert r'prompt "What [red]number[/] is \x1b[31m this?"' in outcome.out
    assert "% of the video, proved " in outcome.out
    assert "\x1b" not in outcome.out


def test_json_on_stdout_is_all_of_stdout(budgetfit: Command, clip: Path) -> None:
    outcome = budgetfit("plan", clip, "--json", "-", "--prompt", "Größe? 大")
    data = json.loads(outcome.out)
    assert data["prompt"]["text"] == "Größe? 大"
    assert outcome.out.isascii()
    assert f"{data['num_tokens']} of 3796 prompt tokens" in outcome.err


def test_a_prompt_file_is_taken_whole(budgetfit: Command, clip: Path, tmp_path: Path) -> None:
    text = "\ufeff first\r\nsecond [b] \n\n"
    (tmp_path / "prompt.txt").write_bytes(text.encode())
    outcome = budgetfit("plan", clip, "--prompt-file", tmp_path / "prompt.txt", "--json", "-")
    assert json.loads(outcome.out)["prompt"]["text"] == text
    (tmp_path / "empty.txt").write_bytes(b"")
    outcome = budgetfit("plan", clip, "--prompt-file", tmp_path / "empty.txt", "--json", "-")
    assert json.loads(outcome.out)["prompt"] == {"text": "", "num_tokens": 0, "num_tokens_full": 0}


@pytest.mark.parametrize(
    ("args", "names"),
    [
        ([], "command"),
        (["plan"], "VIDEO"),
        (["nonsense"], "nonsense"),
        (["plan", "CLIP", "--nonsense"], "--nonsense"),
        (["plan", "CLIP", "--max-tokens", "many"], "--max-tokens"),
        (["plan", "CLIP", "--max-tokens", "0"], "max_tokens is 0"),
        (["plan", "CLIP", "--max-images", "0"], "max_images is 0"),
        (["plan", "CLIP", "--max-model-len", "300"], "max_model_len 300"),
        (["plan", "CLIP", "--time-limit-s", "nan"], "time_limit_s is nan"),
        (["plan", "CLIP", "--profile", "pixtral"], "'pixtral'"),
        (["plan", "CLIP", "CLIP", "other.mp4"], "3 videos"),
        (["plan", "CLIP", "--prompt", "a", "--prompt-file", "TMP/p"], "--prompt-file"),
        (["plan", "CLIP", "--prompt-file", "TMP/none"], "No such file"),
        (["plan", "CLIP", "--prompt-file", "TMP/latin1"], "not UTF-8 (byte 2)"),
        (["plan", "CLIP", "--images", "TMP/full"], "not empty"),
        (["plan", "CLIP", "--images", "TMP/latin1"], "latin1"),
        (["plan", "CLIP", "--json", "TMP/none/plan.json"], "TMP/none"),
        (["plan", "CLIP", "--json", "TMP/full"], "is a folder"),
        (["plan", "CLIP", "--json", "CLIP"], "an input"),
        (["plan", "CLIP", "--prompt-file", "TMP/p", "--json", "TMP/full/../p"], "an input"),
        (["plan", "CLIP", "--json", "TMP/x.png", "--contact-sheet", "TMP/x.png"], "--json"),
        (["plan", "CLIP", "--contact-sheet", "TMP/x.jpg"], ".png"),
        (["plan", "CLIP", "--images", "TMP/new", "--json", "TMP/new/x.json"], "TMP/new"),
        (["plan", "CLIP", "--images", "TMP/empty", "--json", "TMP/empty/x.json"], "--images"),
        (["run", "CLIP"], "--model"),
        (["run", "CLIP", "--base-url", "http://127.0.0.1:9/v1"], "--model"),
        (["run", "CLIP", "--model", "TMP/none"], "no folder"),
        (["run", "CLIP", "--model", "TMP/full", "--temperature", "-1"], "--temperature is -1.0"),
        (["run", "CLIP", "--model", "TMP/full", "--top-p", "0"], "--top-p is 0.0"),
    ],
)
def test_wrong_usage_is_told_before_any_work(
    budgetfit: Command, clip: Path, tmp_path: Path, args: list[str], names: str
) -> None:
    for folder in ("full", "empty"):
        (tmp_path / folder).mkdir()
    (tmp_path / "full" / "mine").write_text("mine")
    (tmp_path / "p").write_text("prompt")
    (tmp_path / "latin1").write_bytes("Grüße".encode("latin-1"))
    before = sorted(tmp_path.rglob("*")), clip.read_bytes(), (tmp_path / "p").read_text()
    places = {"CLIP": str(clip), "TMP": str(tmp_path)}

    def place(text: str) -> str:
        for name, path in places.items():
            text = text.replace(name, path)
        return text

    outcome = budgetfit(*map(place, args))
    assert outcome.code == 2
    assert place(names) in outcome.error
    assert before == (
        sorted(tmp_path.rglob("*")),
        clip.read_bytes(),
        (tmp_path / "p").read_text(),
    )


@pytest.mark.parametrize("content", [None, b"", b"no video at all\n" * 100])
def test_unreadable_videos_are_3(budgetfit: Command, tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "bad [red]\x1b[31m.mp4"
    if content is not None:
        path.write_bytes(content)
    folder = tmp_path / "pictures"
    outcome = budgetfit("plan", path, "--images", folder, "--json", tmp_path / "plan.json")
    assert outcome.code == 3
    assert "[red]" in outcome.error
    assert "\x1b" not in outcome.error
    assert not folder.exists()
    assert not (tmp_path / "plan.json").exists()


def test_undecodable_frames_are_3(budgetfit: Command, clips_dir: Path) -> None:
    outcome = budgetfit("plan", clips_dir / "edge_no_decodable_frame.webm")
    assert outcome.code == 3
    assert "no frame that can be decoded" in outcome.error


def test_what_cannot_fit_is_4(budgetfit: Command, clip: Path) -> None:
    outcome = budgetfit("plan", clip, "--max-model-len", 305)
    assert outcome.code == 4
    assert "max_model_len 305 with max_tokens 300 (5 prompt tokens" in outcome.error
    needed = re.search(r"max_model_len 305 -> (\d+); max_tokens 300 -> (\d+)$", outcome.error)
    assert needed is not None
    length, answer = map(int, needed.groups())
    for last, code in ((0, 0), (1, 4)):
        assert budgetfit("plan", clip, "--max-model-len", length - last).code == code
        given = ("--max-model-len", 305, "--max-tokens", answer + last)
        assert budgetfit("plan", clip, *given).code == code


def test_run_asks_a_server_with_the_plans_pictures(
    budgetfit: Command, clip: Path, tmp_path: Path
) -> None:
    target = tmp_path / "plan.json"
    plan = package.plan(clip, "Which numbers?")
    with serve(Script(body=chat_body(plan.num_tokens))) as server:
        outcome = budgetfit(
            *("run", clip, "--base-url", server.base_url, "--model", MODEL),
            *("--prompt", "Which numbers?", "--json", target),
        )
    assert (outcome.code, outcome.err) == (0, "")
    assert "a robot\n" in outcome.out
    assert f"{plan.num_tokens} planned, {plan.num_tokens} counted" in outcome.out
    (chat,) = server.chats
    *pictures, text = chat["messages"][0]["content"]
    assert text == {"type": "text", "text": "Which numbers?"}
    sent = [base64.b64decode(p["image_url"]["url"].partition(",")[2]) for p in pictures]
    assert pixels([Image.open(io.BytesIO(png)) for png in sent]) == pixels(plan.images())
    assert package.Plan.load(target).frames == plan.frames


def test_run_passes_sampling_on_and_shows_pieces_as_they_come(
    budgetfit: Command, clip: Path
) -> None:
    plan = package.plan(clip)
    script = Script(body=chat_body(plan.num_tokens), chunks=chat_chunks(plan.num_tokens))
    script.chunks[1]["choices"][0]["delta"]["content"] = "\x1b[2Ja "  # type: ignore[index]
    with serve(script):
        arguments = ("run", clip, "--base-url", script.base_url, "--model", MODEL)
        whole = budgetfit(*arguments)
        streamed = budgetfit(
            *arguments, *("--stream", "--temperature", "0.7", "--top-p", "0.9", "--seed", 3)
        )
    assert (whole.code, whole.err, streamed.code, streamed.err) == (0, "", 0, "")
    assert "\nanswer:\n\\x1b[2Ja robot\n(2 tokens, ended by the model)\n" in streamed.out
    counts = f"prompt tokens: {plan.num_tokens} planned, {plan.num_tokens} counted by the engine\n"
    assert whole.out.endswith(counts)
    assert streamed.out.endswith(counts)
    first, second = script.chats
    assert (first["temperature"], "top_p" in first, "seed" in first) == (0.0, False, False)
    assert (second["temperature"], second["top_p"], second["seed"]) == (0.7, 0.9, 3)


def test_a_stream_that_breaks_off_is_5_and_keeps_what_was_shown(
    budgetfit: Command, clip: Path
) -> None:
    plan = package.plan(clip)
    with serve(Script(chunks=chat_chunks(plan.num_tokens)[:2], ending="cut")) as server:
        outcome = budgetfit(
            "run", clip, "--stream", "--base-url", server.base_url, "--model", MODEL
        )
    assert outcome.code == 5
    assert "\nanswer:\na " in outcome.out
    assert "counted by the engine" not in outcome.out
    assert outcome.err.startswith("budgetfit: error: lost ")


def test_run_with_json_on_stdout_answers_on_stderr(budgetfit: Command, clip: Path) -> None:
    plan = package.plan(clip)
    with serve(Script(body=chat_body(plan.num_tokens))) as server:
        outcome = budgetfit(
            "run", clip, "--base-url", server.base_url, "--model", MODEL, "--json", "-"
        )
    assert json.loads(outcome.out)["num_tokens"] == plan.num_tokens
    assert "a robot\n" in outcome.err


def test_run_sends_the_key_of_the_environment(
    budgetfit: Command, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = []
    import openai

    real = openai.OpenAI

    def noting(**options: Any) -> openai.OpenAI:
        keys.append(options["api_key"])
        return real(**options)

    monkeypatch.setattr(openai, "OpenAI", noting)
    for key in ("secret", None):
        monkeypatch.setenv("OPENAI_API_KEY", key) if key else monkeypatch.delenv("OPENAI_API_KEY")
        budgetfit("run", clip, "--base-url", "http://127.0.0.1:9/v1", "--model", "m")
    assert keys == ["secret", "EMPTY"]


def test_engine_failures_are_5_after_the_plan_was_written(
    budgetfit: Command, clip: Path, tmp_path: Path
) -> None:
    target = tmp_path / "plan.json"
    arguments = ("run", clip, "--model", MODEL, "--json", target, "--base-url")
    outcome = budgetfit(*arguments, "http://127.0.0.1:9/v1")
    assert outcome.code == 5
    assert outcome.err.startswith("budgetfit: error: cannot reach http://127.0.0.1:9/v1")
    assert outcome.err.count("\n") == 1
    plan = package.Plan.load(target)
    with serve(Script(body=chat_body(plan.num_tokens + 1))) as server:
        outcome = budgetfit(*arguments, server.base_url)
    assert outcome.code == 5
    assert f"{plan.num_tokens} prompt tokens but" in outcome.err


def test_version_and_help(budgetfit: Command) -> None:
    outcome = budgetfit("--version")
    assert (outcome.code, outcome.out) == (0, f"budgetfit {package.__version__}\n")
    for command in ("plan", "run"):
        outcome = budgetfit(command, "--help")
        assert outcome.code == 0
        for option in (
            *("--prompt", "--prompt-file", "--system-prompt", "--profile", "--max-model-len"),
            *("--max-tokens", "--max-images", "--time-limit-s", "--json", "--images"),
            "--contact-sheet",
        ):
            assert f"{option} " in outcome.out
    assert {"plan", "run", "profiles"} <= set(budgetfit("--help").out.split())


def test_profiles(budgetfit: Command) -> None:
    outcome = budgetfit("profiles")
    assert outcome.code == 0
    for profile in package.PROFILES.values():
        assert profile.description in outcome.out


def test_a_transcript_is_cut_by_line_and_the_prompt_is_not(
    budgetfit: Command, clip: Path, tmp_path: Path
) -> None:
    lines = [f"0:{k:02d} somebody says the number {k}." for k in range(60)]
    path = tmp_path / "transcript.txt"
    path.write_text("\n".join(lines), encoding="utf-8")
    given = ("--max-model-len", 900, "--json", "-", "--transcript", path)
    prompts = []
    for value in (0, 0.05, 5):
        asked = (*given, "--transcript-value", value, "--prompt", "What is said?")
        prompts.append(json.loads(budgetfit("plan", clip, *asked).out)["prompt"])
    for prompt in prompts:
        transcript, question = prompt["blocks"]
        assert question["text"] == "What is said?"
        assert prompt["text"].endswith("What is said?")
        kept = transcript["text"].split("\n") if transcript["text"] else []
        dropped = transcript["dropped"].split("\n") if transcript["dropped"] else []
        assert sorted(kept + dropped) == lines
        assert kept == sorted(kept)
    counts = [prompt["blocks"][0]["num_tokens"] for prompt in prompts]
    assert counts[0] == 0 < counts[2]
    assert counts == sorted(counts)
    outcome = budgetfit("plan", clip, *given)
    data = json.loads(outcome.out)
    assert data["prompt"]["blocks"][1]["text"] == "describe the following images"
    assert any("the transcript was cut from" in warning for warning in data["warnings"])


@pytest.mark.parametrize(
    ("args", "names"),
    [
        (["--transcript", "none.txt"], "the transcript file none.txt"),
        (["--transcript-value", "1"], "without --transcript"),
        (["--transcript", "FILE", "--transcript-value", "-1"], "tokens is -1"),
        (["--transcript", "FILE", "--json", "FILE"], "an input"),
    ],
)
def test_wrong_transcripts(
    budgetfit: Command, clip: Path, tmp_path: Path, args: list[str], names: str
) -> None:
    path = tmp_path / "transcript.txt"
    path.write_text("One line.", encoding="utf-8")
    outcome = budgetfit("plan", clip, *(path if arg == "FILE" else arg for arg in args))
    assert outcome.code == 2
    assert names in outcome.err.replace("\n", " ")
