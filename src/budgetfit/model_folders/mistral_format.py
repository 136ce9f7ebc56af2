"""Models in Mistral's own format: ``params.json``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from budgetfit.errors import ModelFolderError
from budgetfit.model_folders.described import DescribedModel, positive_int, read_object
from budgetfit.profiles import ImageRules

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["described_by_params"]

# Of these vLLM takes the smallest that is there.
_LENGTHS = ("max_seq_len", "max_position_embeddings")
_ID_NAMES = {
    "img": "image_token_id",
    "img_break": "image_break_token_id",
    "img_end": "image_end_token_id",
}


def described_by_params(path: Path) -> DescribedModel:
    """Return what ``params.json`` says.

    Raises
    ------
    ModelFolderError
        The model takes no images, or the file cannot be used.
    """
    params = read_object(path)
    vision = _vision(path, params)
    lengths = [positive_int(path, params, name) for name in _LENGTHS if name in params]
    return DescribedModel(
        source=path,
        images=ImageRules(
            image_patch_size=positive_int(path, vision, "patch_size"),
            max_image_size=positive_int(path, vision, "image_size"),
            spatial_merge_size=positive_int(path, vision, "spatial_merge_size", 1),
        ),
        max_model_len=min(lengths, default=None),
        image_token_ids={
            ours: vision[theirs] for ours, theirs in _ID_NAMES.items() if theirs in vision
        },
    )


def _vision(path: Path, params: dict[str, Any]) -> dict[str, Any]:
    multimodal = params.get("multimodal") or {}
    # Where there is a key "multimodal", vLLM looks at it alone.
    vision = multimodal or params.get("vision_encoder")
    if multimodal.get("whisper_model_args"):
        raise ModelFolderError(path, "is of a model that hears and sees nothing; choose another")
    if multimodal and "patch_size" not in multimodal:
        vision = multimodal.get("vision_encoder_args")
    if not isinstance(vision, dict) or not vision:
        raise ModelFolderError(
            path,
            "has no vision_encoder: the model takes no images; choose a model of Pixtral's family",
        )
    return vision
