"""How much each moment has to do with a question, as an embedding model sees it."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from budgetfit.errors import MissingExtraError, UsageError

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

    from PIL import Image

__all__ = ["Embedder"]

# Pictures that the model looks at together.
_BATCH = 16

FloatArray = npt.NDArray[np.float64]


class Embedder:
    """A model of pictures and texts that says how relevant frames are: CLIP, SigLIP and their kin.

    Made for ``budgetfit.plan(relevance=Embedder(folder))``. A frame whose embedding has the cosine
    ``c`` to the text's gets the weight ``exp((c - mean of c) / temperature)``.

    Parameters
    ----------
    folder : str or path
        A folder with the model, its tokenizer and its image processor as transformers saves them.
        Nothing is downloaded.
    query : str, optional
        What the frames are compared to; by default the prompt of the plan. Such models read a few
        dozen tokens, so a long prompt needs a short query.
    temperature : float
        The smaller, the more the most relevant moments count. Not fitted to any model: frames of
        one video differ by some hundredths in their cosines to a text.
    device : str
        Where the model runs, as torch names it.

    Raises
    ------
    MissingExtraError
        transformers or torch is not installed.
    UsageError
        The folder holds no such model, or the temperature is not above 0.
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        *,
        query: str | None = None,
        temperature: float = 0.05,
        device: str = "cpu",
    ) -> None:
        if not 0 < temperature < math.inf:
            raise UsageError(f"temperature is {temperature!r}; it must be above 0")
        try:
            import torch
            import transformers
        except ImportError as error:
            raise MissingExtraError(error.name or "transformers", "relevance") from error
        self._torch: Any = torch
        self._query = query
        self._temperature = temperature
        self._device = device
        path = Path(folder)
        try:
            self._model: Any = transformers.AutoModel.from_pretrained(path, local_files_only=True)
            self._tokenizer: Any = transformers.AutoTokenizer.from_pretrained(
                path, local_files_only=True
            )
            self._processor: Any = transformers.AutoImageProcessor.from_pretrained(
                path, local_files_only=True
            )
        except (OSError, ValueError) as error:
            raise UsageError(
                f"{path} holds no model that can be used: {str(error).splitlines()[0]}; give a "
                "folder with a CLIP or SigLIP model saved by transformers"
            ) from error
        if not hasattr(self._model, "get_image_features"):
            raise UsageError(
                f"{path} holds a {type(self._model).__name__}, which does not embed pictures and "
                "texts together; give a CLIP or SigLIP model"
            )
        self._model.to(device).eval()

    def __call__(self, images: Sequence[Image.Image], prompt: str) -> FloatArray:
        """Return the (num_images,) weights of ``images``; their geometric mean is 1.

        Raises
        ------
        UsageError
            The text is empty or longer than the model can read.
        """
        text = self._text_embedding(self._query if self._query is not None else prompt)
        found = [
            self._image_embeddings(images[start : start + _BATCH])
            for start in range(0, len(images), _BATCH)
        ]
        cosine = np.concatenate(found) @ text
        weights: FloatArray = np.exp((cosine - cosine.mean()) / self._temperature)
        return weights

    def _text_embedding(self, text: str) -> FloatArray:
        if not text.strip():
            raise UsageError("there is no text to be relevant to; give a prompt or a query")
        most = self._model.config.text_config.max_position_embeddings
        # SigLIP was trained on texts filled up to its length, and CLIP does not mind.
        tokens = self._tokenizer(text, padding="max_length", max_length=most, return_tensors="pt")
        length = int(tokens["input_ids"].shape[1])
        if length > most:
            raise UsageError(
                f"the text has {length} tokens and the model reads {most}; give Embedder a short "
                "query"
            )
        with self._torch.inference_mode():
            features = self._model.get_text_features(**tokens.to(self._device))
        embedding: FloatArray = _normalized(_pooled(features))[0]
        return embedding

    def _image_embeddings(self, images: Sequence[Image.Image]) -> FloatArray:
        pixels = self._processor(
            images=[image.convert("RGB") for image in images], return_tensors="pt"
        )
        with self._torch.inference_mode():
            features = self._model.get_image_features(**pixels.to(self._device))
        return _normalized(_pooled(features))


def _pooled(features: Any) -> FloatArray:  # noqa: ANN401  a tensor, or an output that holds one
    """Return the embeddings as an array; transformers 5 wraps what transformers 4 returned."""
    tensor = getattr(features, "pooler_output", features)
    embeddings: FloatArray = tensor.float().cpu().numpy().astype(np.float64)
    return embeddings


def _normalized(vectors: FloatArray) -> FloatArray:
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: FloatArray = vectors / np.maximum(norms, 1e-12)
    return unit
