"""What is read from a model's folder, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import budgetfit
from budgetfit.errors import ModelFolderError, UsageError
from budgetfit.model_folders import find_profile, is_model_folder, read_model_folder
from budgetfit.profiles import PROFILES, get_profile
from budgetfit.tokens.tokenizer import RequestTokenizer
from tests.model_folders.shapes import SHAPES, hf_config, write_model
from tiny_pixtral import TinyShape, tiny_params, write_tekken, write_tiny_pixtral

SHAPE = TinyShape(14, 1540, 2, "v7", num_words=300)


def edit(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    content = json.loads(path.read_text(encoding="utf-8"))
    change(content)
    path.write_text(json.dumps(content), encoding="utf-8")


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return write_model(tmp_path / "model", SHAPE)


@pytest.fixture
def hf_model(tmp_path: Path) -> Path:
    folder = tmp_path / "hf"
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(hf_config(SHAPE)), encoding="utf-8")
    write_tekken(folder / "tekken.json", SHAPE)
    return folder


@pytest.mark.parametrize("name", SHAPES)
def test_the_rules_are_the_shapes(name: str, folders: dict[str, Path]) -> None:
    profile, shape = read_model_folder(folders[name]), SHAPES[name]
    for rule in ("image_patch_size", "max_image_size", "spatial_merge_size"):
        assert getattr(profile, rule) == getattr(shape, rule)
    assert profile.name == str(folders[name])
    assert (profile.max_model_len, profile.max_tokens) == (131072, 300)
    rules = RequestTokenizer(profile).rules
    assert rules.tokenizer_version == shape.tokenizer_version


def test_pixtral_12bs_folder_counts_as_its_name_does(tmp_path: Path) -> None:
    profile = read_model_folder(write_tiny_pixtral(tmp_path))
    ours, known = (RequestTokenizer(p).rules for p in (profile, get_profile("pixtral-12b")))
    assert ours == known
    assert ours.difference(known) is None


@pytest.mark.parametrize(
    ("params", "length"),
    [
        ({"max_seq_len": 32768, "max_position_embeddings": 131072}, 32768),
        ({"max_position_embeddings": 128000}, 128000),
        ({"max_seq_len": 8192}, 8192),
        ({}, 4096),
    ],
)
def test_the_longest_context(model: Path, params: dict[str, int], length: int) -> None:
    def change(content: dict[str, Any]) -> None:
        del content["max_position_embeddings"]
        content.update(params)

    edit(model / "params.json", change)
    assert read_model_folder(model).max_model_len == length


def test_a_nested_vision_encoder(model: Path) -> None:
    def change(content: dict[str, Any]) -> None:
        content["multimodal"] = {"vision_encoder_args": content.pop("vision_encoder")}

    edit(model / "params.json", change)
    assert read_model_folder(model).side_multiple == 28


def test_hugging_faces_format(hf_model: Path) -> None:
    profile = read_model_folder(hf_model)
    assert (profile.image_patch_size, profile.spatial_merge_size) == (14, 2)
    assert (profile.max_image_size, profile.max_model_len) == (1540, 32768)
    # transformers' Mistral3Config means 2 where nothing is said.
    edit(hf_model / "config.json", lambda config: config.pop("spatial_merge_size"))
    assert read_model_folder(hf_model) == profile


def test_a_tokenizer_for_smaller_images_decides(model: Path, hf_model: Path) -> None:
    smaller = TinyShape(14, 700, 2, "v7", num_words=300)
    for folder in (model, hf_model):
        write_tekken(folder / "tekken.json", smaller)
        assert read_model_folder(folder).max_image_size == 700


def test_names_and_folders(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert find_profile("pixtral-12b") is PROFILES["pixtral-12b"]
    assert find_profile(model) == find_profile(str(model)) == read_model_folder(model)
    monkeypatch.chdir(model.parent)
    assert find_profile("model") == read_model_folder(model)
    assert is_model_folder("model")
    assert not is_model_folder(model.parent)


@pytest.mark.parametrize("name", ["pixtral", "", 3, None])
def test_no_name_and_no_folder(name: Any) -> None:
    with pytest.raises(UsageError, match=r"choose one of|give one of") as caught:
        find_profile(name)
    assert "folder" in str(caught.value)


def refused(folder: Path) -> str:
    with pytest.raises(ModelFolderError) as caught:
        find_profile(folder)
    message = str(caught.value)
    assert "\n" not in message
    assert str(caught.value.path) in message
    return message


def test_no_folder_and_no_model(tmp_path: Path) -> None:
    assert "is no folder; give" in refused(tmp_path / "missing")
    file = tmp_path / "file"
    file.write_bytes(b"")
    assert "is no folder" in refused(file)
    assert "has neither params.json nor config.json; give" in refused(tmp_path)


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b"\xff\xfe\x00", b"null"])
def test_files_that_are_no_json_objects(model: Path, content: bytes) -> None:
    (model / "params.json").write_bytes(content)
    message = refused(model)
    assert "params.json" in message
    assert "download it again" in message
    (model / "params.json").write_text(json.dumps(tiny_params(SHAPE)), encoding="utf-8")
    (model / "tekken.json").write_bytes(content)
    assert "tekken.json is no tokenizer that mistral-common reads" in refused(model)


def test_without_a_tokenizer(model: Path) -> None:
    (model / "tekken.json").unlink()
    (model / "tokenizer.model").write_bytes(b"of no version")
    assert "has no tekken.json, tokenizer.model.v* or tokenizer.json; put" in refused(model)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda p: p.pop("vision_encoder"), "has no vision_encoder: the model takes no images"),
        (lambda p: p.update(vision_encoder={}), "takes no images"),
        (
            lambda p: p.update(multimodal={"whisper_model_args": {"encoder_args": {}}}),
            "hears and sees nothing",
        ),
        (lambda p: p["vision_encoder"].pop("patch_size"), "has patch_size None; it must be"),
        (lambda p: p["vision_encoder"].update(patch_size=14.0), "has patch_size 14.0"),
        (lambda p: p["vision_encoder"].update(patch_size=True), "has patch_size True"),
        (lambda p: p["vision_encoder"].update(image_size=0), "has image_size 0"),
        (lambda p: p.update(max_seq_len="long"), "has max_seq_len 'long'"),
        (
            lambda p: p["vision_encoder"].update(patch_size=16),
            "has image_patch_size 16 but tekken.json has 14",
        ),
        (
            lambda p: p["vision_encoder"].pop("spatial_merge_size"),
            "has spatial_merge_size 1 but tekken.json has 2",
        ),
        (
            lambda p: p["vision_encoder"].update(image_size=1024),
            "has image_size 1024 but tekken.json has 1540",
        ),
        (
            lambda p: p["vision_encoder"].update(image_end_token_id=14),
            "has the id of img_end 14 but tekken.json has 13",
        ),
    ],
)
def test_params_that_cannot_be_used(
    model: Path, change: Callable[[dict[str, Any]], object], message: str
) -> None:
    edit(model / "params.json", change)
    assert message in refused(model)


def test_a_tokenizer_without_images(model: Path) -> None:
    edit(model / "tekken.json", lambda content: content.pop("multimodal"))
    assert "tekken.json has no rules for images but params.json has" in refused(model)


@pytest.mark.parametrize("version", ["v1", "v2", "v99"])
def test_tokenizers_of_other_versions(model: Path, version: str) -> None:
    edit(model / "tekken.json", lambda content: content["config"].update(version=version))
    with pytest.raises(UsageError, match=r"tekken\.json.*[vV]ersion"):
        read_model_folder(model)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda c: c.update(model_type="qwen2_5_vl"),
            "has model_type 'qwen2_5_vl' with a vision tower of type 'pixtral'; only models of",
        ),
        (lambda c: c.pop("vision_config"), "has model_type 'mistral3'; only models of"),
        (lambda c: c["vision_config"].update(model_type="clip_vision_model"), "'clip_vision"),
        (lambda c: c.update(model_type="mistral"), "has model_type 'mistral'"),
        (lambda c: c["vision_config"].pop("image_size"), "has image_size None"),
        (lambda c: c.update(spatial_merge_size=3), "has spatial_merge_size 3 but tekken.json has"),
        (lambda c: c.update(image_token_index=11), "has the id of img 11 but tekken.json has 10"),
    ],
)
def test_configs_that_cannot_be_used(
    hf_model: Path, change: Callable[[dict[str, Any]], object], message: str
) -> None:
    edit(hf_model / "config.json", change)
    assert message in refused(hf_model)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("processor_config.json", {"patch_size": 16}, "has patch_size 16 but config.json has 14"),
        (
            "preprocessor_config.json",
            {"patch_size": {"height": 16, "width": 16}},
            "has patch_size 16 but config.json has 14",
        ),
        (
            "processor_config.json",
            {"spatial_merge_size": 1},
            "has spatial_merge_size 1 but config.json has 2",
        ),
        (
            "processor_config.json",
            {"image_processor": {"size": {"longest_edge": 1024}}},
            "config.json has image_size 1024 but tekken.json has 1540",
        ),
        ("preprocessor_config.json", {"size": {"longest_edge": -1}}, "has longest_edge -1"),
        ("preprocessor_config.json", [], "holds no JSON object"),
    ],
)
def test_processors_that_contradict(
    hf_model: Path, name: str, content: object, message: str
) -> None:
    (hf_model / name).write_text(json.dumps(content), encoding="utf-8")
    assert message in refused(hf_model)


def test_the_processors_file_overrules_the_image_processors(hf_model: Path) -> None:
    (hf_model / "preprocessor_config.json").write_text('{"patch_size": 28}', encoding="utf-8")
    (hf_model / "processor_config.json").write_text(
        '{"image_processor": {"patch_size": {"height": 16}}, "patch_size": 14}', encoding="utf-8"
    )
    assert read_model_folder(hf_model).image_patch_size == 14


def test_a_shape_that_no_picture_has(tmp_path: Path) -> None:
    folder = write_model(tmp_path, TinyShape(14, 20, 2, "v7", num_words=300))
    assert "tokens of 28 pixels a side in images of at most 20; no picture" in refused(folder)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"model": {"type": "Unigram", "vocab": []}}, "is no tekken vocabulary; put"),
        ({"model": {"type": "BPE", "vocab": {"a": 0}}}, "is no tekken vocabulary; put"),
        ([], "is no tokenizer that mistral-common reads"),
    ],
)
def test_tokenizers_of_other_families(hf_model: Path, content: object, message: str) -> None:
    (hf_model / "tekken.json").unlink()
    (hf_model / "tokenizer.json").write_text(json.dumps(content), encoding="utf-8")
    assert message in refused(hf_model)


def test_plan_says_it_before_the_video_is_read(tmp_path: Path) -> None:
    with pytest.raises(ModelFolderError, match="neither"):
        budgetfit.plan(tmp_path / "no.mp4", profile=tmp_path)
