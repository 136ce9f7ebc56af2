"""A chat request as a client sends it, and where its media and its text are."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from budgetfit.serving.refusals import RefusedError

__all__ = ["ChatRequest", "Place", "read_request"]

_IMAGE, _VIDEO, _TEXT = "image_url", "video_url", "text"
# Fields of vLLM's that change the prompt in ways that are not counted here.
_UNCOUNTED = {
    "chat_template": None,
    "continue_final_message": False,
    "documents": None,
    "truncate_prompt_tokens": None,
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a part stands in the messages, and what it names.

    Attributes
    ----------
    message, part : int
        Indices of the message, and of the part in its content.
    value : str
        Address of a picture or video; the text of a text.
    """

    message: int
    part: int
    value: str


@dataclass(frozen=True, slots=True, eq=False)
class ChatRequest:
    """A chat request.

    Attributes
    ----------
    fields : dict
        The JSON of the client.
    images, videos : tuple of Place
        In the order sent.
    others : tuple of str
        Types of the parts that are neither text nor picture nor video.
    is_embedded : bool
        Whether pictures were put in the place of their addresses.
    """

    fields: dict[str, Any]
    images: tuple[Place, ...]
    videos: tuple[Place, ...]
    others: tuple[str, ...]
    is_embedded: bool = False

    @property
    def messages(self) -> list[dict[str, Any]]:
        """The messages as the client sent them."""
        return self.fields["messages"]  # type: ignore[no-any-return]

    @property
    def model(self) -> str | None:
        """Which model is asked; None for the server's own choice."""
        return self.fields.get("model")

    @property
    def max_tokens(self) -> int | None:
        """Tokens that the answer may have; None where the request names no number."""
        newer = self.fields.get("max_completion_tokens")
        return self.fields.get("max_tokens") if newer is None else newer

    @property
    def tools(self) -> list[dict[str, Any]] | None:
        """What the model may call."""
        return self.fields.get("tools")

    @property
    def uncounted_field(self) -> str | None:
        """A field that changes the prompt in a way that is not counted; None where there is none.

        ``add_generation_prompt`` does where it is false.
        """
        for name, harmless in _UNCOUNTED.items():
            if self.fields.get(name, harmless) != harmless:
                return name
        return None if self.fields.get("add_generation_prompt", True) else "add_generation_prompt"

    def texts_of(self, message: int) -> list[Place]:
        """Return the texts of a message, in their order."""
        content = self.messages[message].get("content")
        if isinstance(content, str):
            return [Place(message, 0, content)]
        return [
            Place(message, index, _text_of(part))
            for index, part in enumerate(content or ())
            if _kind(part) == _TEXT
        ]


def read_request(body: bytes) -> ChatRequest:
    """Read a request.

    Raises
    ------
    RefusedError
        It is not JSON, or not a chat request.
    """
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise _wrong(f"the body is not JSON ({error}); send an object", None) from error
    if not isinstance(fields, dict):
        raise _wrong(f"the body is a {type(fields).__name__}; send a JSON object", None)
    messages = fields.get("messages")
    if not isinstance(messages, list) or not all(isinstance(each, dict) for each in messages):
        raise _wrong("messages is no list of objects; send one for each turn", "messages")
    for name in ("max_tokens", "max_completion_tokens"):
        value = fields.get(name)
        if value is not None and (type(value) is not int or value < 0):
            raise _wrong(f"{name} is {value!r}; it must be a whole number", name)
    if not isinstance(fields.get("model"), str | None):
        raise _wrong(f"model is {fields['model']!r}; give its name", "model")
    if not isinstance(fields.get("tools"), list | None):
        raise _wrong("tools is no list; give one object for each function", "tools")
    places: dict[str, list[Place]] = {_IMAGE: [], _VIDEO: []}
    others: list[str] = []
    for index, message in enumerate(messages):
        content = message.get("content")
        for position, part in enumerate(content if isinstance(content, list) else ()):
            kind = _kind(part)
            if kind in places:
                places[kind].append(Place(index, position, _address(part, kind)))
            elif kind != _TEXT:
                others.append(kind)
    return ChatRequest(fields, tuple(places[_IMAGE]), tuple(places[_VIDEO]), tuple(others))


def _kind(part: object) -> str:
    if not isinstance(part, dict):
        return _TEXT if isinstance(part, str) else type(part).__name__
    return str(part.get("type"))


def _text_of(part: str | dict[str, Any]) -> str:
    text = part if isinstance(part, str) else part.get("text")
    if not isinstance(text, str):
        raise _wrong("a text of the messages is no string; send one", "messages")
    return text


def _address(part: dict[str, Any], kind: str) -> str:
    """Return the address of a picture or video, in either of the forms that clients send."""
    named = part.get(kind)
    url = named.get("url") if isinstance(named, dict) else named
    if not isinstance(url, str) or not url:
        raise _wrong(f'a {kind} has no address; send {{"url": "data:..."}}', "messages")
    return url


def _wrong(message: str, param: str | None) -> RefusedError:
    return RefusedError(400, message, "invalid_request", param=param)
