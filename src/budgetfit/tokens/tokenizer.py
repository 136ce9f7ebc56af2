"""Whole requests counted and encoded by the model's own tokenizer."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

from mistral_common.exceptions import MistralCommonException
from mistral_common.protocol.instruct.chunk import ImageChunk, TextChunk
from mistral_common.protocol.instruct.messages import SystemMessage, UserMessage
from mistral_common.protocol.instruct.request import ChatCompletionRequest
from PIL import Image

from budgetfit.errors import TokenMismatchError, UsageError
from budgetfit.profiles import ImageRules, TokenRules
from budgetfit.tokens.images import ImageTokenIds, image_grid, num_image_tokens
from budgetfit.tokens.layout import NUM_TEMPLATE_TOKENS, content_segments
from budgetfit.tokens.loading import load_tokenizer
from budgetfit.tokens.request import Request, TextPart, check_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mistral_common.protocol.instruct.chunk import ContentChunk

    from budgetfit.profiles import ModelProfile
    from budgetfit.tokens.loading import LoadedTokenizer

__all__ = ["NUM_TEMPLATE_TOKENS", "EncodedRequest", "RequestTokenizer"]


@dataclass(frozen=True, slots=True)
class EncodedRequest:
    """A request as mistral-common encodes it.

    Attributes
    ----------
    prompt_token_ids : tuple of int
        The whole prompt, template included: what an engine is given.
    image_token_counts : tuple of int
        Tokens of each image, in the order of the prompt.
    """

    prompt_token_ids: tuple[int, ...]
    image_token_counts: tuple[int, ...]

    @property
    def num_tokens(self) -> int:
        """Tokens of the whole prompt."""
        return len(self.prompt_token_ids)

    @property
    def num_images(self) -> int:
        """Images whose tokens are in the prompt."""
        return len(self.image_token_counts)

    @property
    def num_image_tokens(self) -> int:
        """Tokens of all images together."""
        return sum(self.image_token_counts)


class RequestTokenizer:
    """The tokenizer of a model, for texts and for requests of one user turn.

    A tokenizer's file is read once a process (0.5 s), whatever the number of instances and threads;
    nothing is downloaded. Instances can be shared between threads.

    Parameters
    ----------
    profile : ModelProfile
        Names the tokenizer's file and the rules for images.

    Attributes
    ----------
    profile : ModelProfile
        As given.
    image_token_ids : ImageTokenIds
        The tokenizer's own.
    template : Template
        What the tokenizer's version puts around texts.
    splits_as_tekken : bool
        Whether texts are split by tekken's pattern, so that counts of lines add up.
    rules : TokenRules
        All that counts rest on.

    Raises
    ------
    UsageError
        The profile's tokenizer is not in mistral-common, is of a version without images, or has
        other rules for images than the profile; ``ModelFolderError`` where its path leads to no
        tokenizer.
    MissingExtraError
        It is a SentencePiece file and sentencepiece is not installed.
    """

    def __init__(self, profile: ModelProfile) -> None:
        images = ImageRules(
            image_patch_size=profile.image_patch_size,
            max_image_size=profile.max_image_size,
            spatial_merge_size=profile.spatial_merge_size,
        )
        loaded = load_tokenizer(profile.tokenizer_file, images)
        self.profile = profile
        self.image_token_ids = _checked_image_token_ids(profile, loaded)
        self.template = loaded.template
        self.splits_as_tekken = loaded.splits_as_tekken
        self.rules = TokenRules(
            **asdict(images),
            tokenizer_version=loaded.version,
            tokenizer_sha256=loaded.sha256,
        )
        self._tokenizer = loaded.mistral
        self._text_tokenizer = loaded.mistral.instruct_tokenizer.tokenizer

    def encode_text(self, text: str) -> list[int]:
        """Return the token ids of ``text`` on its own, without BOS or EOS.

        Names of special tokens in it ("[INST]") are plain text.

        Raises
        ------
        UsageError
            The text has a lone surrogate, or a run of white space so long (over 300,000
            characters) that the tokenizer gives up.
        """
        check_text(text)
        try:
            ids: list[int] = self._text_tokenizer.encode(text, bos=False, eos=False)
        except ValueError as error:
            raise UsageError(
                f"a text of {len(text)} characters cannot be tokenized ({error}); "
                "shorten its longest run of white space"
            ) from error
        return ids

    def count_text(self, text: str) -> int:
        """Return the number of tokens of ``text`` on its own.

        Raises
        ------
        UsageError
            As ``encode_text``.
        """
        return len(self.encode_text(text))

    def decode(self, token_ids: Sequence[int]) -> str:
        """Return the text of ``token_ids``, special tokens left out.

        A character of which only some bytes are there becomes one U+FFFD.
        """
        text: str = self._text_tokenizer.decode(list(token_ids))
        return text

    def count(self, request: Request) -> int:
        """Return the prompt tokens of ``request``, without touching a pixel.

        Equal to ``encode(request).num_tokens``.

        Raises
        ------
        UsageError
            As ``encode_text``, for a text of the request.
        """
        return self.template.num_tokens(request) + sum(
            self.count_text(segment)
            if isinstance(segment, str)
            else num_image_tokens(segment.width, segment.height, self.profile)
            for segment in content_segments(request, self.template)
        )

    def encode(self, request: Request) -> EncodedRequest:
        """Encode ``request`` with mistral-common's own ``encode_chat_completion``.

        Blank images of the right sizes stand for the real ones: the ids depend on the size alone.
        Takes memory and time in proportion to the pixels, 10 ms for a million.

        Raises
        ------
        UsageError
            As ``encode_text``, for a text of the request.
        """
        chat_request = ChatCompletionRequest(messages=_messages(request))
        try:
            ids = self._tokenizer.encode_chat_completion(chat_request).tokens
        except ValueError as error:
            raise UsageError(
                f"mistral-common cannot encode the request ({error}); "
                "shorten the longest run of white space in its texts"
            ) from error
        return EncodedRequest(tuple(ids), _image_token_counts(ids, self.image_token_ids))

    def encode_conversation(
        self,
        messages: Sequence[Mapping[str, Any]],
        image_sizes: Sequence[tuple[int, int]],
        tools: Sequence[Mapping[str, Any]] | None = None,
    ) -> EncodedRequest:
        """Encode messages of OpenAI's chat protocol, any number of turns, as vLLM does.

        Parameters
        ----------
        messages : sequence of mapping
            As a client sends them; the content of an ``image_url`` is not looked at.
        image_sizes : sequence of (int, int)
            Width and height in pixels of each ``image_url``, in their order.
        tools : sequence of mapping, optional
            Functions that the model may call, as a client sends them.

        Raises
        ------
        UsageError
            mistral-common does not take the messages or the tools.
        """
        from budgetfit.tokens.conversations import conversation_request

        grids = (image_grid(width, height, self.profile) for width, height in image_sizes)
        side = self.profile.side_multiple
        # A picture of whole patches has the tokens of any that becomes the same grid.
        sizes = [(grid.columns * side, grid.rows * side) for grid in grids]
        try:
            chat_request = conversation_request(messages, sizes, tools)
            ids = self._tokenizer.encode_chat_completion(chat_request).tokens
        # What it does not check before it reads it, it fails on in its own ways.
        except (
            ValueError,
            TypeError,
            LookupError,
            AssertionError,
            MistralCommonException,
        ) as error:
            reason = " ".join(str(error).split()) or type(error).__name__
            raise UsageError(
                f"mistral-common does not take the messages ({reason}); "
                "give them as OpenAI's chat protocol has them"
            ) from error
        return EncodedRequest(tuple(ids), _image_token_counts(ids, self.image_token_ids))

    def verify(self, request: Request, planned: int) -> EncodedRequest:
        """Encode ``request`` and return it if it is what was planned.

        Parameters
        ----------
        request : Request
        planned : int
            Prompt tokens of the whole request, as planned.

        Raises
        ------
        TokenMismatchError
            The encoded request has another number of tokens, or other image placeholders than
            the images of the request call for.
        UsageError
            As ``encode_text``, for a text of the request.
        """
        encoded = self.encode(request)
        if encoded.num_tokens != planned:
            raise TokenMismatchError(planned, encoded.num_tokens, "mistral-common")
        self.check_placeholders(request, encoded.prompt_token_ids)
        return encoded

    def check_placeholders(self, request: Request, prompt_token_ids: Sequence[int]) -> None:
        """Raise unless the prompt has exactly the image tokens that the request's images need.

        An engine given fewer images than the prompt has placeholders for does not complain.

        Raises
        ------
        TokenMismatchError
            The image tokens in the prompt are not those of the images, in their order.
        """
        grids = (image_grid(image.width, image.height, self.profile) for image in request.images)
        expected = [token for grid in grids for token in grid.token_ids(self.image_token_ids)]
        found = [token for token in prompt_token_ids if token in self.image_token_ids]
        if found != expected:
            num_tokens = len(prompt_token_ids)
            raise TokenMismatchError(
                num_tokens - len(found) + len(expected), num_tokens, "the prompt with its images"
            )


def _checked_image_token_ids(profile: ModelProfile, loaded: LoadedTokenizer) -> ImageTokenIds:
    if loaded.images is None or loaded.image_token_ids is None:
        raise UsageError(
            f"{profile.tokenizer_file} has no image tokens; choose a multimodal tekken file"
        )
    for part in fields(loaded.images):
        ours, theirs = getattr(profile, part.name), getattr(loaded.images, part.name)
        if ours != theirs:
            raise UsageError(
                f"profile {profile.name!r} has {part.name} {ours} but {profile.tokenizer_file} has "
                f"{theirs}; give the profile the tokenizer's value"
            )
    return loaded.image_token_ids


def _messages(request: Request) -> list[SystemMessage | UserMessage]:
    chunks: list[ContentChunk] = []
    for part in request.parts:
        if isinstance(part, TextPart):
            if part.text:
                chunks.append(TextChunk(text=part.text))
        else:
            chunks.append(ImageChunk(image=Image.new("RGB", (part.width, part.height))))
    user = UserMessage(content=chunks)
    if not request.system_prompt:
        return [user]
    return [SystemMessage(content=request.system_prompt), user]


def _image_token_counts(token_ids: Sequence[int], ids: ImageTokenIds) -> tuple[int, ...]:
    counts: list[int] = []
    num_tokens = 0
    for token_id in token_ids:
        num_tokens += token_id in ids
        if token_id == ids.img_end:
            counts.append(num_tokens)
            num_tokens = 0
    return tuple(counts)
