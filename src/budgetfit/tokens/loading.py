"""Tokenizers read from files, each once a process."""

from __future__ import annotations

import json
import os
import tempfile
import threading
from functools import cache, lru_cache
from hashlib import sha256
from importlib import resources
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

from mistral_common.protocol.instruct.messages import UserMessage
from mistral_common.protocol.instruct.request import ChatCompletionRequest
from mistral_common.tokens.tokenizers.mistral import MistralTokenizer

from budgetfit.errors import MissingExtraError, ModelFolderError, UsageError
from budgetfit.profiles import ImageRules
from budgetfit.tokens.hf_tokenizer import HF_TOKENIZER_FILE, tekken_of
from budgetfit.tokens.images import ImageTokenIds
from budgetfit.tokens.layout import BLANK_LINE, NUM_TEMPLATE_TOKENS, Template
from budgetfit.tokens.truncation import TEKKEN_PATTERN

__all__ = ["LoadedTokenizer", "load_tokenizer"]

# The versions of mistral-common 1.13 that know images.
_VERSIONS = ("v3", "v7", "v11", "v13", "v15")

# A text on which tokenizers of one vocabulary differ where they split texts otherwise.
_PROBE = "Don't  stop\n\n  at 12.50 €, naïve/WordCase... [INST]中文字符 שלום\t//\r\n👍🏽 e\u0301 \n"

_lock = threading.Lock()


class LoadedTokenizer(NamedTuple):
    """A tokenizer and what is known of it.

    Attributes
    ----------
    mistral : MistralTokenizer
    version : str
        As ``"v7"``.
    template : Template
        What it puts around texts.
    splits_as_tekken : bool
        Whether it splits texts by tekken's pattern, on which counts of joined texts rest.
    images : ImageRules or None
        Its rules for images; None where it takes none.
    image_token_ids : ImageTokenIds or None
        Its tokens for images.
    sha256 : str
        Digest of its vocabulary, its version and how it splits a text.
    """

    mistral: MistralTokenizer[Any, Any, Any, Any, Any]
    version: str
    template: Template
    splits_as_tekken: bool
    images: ImageRules | None
    image_token_ids: ImageTokenIds | None
    sha256: str


def load_tokenizer(tokenizer_file: str, images: ImageRules) -> LoadedTokenizer:
    """Return the tokenizer in ``tokenizer_file``; a file is read once a process (0.5 s).

    Parameters
    ----------
    tokenizer_file : str
        Name of a file inside mistral-common's package, or the absolute path of a tekken file, a
        SentencePiece file or a ``tokenizer.json``.
    images : ImageRules
        Those of a model with a ``tokenizer.json``, which says nothing of them; the other files have
        their own.

    Raises
    ------
    UsageError
        mistral-common has no such file, or it is of a version without images.
    ModelFolderError
        The file at the path cannot be used.
    MissingExtraError
        It needs sentencepiece, which is not installed.
    """
    # functools.lru_cache alone would let two threads read the file at once.
    with _lock:
        if not os.path.isabs(tokenizer_file):
            return _read_packaged(tokenizer_file)
        try:
            stat = os.stat(tokenizer_file)
        except OSError as error:
            raise ModelFolderError(tokenizer_file, f"cannot be read: {error.strerror}") from error
        if Path(tokenizer_file).name == HF_TOKENIZER_FILE:
            return _read(tokenizer_file, stat.st_size, stat.st_mtime_ns, images)
        return _read(tokenizer_file, stat.st_size, stat.st_mtime_ns, None)


@cache
def _read_packaged(name: str) -> LoadedTokenizer:
    data = resources.files("mistral_common") / "data"
    available = sorted(entry.name for entry in data.iterdir() if _is_tokenizer(entry.name))
    if name not in available:
        raise UsageError(
            f"mistral-common has no tekken file {name!r}; it has: "
            f"{', '.join(available) or 'none, so install mistral-common again'}"
        )
    with resources.as_file(data / name) as path:
        return _loaded(path)


def _is_tokenizer(name: str) -> bool:
    return (name.startswith("tekken") and name.endswith(".json")) or ".model.v" in name


# Models in one process are few, and their vocabularies large.
@lru_cache(maxsize=4)
def _read(path: str, size: int, mtime_ns: int, images: ImageRules | None) -> LoadedTokenizer:
    file = Path(path)
    try:
        if images is None:
            return _loaded(file)
        with tempfile.TemporaryDirectory() as folder:
            tekken = Path(folder) / "tekken.json"
            tekken.write_text(json.dumps(tekken_of(file, images)), encoding="utf-8")
            return _loaded(tekken)
    except (MissingExtraError, UsageError):
        raise
    # What a broken file makes mistral-common raise is not documented: assertions, KeyError,
    # RuntimeError of SentencePiece, JSON's errors.
    except Exception as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise ModelFolderError(
            path, f"is no tokenizer that mistral-common reads: {reason}"
        ) from error


def _loaded(path: Path) -> LoadedTokenizer:
    if path.suffix != ".json" and find_spec("sentencepiece") is None:
        raise MissingExtraError("sentencepiece", "sentencepiece")
    mistral: MistralTokenizer[Any, Any, Any, Any, Any] = MistralTokenizer.from_file(path)
    version: str = mistral.instruct_tokenizer.version.value
    if version not in _VERSIONS:
        raise UsageError(
            f"{path.name} is a tokenizer of version {version}; only requests of "
            f"{', '.join(_VERSIONS)} can be counted"
        )
    is_tekken = path.suffix == ".json"
    images, image_token_ids = _of_images(mistral)
    return LoadedTokenizer(
        mistral=mistral,
        version=version,
        template=_template(mistral, version),
        splits_as_tekken=is_tekken and json.dumps(TEKKEN_PATTERN).encode() in path.read_bytes(),
        images=images,
        image_token_ids=image_token_ids,
        sha256=_digest(mistral, version),
    )


def _of_images(
    mistral: MistralTokenizer[Any, Any, Any, Any, Any],
) -> tuple[ImageRules, ImageTokenIds] | tuple[None, None]:
    encoder = mistral.instruct_tokenizer.image_encoder
    if encoder is None:
        return None, None
    config, ids = encoder.image_config, encoder.special_ids
    images = ImageRules(
        image_patch_size=config.image_patch_size,
        max_image_size=config.max_image_size,
        spatial_merge_size=config.spatial_merge_size,
    )
    return images, ImageTokenIds(ids.img, ids.img_break, ids.img_end)


def _template(mistral: MistralTokenizer[Any, Any, Any, Any, Any], version: str) -> Template:
    request = ChatCompletionRequest(messages=[UserMessage(content="")])
    num_tokens = len(mistral.encode_chat_completion(request).tokens)
    return Template(
        has_system_message=version != "v3",
        text_join="" if version == "v15" else BLANK_LINE,
        num_settings_tokens=num_tokens - NUM_TEMPLATE_TOKENS,
    )


def _digest(mistral: MistralTokenizer[Any, Any, Any, Any, Any], version: str) -> str:
    tokenizer = mistral.instruct_tokenizer.tokenizer
    probe = tokenizer.encode(_PROBE, bos=False, eos=False)
    content = "\x00".join((version, str(probe), *tokenizer.vocab()))
    return sha256(content.encode("utf-8", errors="surrogatepass")).hexdigest()
