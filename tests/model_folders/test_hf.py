"""Models in Hugging Face's format alone, made and judged by transformers itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from PIL import Image

from budgetfit.errors import ModelFolderError
from budgetfit.information.levels import picture_levels
from budgetfit.model_folders import read_model_folder
from budgetfit.tokens.request import ImagePart, Request, TextPart
from budgetfit.tokens.tokenizer import RequestTokenizer
from tests.model_folders.shapes import write_hf_model, write_model
from tests.tokens.strategies import texts
from tiny_pixtral import TinyShape

transformers = pytest.importorskip("transformers", reason="it is installed beside vLLM")

SHAPES = {
    "mistral3": TinyShape(14, 1540, 2, "v7", num_words=3000),
    "llava": TinyShape(16, 1024, 1, "v3", num_words=3000),
    "odd": TinyShape(12, 1000, 3, "v13", num_words=3000),
}


@pytest.fixture(scope="module", params=SHAPES)
def shape(request: pytest.FixtureRequest) -> TinyShape:
    return SHAPES[request.param]


@pytest.fixture(scope="module")
def hf_folder(shape: TinyShape, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_hf_model(tmp_path_factory.mktemp("hf"), shape)


@pytest.fixture(scope="module")
def tokenizer(hf_folder: Path) -> RequestTokenizer:
    return RequestTokenizer(read_model_folder(hf_folder))


@pytest.fixture(scope="module")
def processor(hf_folder: Path) -> Any:
    return transformers.AutoProcessor.from_pretrained(hf_folder)


def test_the_vocabulary_is_the_tekken_files(
    hf_folder: Path, shape: TinyShape, tokenizer: RequestTokenizer, tmp_path: Path
) -> None:
    original = RequestTokenizer(read_model_folder(write_model(tmp_path, shape)))
    # From a chat template alone v13 cannot be told from v7, nor need it be.
    version = "v3" if shape.tokenizer_version == "v3" else "v7"
    assert tokenizer.rules.tokenizer_version == version
    assert tokenizer.image_token_ids == original.image_token_ids
    assert tokenizer.splits_as_tekken
    request = Request((ImagePart(333, 222), TextPart("What moves? Où ça?\n\n")), "Be brief.")
    assert tokenizer.encode(request) == original.encode(request)


@given(text=texts)
def test_texts_as_the_tokenizer_of_transformers(
    tokenizer: RequestTokenizer, processor: Any, text: str
) -> None:
    # There, names of special tokens in a text are special tokens.
    plain = text.replace("[", "(").replace("<", "(")
    theirs = processor.tokenizer.encode(plain, add_special_tokens=False)
    assert tokenizer.encode_text(plain) == theirs


def test_whole_requests_as_the_processor(tokenizer: RequestTokenizer, processor: Any) -> None:
    rules = tokenizer.rules
    sizes = [
        (level.columns * rules.side_multiple, level.rows * rules.side_multiple)
        for level in picture_levels(1280, 720, rules)[2:5]
    ]
    content: list[dict[str, Any]] = [
        *({"type": "image", "image": Image.new("RGB", size)} for size in sizes),
        {"type": "text", "text": "What moves?"},
    ]
    theirs = processor.apply_chat_template(
        [{"role": "user", "content": content}], tokenize=True, return_dict=True
    )
    ours = tokenizer.encode(
        Request((*(ImagePart(*size) for size in sizes), TextPart("What moves?")))
    )
    assert list(ours.prompt_token_ids) == list(theirs["input_ids"][0])


def test_no_picture_that_is_sent_is_resized(processor: Any, tokenizer: RequestTokenizer) -> None:
    rules = tokenizer.rules
    sizes = [
        (level.columns * rules.side_multiple, level.rows * rules.side_multiple)
        for width, height in ((1920, 1080), (720, 1280), (333, 250))
        for level in picture_levels(width, height, rules)
    ]
    counted = processor._get_num_multimodal_tokens([(height, width) for width, height in sizes])
    side = rules.side_multiple
    assert counted["num_image_tokens"] == [
        (width // side + 1) * (height // side) for width, height in sizes
    ]
    for width, height in sizes[::5]:
        picture = Image.effect_noise((width, height), 90).convert("RGB")
        seen = processor.image_processor(
            picture, patch_size=side, return_tensors="np", do_rescale=False, do_normalize=False
        )["pixel_values"][0]
        assert (seen.transpose(1, 2, 0) == picture).all()


def test_without_a_chat_template_the_version_is_unknown(tmp_path: Path) -> None:
    folder = write_hf_model(tmp_path, SHAPES["odd"])
    (folder / "chat_template.jinja").unlink()
    with pytest.raises(ModelFolderError, match=r"no chat template.*put the model's own tekken"):
        read_model_folder(folder)
