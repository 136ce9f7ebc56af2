"""What a model's limits and token rules are, and those of well-known deployments by name."""

from __future__ import annotations

from dataclasses import dataclass, fields

from budgetfit.errors import UsageError

__all__ = [
    "DEFAULT_PROFILE",
    "PROFILES",
    "ImageRules",
    "ModelProfile",
    "TokenRules",
    "get_profile",
]

DEFAULT_PROFILE = "pixtral-12b"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageRules:
    """How a model cuts an image into tokens.

    Attributes
    ----------
    image_patch_size : int
        Side of a square patch in pixels.
    max_image_size : int
        Longest side in pixels that the image encoder takes; larger pictures are scaled down.
    spatial_merge_size : int
        Patches a side that are merged into one token.
    """

    image_patch_size: int
    max_image_size: int
    spatial_merge_size: int

    @property
    def side_multiple(self) -> int:
        """Pixels that every side of a sent picture is a multiple of: the side of one token."""
        return self.image_patch_size * self.spatial_merge_size


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRules(ImageRules):
    """Everything that the token counts of a plan rest on.

    Attributes
    ----------
    tokenizer_version : str
        Version of the tokenizer, as mistral-common names it: ``"v3"``, ``"v7"`` ...
    tokenizer_sha256 : str
        Digest of the tokenizer's vocabulary and of how it splits a text.
    """

    tokenizer_version: str
    tokenizer_sha256: str

    def difference(self, other: TokenRules) -> str | None:
        """Return in words the first rule in which ``other`` differs; None where none does."""
        for part in fields(self):
            ours, theirs = getattr(self, part.name), getattr(other, part.name)
            if ours != theirs and part.name == "tokenizer_sha256":
                return "another vocabulary"
            if ours != theirs:
                return f"{part.name} {theirs} instead of {ours}"
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelProfile(ImageRules):
    """The token rules and the default limits of a model as it is deployed.

    The rules for images are attributes as well: see :class:`~budgetfit.profiles.ImageRules`.

    Attributes
    ----------
    name, description : str
        The name used on the command line, or the model's folder, and one line for people.
    tokenizer_file : str
        Name of a tokenizer inside mistral-common's package, or path of a tokenizer's file.
    max_model_len : int
        Tokens that the context holds, prompt and generated together.
    max_tokens : int
        Tokens reserved for the answer.
    max_images : int or None
        Images a request may have; None where only the budget limits them.
    default_prompt : str
        The prompt used when the caller gives none.
    """

    name: str
    description: str
    tokenizer_file: str
    max_model_len: int
    max_tokens: int
    max_images: int | None
    default_prompt: str


# Pixtral-12B's params.json and tekken_240911.json agree on patch 16, longest side 1024, no merging.
_PIXTRAL_12B = ModelProfile(
    name="pixtral-12b",
    description="Pixtral-12B at max_model_len 4096, as many images as fit",
    image_patch_size=16,
    max_image_size=1024,
    spatial_merge_size=1,
    tokenizer_file="tekken_240911.json",
    max_model_len=4096,
    max_tokens=300,
    max_images=None,
    default_prompt="describe the following images",
)

# Limits and prompt as in Cosmos-Transfer1's prompt upsampler.
_COSMOS_TRANSFER1 = ModelProfile(
    name="cosmos-transfer1",
    description="the prompt upsampler of NVIDIA Cosmos-Transfer1: Pixtral-12B, at most two images",
    image_patch_size=16,
    max_image_size=1024,
    spatial_merge_size=1,
    tokenizer_file="tekken_240911.json",
    max_model_len=4096,
    max_tokens=300,
    max_images=2,
    default_prompt="describe the following images",
)

# The model's repository holds tokenizer.model.v7m1 and no tekken.json, and mistral-common ships it
# under the name below as the tokenizer of "pixtral-large-2411". Its suffix m1 stands for patch 16
# and longest side 1024 (mistral_common.tokens.tokenizers.image.MultiModalVersion).
_PIXTRAL_LARGE = ModelProfile(
    name="pixtral-large",
    description="Pixtral-Large-Instruct-2411 at max_model_len 4096, as many images as fit",
    image_patch_size=16,
    max_image_size=1024,
    spatial_merge_size=1,
    tokenizer_file="mistral_instruct_tokenizer_241114.model.v7m1",
    max_model_len=4096,
    max_tokens=300,
    max_images=None,
    default_prompt="describe the following images",
)

PROFILES: dict[str, ModelProfile] = {
    p.name: p for p in (_PIXTRAL_12B, _COSMOS_TRANSFER1, _PIXTRAL_LARGE)
}


def get_profile(name: str) -> ModelProfile:
    """Return the profile called ``name``.

    Raises
    ------
    UsageError
        No profile has that name.
    """
    try:
        return PROFILES[name]
    except KeyError:
        raise UsageError(
            f"unknown profile {name!r}; choose one of: {', '.join(sorted(PROFILES))}, or give a "
            "model's folder"
        ) from None
