"""Models in Hugging Face's format: ``config.json`` and the image processor's file."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from budgetfit.errors import ModelFolderError
from budgetfit.model_folders.described import DescribedModel, positive_int, read_object
from budgetfit.profiles import ImageRules

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["described_by_config"]

# What a config that does not say it means by it: transformers' LlavaConfig has no merging, its
# Mistral3Config merges 2 x 2 patches.
_MERGE_OF = {"llava": 1, "mistral3": 2}

_PROCESSOR_FILES = ("preprocessor_config.json", "processor_config.json")
_RULE_OF = {"patch_size": "image_patch_size", "spatial_merge_size": "spatial_merge_size"}


def described_by_config(path: Path) -> DescribedModel:
    """Return what ``config.json`` says, held against the processor's files beside it.

    Raises
    ------
    ModelFolderError
        The model is none of Pixtral's family, or the files cannot be used or contradict each other.
    """
    config = read_object(path)
    kind, vision = config.get("model_type"), _object(config, "vision_config")
    if kind not in _MERGE_OF or vision.get("model_type") != "pixtral":
        what = f"model_type {kind!r}"
        if vision.get("model_type"):
            what += f" with a vision tower of type {vision['model_type']!r}"
        raise ModelFolderError(
            path,
            f"has {what}; only models of Pixtral's family can be counted: mistral3 or llava with a "
            "vision tower of type 'pixtral'",
        )
    images = ImageRules(
        image_patch_size=positive_int(path, vision, "patch_size"),
        max_image_size=positive_int(path, vision, "image_size"),
        spatial_merge_size=positive_int(path, config, "spatial_merge_size", _MERGE_OF[kind]),
    )
    processor, said_by = _processor(path.parent)
    for name, rule in _RULE_OF.items():
        ours, said = getattr(images, rule), processor.get(name)
        theirs = said.get("height") if isinstance(said, dict) else said
        if theirs is not None and theirs != ours:
            raise ModelFolderError(
                said_by[name],
                f"has {name} {theirs!r} but {path.name} has {ours}; download both again",
            )
    size = _object(processor, "size")
    if "longest_edge" in size:
        longest = positive_int(said_by["size"], size, "longest_edge")
        images = replace(images, max_image_size=min(longest, images.max_image_size))
    text, length = _object(config, "text_config"), "max_position_embeddings"
    ids = [config[name] for name in ("image_token_id", "image_token_index") if name in config]
    return DescribedModel(
        source=path,
        images=images,
        max_model_len=positive_int(path, text, length) if length in text else None,
        image_token_ids={"img": ids[0]} if ids else {},
    )


def _processor(folder: Path) -> tuple[dict[str, Any], dict[str, Path]]:
    """Return what the processor's files say, and which of them says each name.

    The image processor's own file comes first; in the processor's, which overrules it, what is said
    of all overrules what is said of the image processor.
    """
    found: dict[str, Any] = {}
    said_by: dict[str, Path] = {}
    for name in _PROCESSOR_FILES:
        path = folder / name
        if path.is_file():
            content = read_object(path)
            for part in (_object(content, "image_processor"), content):
                found.update(part)
                said_by.update(dict.fromkeys(part, path))
    return found, said_by


def _object(content: dict[str, Any], name: str) -> dict[str, Any]:
    value = content.get(name)
    return value if isinstance(value, dict) else {}
