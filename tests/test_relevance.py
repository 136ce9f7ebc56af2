"""Embedders on tiny random models of the real architectures, loaded as real ones are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from budgetfit.errors import UsageError
from budgetfit.relevance import Embedder
from tests.tiny_embedders import EMBEDDERS, MAX_TOKENS

pytestmark = [
    pytest.mark.engine,
    # The random models' vocabulary is smaller than the ids that transformers' defaults name.
    pytest.mark.filterwarnings("ignore"),
]

COLOURS = [Image.new("RGB", (64, 48), colour) for colour in ("red", "blue", "white", "black")]


@pytest.fixture(scope="module", params=EMBEDDERS)
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp(str(request.param))
    EMBEDDERS[request.param](path)
    return path


def test_weights_are_those_of_the_models_own_cosines(folder: Path) -> None:
    import torch
    import transformers

    model = transformers.AutoModel.from_pretrained(folder)
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    processor = transformers.AutoImageProcessor.from_pretrained(folder)
    tokens = tokenizer("a red ball", padding="max_length", return_tensors="pt")
    with torch.inference_mode():
        seen = model(**tokens, **processor(images=COLOURS, return_tensors="pt"))
    cosine = (seen.image_embeds @ seen.text_embeds.T).numpy()[:, 0]
    weights = Embedder(folder, temperature=0.1)(COLOURS, "a red ball")
    assert np.allclose(weights, np.exp((cosine - cosine.mean()) / 0.1), rtol=1e-4)
    assert np.isclose(np.log(weights).mean(), 0.0)


def test_a_query_stands_for_the_prompt(folder: Path) -> None:
    ball = Embedder(folder)(COLOURS, "a red ball")
    assert np.array_equal(Embedder(folder, query="a red ball")(COLOURS, "the dog"), ball)
    assert not np.allclose(Embedder(folder)(COLOURS, "the dog"), ball)


def test_frames_are_weighed_each_on_its_own(folder: Path) -> None:
    many = Embedder(folder, temperature=1.0)(COLOURS * 9, "a dog")
    assert np.allclose(many.reshape(9, 4), many[:4], rtol=1e-4)


def test_a_text_that_the_model_cannot_read_is_refused(folder: Path) -> None:
    embedder = Embedder(folder)
    with pytest.raises(UsageError, match=f"22 tokens and the model reads {MAX_TOKENS}.*query"):
        embedder(COLOURS, "a " * 20)
    with pytest.raises(UsageError, match="no text"):
        embedder(COLOURS, " ")


def test_what_is_no_such_model_is_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="holds no model that can be used"):
        Embedder(tmp_path)
    with pytest.raises(UsageError, match="temperature is 0"):
        Embedder(folder, temperature=0)
