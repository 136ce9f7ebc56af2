"""What a model's limits and token rules are, by name."""

from __future__ import annotations

from dataclasses import dataclass

from budgetfit.errors import UsageError

__all__ = ["DEFAULT_PROFILE", "PROFILES", "ModelProfile", "get_profile"]

DEFAULT_PROFILE = "pixtral-12b"


@dataclass(frozen=True, slots=True)
class ModelProfile:
    """The token rules and the default limits of a model as it is deployed.

    Attributes
    ----------
    name, description : str
        The name used on the command line, and one line for people.
    image_patch_size : int
        Side of a square patch in pixels; one token a patch.
    max_image_size : int
        Longest side in pixels that the image encoder takes; larger pictures are scaled down.
    spatial_merge_size : int
        Patches a side that are merged into one token.
    tokenizer_file : str
        Name of the tekken file inside mistral-common's package.
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
    image_patch_size: int
    max_image_size: int
    spatial_merge_size: int
    tokenizer_file: str
    max_model_len: int
    max_tokens: int
    max_images: int | None
    default_prompt: str

    @property
    def side_multiple(self) -> int:
        """Pixels that every side of a sent picture is a multiple of."""
        return self.image_patch_size * self.spatial_merge_size


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

PROFILES: dict[str, ModelProfile] = {p.name: p for p in (_PIXTRAL_12B, _COSMOS_TRANSFER1)}


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
            f"unknown profile {name!r}; choose one of: {', '.join(sorted(PROFILES))}"
        ) from None
