"""Counts for every shape of the family are those of mistral-common's whole encoded request."""

from __future__ import annotations

import random
from importlib import resources
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from mistral_common.protocol.instruct.chunk import ImageChunk
from mistral_common.tokens.tokenizers.image import ImageConfig, ImageEncoder, SpecialImageIDs
from PIL import Image

from budgetfit.errors import MissingExtraError, UnsupportedRequestError
from budgetfit.information.levels import picture_levels
from budgetfit.model_folders import read_model_folder
from budgetfit.profiles import PROFILES, ImageRules
from budgetfit.prompts.blocks import PromptBlock
from budgetfit.prompts.offering import offer_prompts
from budgetfit.tokens.images import image_grid, num_image_tokens
from budgetfit.tokens.request import ImagePart, Request, TextPart
from budgetfit.tokens.tokenizer import RequestTokenizer
from budgetfit.tokens.truncation import prompt_cuts
from tests.model_folders.judges import mistral_of, their_ids
from tests.model_folders.shapes import SHAPES, write_model
from tests.tokens.strategies import requests, texts
from tiny_pixtral import TinyShape

PIXTRAL_LARGE = "mistral_instruct_tokenizer_241114.model.v7m1"

rules = st.builds(
    ImageRules,
    image_patch_size=st.integers(4, 40),
    max_image_size=st.integers(200, 2000),
    spatial_merge_size=st.integers(1, 4),
)
shapes = st.builds(
    TinyShape,
    image_patch_size=st.integers(4, 40),
    max_image_size=st.integers(200, 2000),
    spatial_merge_size=st.integers(1, 4),
    tokenizer_version=st.sampled_from(["v3", "v7", "v11", "v13", "v15"]),
    num_words=st.integers(256, 700),
)
sides = st.one_of(st.integers(1, 90), st.integers(1, 2500))

# With system prompts, texts beside each other, and an image after a single text.
EXAMPLES = (
    Request(()),
    Request((TextPart("describe"), ImagePart(320, 176)), "be brief"),
    Request((TextPart("."), TextPart("\n"), ImagePart(16, 16), TextPart("a"))),
    Request((ImagePart(1600, 900), ImagePart(28, 29), TextPart("what moves?")), "Be\n\nbrief. "),
    Request((TextPart("hi"), TextPart("you")), "\n"),
)


@given(request=requests)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_count_equals_mistral_commons_request(folder: Path, request: Request) -> None:
    tokenizer = RequestTokenizer(read_model_folder(folder))
    theirs = their_ids(mistral_of(folder / "tekken.json"), request)
    assert tokenizer.verify(request, tokenizer.count(request)).prompt_token_ids == theirs


@pytest.mark.parametrize("request_", EXAMPLES)
def test_requests_that_versions_encode_differently(folder: Path, request_: Request) -> None:
    tokenizer = RequestTokenizer(read_model_folder(folder))
    theirs = their_ids(mistral_of(folder / "tekken.json"), request_)
    assert tokenizer.verify(request_, tokenizer.count(request_)).prompt_token_ids == theirs


@given(shape=shapes, request=requests)
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_shape(tmp_path: Path, shape: TinyShape, request: Request) -> None:
    folder = write_model(tmp_path, shape)
    tokenizer = RequestTokenizer(read_model_folder(folder))
    theirs = their_ids(mistral_of.__wrapped__(folder / "tekken.json"), request)
    assert tokenizer.verify(request, tokenizer.count(request)).prompt_token_ids == theirs


@given(rules=rules, width=sides, height=sides)
@example(ImageRules(image_patch_size=14, max_image_size=1540, spatial_merge_size=2), 3081, 29)
def test_any_image_under_any_rules(rules: ImageRules, width: int, height: int) -> None:
    config = ImageConfig(rules.image_patch_size, rules.max_image_size, rules.spatial_merge_size)
    encoder = ImageEncoder(config, SpecialImageIDs(1, 2, 3))
    columns, rows = encoder._image_to_num_tokens(Image.new("1", (width, height)))
    grid = image_grid(width, height, rules)
    assert (grid.columns, grid.rows) == (columns, rows)
    assert grid.num_tokens == rows * (columns + 1)


@given(rules=rules, width=sides, height=sides)
def test_what_is_sent_is_left_alone(rules: ImageRules, width: int, height: int) -> None:
    for level in picture_levels(width, height, rules):
        sent = (level.columns * rules.side_multiple, level.rows * rules.side_multiple)
        assert max(sent) <= rules.max_image_size
        assert image_grid(*sent, rules) == level


@pytest.mark.parametrize("name", SHAPES)
def test_pixels_sent_are_those_encoded(name: str, folders: dict[str, Path]) -> None:
    profile = read_model_folder(folders[name])
    encoder = mistral_of(folders[name] / "tekken.json").instruct_tokenizer.image_encoder
    assert encoder is not None
    for level in picture_levels(1920, 1080, profile)[::4]:
        width, height = level.columns * profile.side_multiple, level.rows * profile.side_multiple
        encoding = encoder(ImageChunk(image=Image.new("RGB", (width, height))))
        assert encoding.image.shape == (3, height, width)
        assert len(encoding.tokens) == level.num_tokens


@pytest.mark.parametrize(
    ("shape", "size", "num_tokens"),
    [
        ((14, 1540, 2), (1540, 1540), 55 * 56),
        ((14, 1540, 2), (1920, 1080), 31 * 56),
        ((14, 1540, 2), (1280, 704), 26 * 47),
        ((14, 1540, 2), (28, 28), 2),
        ((14, 1540, 2), (29, 28), 3),
        ((14, 1540, 2), (20_000, 3), 56),
        ((14, 1540, 1), (1540, 1540), 110 * 111),
        ((16, 1024, 1), (1920, 1080), 36 * 65),
        ((16, 1024, 2), (1920, 1080), 18 * 33),
    ],
)
def test_images_by_hand(
    shape: tuple[int, int, int], size: tuple[int, int], num_tokens: int
) -> None:
    patch, longest, merge = shape
    rules = ImageRules(image_patch_size=patch, max_image_size=longest, spatial_merge_size=merge)
    assert num_image_tokens(*size, rules) == num_tokens


def test_the_template_of_each_version(folders: dict[str, Path]) -> None:
    request = Request((ImagePart(320, 176), TextPart("what moves?")), "be brief")
    by_hand = {}
    for name, shape in SHAPES.items():
        tokenizer = RequestTokenizer(read_model_folder(folders[name]))
        content = tokenizer.count_text("what moves?") + num_image_tokens(320, 176, tokenizer.rules)
        by_hand[shape.tokenizer_version] = tokenizer.count(request) - content
    system = RequestTokenizer(read_model_folder(folders["unmerged"]))
    brief, brief_and_blank = map(system.count_text, ("be brief", "be brief\n\n"))
    settings_ = RequestTokenizer(read_model_folder(folders["odd"])).template.num_settings_tokens
    assert settings_ > 2
    assert by_hand == {
        "v3": 3 + brief_and_blank,
        "v7": 5 + brief,
        "v11": 5 + brief,
        "v13": 5 + brief,
        "v15": 5 + brief + settings_,
    }


@pytest.fixture(scope="module")
def pixtral_large() -> RequestTokenizer:
    pytest.importorskip("sentencepiece", reason="it is installed beside vLLM")
    return RequestTokenizer(PROFILES["pixtral-large"])


@given(request=requests)
@example(EXAMPLES[1])
@example(EXAMPLES[3])
def test_pixtral_large(pixtral_large: RequestTokenizer, request: Request) -> None:
    with resources.as_file(resources.files("mistral_common") / "data" / PIXTRAL_LARGE) as path:
        theirs = their_ids(mistral_of(path), request)
    count = pixtral_large.count(request)
    assert pixtral_large.verify(request, count).prompt_token_ids == theirs


@given(text=texts, share=st.floats(0, 1.1))
def test_a_prompt_cut_for_pixtral_large(
    pixtral_large: RequestTokenizer, text: str, share: float
) -> None:
    limit = int(share * pixtral_large.count_text(text))
    for cut in prompt_cuts(text, limit, pixtral_large, limit=20):
        assert pixtral_large.count_text(cut.text) == cut.num_tokens <= limit
        assert text.startswith(cut.text)


def test_blocks_are_refused_where_their_tokens_do_not_add_up(
    pixtral_large: RequestTokenizer,
) -> None:
    with pytest.raises(UnsupportedRequestError, match="give the prompt as one str"):
        offer_prompts(
            [PromptBlock("one"), PromptBlock("two", required=True)],
            None,
            pixtral_large,
            max_prompt_tokens=500,
            picture_num_tokens=30,
        )


def test_without_sentencepiece_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    from budgetfit.tokens import loading

    monkeypatch.setattr(loading, "find_spec", lambda name: None)
    loading._read_packaged.cache_clear()
    with pytest.raises(MissingExtraError, match=r"pip install 'budgetfit\[sentencepiece\]'"):
        RequestTokenizer(PROFILES["pixtral-large"])


@pytest.mark.parametrize("name", ["as Mistral-Small-3.1", "odd"])
def test_settings_and_system_prompt_are_counted_with_the_prompt(
    folders: dict[str, Path], name: str
) -> None:
    tokenizer = RequestTokenizer(read_model_folder(folders[name]))
    for system_prompt in (None, "Be brief. "):
        offered = offer_prompts(
            "what moves?",
            system_prompt,
            tokenizer,
            max_prompt_tokens=500,
            picture_num_tokens=30,
        )
        request = Request((ImagePart(60, 60), TextPart("what moves?")), system_prompt)
        images = num_image_tokens(60, 60, tokenizer.rules)
        assert tokenizer.count(request) - images == offered.options()[0].num_tokens


def test_two_vocabularies_have_two_digests(tmp_path: Path) -> None:
    rng = random.Random(5)
    digests = set()
    for index in range(4):
        shape = TinyShape(14, 1540, 2, "v7", num_words=rng.randint(300, 600))
        folder = write_model(tmp_path / str(index), shape)
        digests.add(RequestTokenizer(read_model_folder(folder)).rules.tokenizer_sha256)
    assert len(digests) == 4
