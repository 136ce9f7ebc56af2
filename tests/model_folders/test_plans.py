"""Plans for a model's folder: exact, kept in files, and refused where the model changed."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

import budgetfit
from budgetfit import Plan
from budgetfit.cli import main
from budgetfit.engines.checks import check_rules
from budgetfit.errors import ModelFolderError, PlanFileError, UsageError
from budgetfit.model_folders import read_model_folder
from budgetfit.tokens.tokenizer import RequestTokenizer
from tests.model_folders.judges import mistral_of, their_ids
from tests.model_folders.shapes import SHAPES, write_model
from tests.video.clips import make_clip
from tiny_pixtral import TinyShape, write_tekken, write_tiny_pixtral

SHAPE = TinyShape(14, 1540, 2, "v7", num_words=3000)


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("clips") / "numbers.mp4"
    make_clip(path, 25, width=320, height=176)
    return path


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return write_model(tmp_path / "model", SHAPE)


@pytest.mark.parametrize("montage", [False, True])
@pytest.mark.parametrize("name", SHAPES)
def test_a_plan_for_each_shape(
    clip: Path, folders: dict[str, Path], name: str, montage: bool
) -> None:
    folder = folders[name]
    profile = read_model_folder(folder)
    plan = budgetfit.plan(
        clip,
        "What moves?",
        profile=folder,
        system_prompt="Be brief.",
        max_model_len=900,
        max_tokens=50,
        max_images=3,
        time_labels=True,
        montage=montage,
    )
    assert plan.num_tokens <= 850
    theirs = their_ids(mistral_of(folder / "tekken.json"), plan.request)
    assert plan.prompt_token_ids() == list(theirs)
    for picture, image in zip(plan.pictures, plan.images(), strict=True):
        assert image.size == (picture.width, picture.height)
        assert max(image.size) <= profile.max_image_size
        assert not any(side % profile.side_multiple for side in image.size)
    pictures = sum(picture.num_tokens for picture in plan.pictures)
    assert plan.num_label_tokens == sum(
        plan.tokenizer().count_text(label) for label in plan.picture_labels if label
    )
    assert plan.num_tokens == 3 + plan.prompt.num_tokens + plan.num_label_tokens + pictures


def test_the_folders_context_is_the_default(clip: Path, model: Path) -> None:
    plan = budgetfit.plan(clip, profile=model, max_images=1)
    assert plan.limits.max_model_len == 131072
    assert plan.profile == str(model)


def test_a_saved_plan_needs_the_model_for_its_tokens_alone(
    clip: Path, model: Path, tmp_path: Path
) -> None:
    plan = budgetfit.plan(clip, profile=model, max_model_len=600)
    plan.save(tmp_path / "plan.json")
    again = Plan.load(tmp_path / "plan.json")
    assert again == plan
    assert again.prompt_token_ids() == plan.prompt_token_ids()
    assert str(again.explain())
    shutil.rmtree(model)
    gone = Plan.load(tmp_path / "plan.json")
    assert [image.size for image in gone.images()] == [image.size for image in plan.images()]
    with pytest.raises(ModelFolderError, match="is no folder"):
        gone.prompt_token_ids()
    # The plan in memory has its tokens already.
    assert plan.prompt_token_ids() == again.prompt_token_ids()


@pytest.mark.parametrize(
    ("shape", "change"),
    [
        (replace(SHAPE, spatial_merge_size=1), "spatial_merge_size 1 instead of 2"),
        (replace(SHAPE, max_image_size=1024), "max_image_size 1024 instead of 1540"),
        (replace(SHAPE, tokenizer_version="v11"), "tokenizer_version v11 instead of v7"),
        (replace(SHAPE, num_words=2000), "another vocabulary"),
    ],
)
def test_a_model_that_changed_is_refused(
    clip: Path, model: Path, tmp_path: Path, shape: TinyShape, change: str
) -> None:
    budgetfit.plan(clip, profile=model, max_model_len=600).save(tmp_path / "plan.json")
    write_model(model, shape)
    loaded = Plan.load(tmp_path / "plan.json")
    for use in (loaded.prompt_token_ids, loaded.explain):
        with pytest.raises(PlanFileError, match=f"{change}, which the plan did not count with"):
            use()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"token_rules": None}, "profile '.*' is unknown"),
        ({"profile": "gpt"}, "profile 'gpt' is unknown"),
        ({"profile": "pixtral-12b"}, "token_rules has image_patch_size 14 but pixtral-12b has 16"),
        ({"token_rules": {}}, "token_rules"),
    ],
)
def test_a_file_whose_rules_contradict_is_refused(
    clip: Path, model: Path, tmp_path: Path, change: dict[str, object], message: str
) -> None:
    path = tmp_path / "plan.json"
    budgetfit.plan(clip, profile=model, max_model_len=600).save(path)
    path.write_text(json.dumps(json.loads(path.read_text()) | change), encoding="utf-8")
    with pytest.raises(PlanFileError, match=message):
        Plan.load(path)


def test_files_of_earlier_versions_have_no_rules(clip: Path, tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    plan = budgetfit.plan(clip)
    plan.save(path)
    content = json.loads(path.read_text())
    assert content.pop("token_rules")["tokenizer_version"] == "v3"
    path.write_text(json.dumps(content), encoding="utf-8")
    loaded = Plan.load(path)
    assert loaded.token_rules is None
    assert loaded.image_rules.side_multiple == 16
    assert loaded.prompt_token_ids() == plan.prompt_token_ids()


def test_rules_are_compared_not_names(clip: Path, model: Path, tmp_path: Path) -> None:
    twelve_b = RequestTokenizer(read_model_folder(write_tiny_pixtral(tmp_path / "12b"))).rules
    other = RequestTokenizer(read_model_folder(model)).rules
    plan = budgetfit.plan(clip)
    check_rules(plan, twelve_b, "12b")
    check_rules(replace(plan, token_rules=None), other, "any")
    with pytest.raises(UsageError, match=r"image_patch_size 14 instead of 16; plan with"):
        check_rules(plan, other, "other")
    with pytest.raises(UsageError, match=r"tokenizer_version v3 instead of v7"):
        check_rules(
            replace(plan, token_rules=replace(twelve_b, tokenizer_version="v7")), twelve_b, "x"
        )


def test_the_command_line_takes_a_folder(
    clip: Path, model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pictures = tmp_path / "pictures"
    arguments = ["--profile", str(model), "--max-model-len", "700", "--json", "-"]
    assert main(["plan", str(clip), *arguments, "--images", str(pictures)]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["profile"] == str(model)
    assert document["token_rules"]["spatial_merge_size"] == 2
    sizes = []
    for path in sorted(pictures.iterdir()):
        with Image.open(path) as image:
            sizes.append(image.size)
    assert sizes == [(frame["width"], frame["height"]) for frame in document["frames"]]
    assert main(["plan", str(clip), "--profile", str(tmp_path)]) == 2
    error = capsys.readouterr().err
    assert f"{tmp_path} has neither params.json nor config.json" in error
    assert error.count("\n") == 1


def test_blocks_need_a_pattern_whose_tokens_add_up(clip: Path, model: Path) -> None:
    blocks = [budgetfit.PromptBlock("one"), budgetfit.PromptBlock("two", required=True)]
    assert budgetfit.plan(clip, blocks, profile=model, max_model_len=600).num_tokens <= 300
    config = json.loads((model / "tekken.json").read_text())["config"]
    write_tekken(model / "tekken.json", SHAPE, {"config": {**config, "pattern": r"\s+|\S+"}})
    plan = budgetfit.plan(clip, "What moves?", profile=model, max_model_len=600)
    assert plan.prompt_token_ids()
    with pytest.raises(UsageError, match=r"2 blocks cannot be counted exactly with .*tekken\.json"):
        budgetfit.plan(clip, blocks, profile=model, max_model_len=600)
