"""The profile of a model, by its name or its folder."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from budgetfit.errors import ModelFolderError, UsageError
from budgetfit.model_folders.hf_format import described_by_config
from budgetfit.model_folders.mistral_format import described_by_params
from budgetfit.profiles import DEFAULT_PROFILE, PROFILES, ModelProfile, get_profile

if TYPE_CHECKING:
    from budgetfit.model_folders.described import DescribedModel
    from budgetfit.tokens.loading import LoadedTokenizer

__all__ = ["find_profile", "is_model_folder", "read_model_folder"]

_PARAMS, _CONFIG = "params.json", "config.json"
_TEKKEN, _HF_TOKENIZER = "tekken.json", "tokenizer.json"
_SENTENCEPIECE = re.compile(r"tokenizer\.model\.v\d+(m\d+)?")

# Below, no frame would be left between the separators of a sheet's tiles.
_MIN_SIDE_MULTIPLE = 4


def find_profile(name: str | os.PathLike[str]) -> ModelProfile:
    """Return the profile called ``name``, or that of the model in the folder ``name``.

    Raises
    ------
    UsageError
        No profile has that name; ``ModelFolderError`` as ``read_model_folder``.
    MissingExtraError
        As ``read_model_folder``.
    """
    if not isinstance(name, str | os.PathLike):
        raise UsageError(
            f"profile is {name!r}; give one of {', '.join(sorted(PROFILES))}, or a model's folder"
        )
    given = os.fspath(name)
    is_path = os.sep in given or (given and Path(given).exists())
    if given in PROFILES or not is_path:
        return get_profile(given)
    return read_model_folder(given)


def is_model_folder(name: str | os.PathLike[str]) -> bool:
    """Tell whether ``name`` is a folder with a file that says what model it is."""
    return any((Path(name) / file).is_file() for file in (_PARAMS, _CONFIG))


def read_model_folder(folder: str | os.PathLike[str]) -> ModelProfile:
    """Return the profile of the model in ``folder``, which needs no weights.

    ``params.json`` is read where there is one, as vLLM does, else ``config.json`` with the files of
    the processor. The tokenizer's file has rules for images of its own, except a
    ``tokenizer.json``: those are counted by, and the others must agree with them.

    Returns
    -------
    ModelProfile
        Its name is the folder's absolute path; ``max_model_len`` is the model's own where a file
        says it; the other limits and the prompt are those of the default profile.

    Raises
    ------
    ModelFolderError
        A file is missing, cannot be read, contradicts another, or is of a model of another family.
    MissingExtraError
        The tokenizer needs sentencepiece, which is not installed.
    """
    from budgetfit.tokens.loading import load_tokenizer

    path = Path(os.path.abspath(folder))
    described = _described(path)
    tokenizer_file = _tokenizer_file(path)
    loaded = load_tokenizer(str(tokenizer_file), described.images)
    _check(described, loaded, tokenizer_file)
    images, default = loaded.images or described.images, PROFILES[DEFAULT_PROFILE]
    return ModelProfile(
        name=str(path),
        description=f"the model in {path.name}",
        image_patch_size=images.image_patch_size,
        max_image_size=images.max_image_size,
        spatial_merge_size=images.spatial_merge_size,
        tokenizer_file=str(tokenizer_file),
        max_model_len=described.max_model_len or default.max_model_len,
        max_tokens=default.max_tokens,
        max_images=default.max_images,
        default_prompt=default.default_prompt,
    )


def _described(path: Path) -> DescribedModel:
    if not path.is_dir():
        raise ModelFolderError(path, "is no folder; give a profile's name or a model's folder")
    if (path / _PARAMS).is_file():
        return described_by_params(path / _PARAMS)
    if (path / _CONFIG).is_file():
        return described_by_config(path / _CONFIG)
    raise ModelFolderError(
        path, f"has neither {_PARAMS} nor {_CONFIG}; give the folder that the model is loaded from"
    )


def _tokenizer_file(path: Path) -> Path:
    """Return the tokenizer's file: Mistral's own where there is one."""
    pieces = sorted(file for file in path.iterdir() if _SENTENCEPIECE.fullmatch(file.name))
    for file in (path / _TEKKEN, *pieces, path / _HF_TOKENIZER):
        if file.is_file():
            return file
    raise ModelFolderError(
        path,
        f"has no {_TEKKEN}, tokenizer.model.v* or {_HF_TOKENIZER}; put the model's tokenizer there",
    )


def _check(described: DescribedModel, loaded: LoadedTokenizer, tokenizer_file: Path) -> None:
    """Raise unless the model takes the images and tokens that the tokenizer makes.

    Raises
    ------
    ModelFolderError
        They contradict each other, or no image can be sent.
    """
    source, images, ours = described.source, loaded.images, described.images
    if images is None or loaded.image_token_ids is None:
        raise ModelFolderError(
            tokenizer_file,
            f"has no rules for images but {source.name} has a vision encoder; put the model's own "
            "tokenizer there",
        )
    contradictions = [
        (name, getattr(ours, name), getattr(images, name))
        for name in ("image_patch_size", "spatial_merge_size")
        if getattr(ours, name) != getattr(images, name)
    ]
    # The encoder has positions for as many patches as its own largest image.
    if ours.max_image_size < images.max_image_size:
        contradictions.append(("image_size", ours.max_image_size, images.max_image_size))
    contradictions += [
        (f"the id of {name}", described.image_token_ids[name], theirs)
        for name, theirs in loaded.image_token_ids._asdict().items()
        if described.image_token_ids.get(name, theirs) != theirs
    ]
    for name, mine, theirs in contradictions:
        raise ModelFolderError(
            source,
            f"has {name} {mine} but {tokenizer_file.name} has {theirs}; they are of different "
            "models, so download both again",
        )
    if images.side_multiple < _MIN_SIDE_MULTIPLE or images.max_image_size < images.side_multiple:
        raise ModelFolderError(
            source,
            f"has tokens of {images.side_multiple} pixels a side in images of at most "
            f"{images.max_image_size}; no picture can be sent, so download it again",
        )
