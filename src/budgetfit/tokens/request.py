"""What is sent to the model: one user turn of texts and images, as plain data."""

from __future__ import annotations

from dataclasses import dataclass

from budgetfit.errors import UsageError
from budgetfit.tokens.images import check_image_size

__all__ = ["ImagePart", "Request", "TextPart", "check_text"]


@dataclass(frozen=True, slots=True)
class TextPart:
    """A text in the user's message.

    Attributes
    ----------
    text : str
        May be empty: then nothing is sent for it.

    Raises
    ------
    UsageError
        The text has a lone surrogate.
    """

    text: str

    def __post_init__(self) -> None:
        check_text(self.text)


@dataclass(frozen=True, slots=True)
class ImagePart:
    """An image in the user's message; only its size matters for the tokens.

    Attributes
    ----------
    width, height : int
        Size in pixels.

    Raises
    ------
    UsageError
        A side is below 1 pixel.
    """

    width: int
    height: int

    def __post_init__(self) -> None:
        check_image_size(self.width, self.height)


@dataclass(frozen=True, slots=True)
class Request:
    """One user message, and the system prompt before it if there is one.

    Attributes
    ----------
    parts : tuple of TextPart or ImagePart
        In the order sent. Without any text but the empty one, only the images are sent.
    system_prompt : str or None
        An empty one is the same as none.

    Raises
    ------
    UsageError
        The system prompt has a lone surrogate.
    """

    parts: tuple[TextPart | ImagePart, ...]
    system_prompt: str | None = None

    def __post_init__(self) -> None:
        if self.system_prompt is not None:
            check_text(self.system_prompt)

    @property
    def images(self) -> tuple[ImagePart, ...]:
        """The images, in the order sent."""
        return tuple(part for part in self.parts if isinstance(part, ImagePart))


def check_text(text: str) -> None:
    """Raise unless ``text`` can be sent as UTF-8.

    The tokenizer would silently replace what cannot, and the model would read something else.

    Raises
    ------
    UsageError
        The text has a lone surrogate.
    """
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise UsageError(
            f"the text has a lone surrogate, {text[error.start]!r}, at character {error.start}; "
            "read or decode the text as UTF-8 without errors='surrogateescape'"
        ) from None
