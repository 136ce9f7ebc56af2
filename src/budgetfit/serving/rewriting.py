"""Where planned pictures and text go in a conversation, and the conversation with them."""

from __future__ import annotations

import base64
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING, Any

from budgetfit.errors import UnsupportedRequestError, UsageError
from budgetfit.tokens.layout import BLANK_LINE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PIL import Image

    from budgetfit.constraints import Constraint
    from budgetfit.plans import Plan
    from budgetfit.serving.chat_request import ChatRequest, Place

    Size = tuple[int, int]

__all__ = ["Slot", "embedded", "rewritten", "slot_of_pictures", "slot_of_video"]


@dataclass(frozen=True, slots=True)
class Slot:
    """What of a conversation is planned.

    Attributes
    ----------
    message : int
        Index of the message.
    media : tuple of int
        Indices of its parts that are planned.
    texts : tuple of int
        Indices of its parts that are the plan's prompt: neighbours, which are encoded together.
    prompt : str
        Their text.
    sizes_before, sizes_after : tuple of (int, int)
        Pixels of the pictures that are not planned, before and after those that are.
    keeps_all : bool
        Whether every picture is sent: texts between them speak of each.
    num_candidates : int or None
        How many pictures there are; None for a video.
    """

    message: int
    media: tuple[int, ...]
    texts: tuple[int, ...]
    prompt: str
    sizes_before: tuple[Size, ...] = ()
    sizes_after: tuple[Size, ...] = ()
    keeps_all: bool = False
    num_candidates: int | None = None

    def sizes_with(self, sizes: Sequence[Size]) -> list[Size]:
        """Return the sizes of all pictures in their order, with ``sizes`` for those planned."""
        return [*self.sizes_before, *sizes, *self.sizes_after]

    @property
    def num_stand_ins(self) -> int:
        """How many pictures stand for the planned ones: one, or as many where all are kept."""
        return len(self.media) if self.keeps_all else 1

    def with_stand_ins(self, chat: ChatRequest) -> list[dict[str, Any]]:
        """Return the messages with pictures, of no content, in place of what is planned."""
        picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64,"}}
        parts = self._parts(chat)
        kept = set(self.media[: self.num_stand_ins])
        content = [
            picture if index in kept else part
            for index, part in enumerate(parts)
            if index in kept or index not in self.media
        ]
        return self._with_content(chat, content)

    def with_plan(self, chat: ChatRequest, plan: Plan, pictures: list[Any]) -> list[dict[str, Any]]:
        """Return the messages with the parts ``pictures`` and the text of ``plan``."""
        before = {self.media[0]: pictures}
        if self.keeps_all:
            before = {index: [picture] for index, picture in zip(self.media, pictures, strict=True)}
        is_cut = plan.prompt.text != self.prompt
        cut = [{"type": "text", "text": plan.prompt.text}] if plan.prompt.text else []
        if is_cut:
            before[self.texts[0]] = cut
        dropped = {*self.media, *(self.texts if is_cut else ())}
        content: list[Any] = []
        for index, part in enumerate(self._parts(chat)):
            content += before.get(index, [])
            if index not in dropped:
                content.append(part)
        return self._with_content(chat, content)

    def max_images(self, most: int | None) -> int | None:
        """Return how many pictures the plan may have where a request may have ``most``.

        Raises
        ------
        UsageError
            None.
        """
        num_fixed = len(self.sizes_before) + len(self.sizes_after)
        if most is None:
            return None
        if most <= num_fixed:
            raise UsageError(
                f"{num_fixed} pictures beside the video leave it none of the {most} that the "
                "server takes in a request; send fewer pictures"
            )
        return most - num_fixed

    def constraints(self) -> list[Constraint]:
        """Return what the plan must keep."""
        if not self.keeps_all:
            return []
        from budgetfit.constraints import Show

        return [Show(float(index)) for index in range(len(self.media))]

    def left_out(self, plan: Plan) -> tuple[str, ...]:
        """Return a warning where pictures of the client are not sent."""
        if self.num_candidates is None:
            return ()
        sent = {frame.pts for frame in plan.frames}
        lost = [str(index + 1) for index in range(self.num_candidates) if index not in sent]
        if not lost:
            return ()
        return (
            f"{len(lost)} of {self.num_candidates} pictures are not sent, those numbered "
            f"{', '.join(lost)}: beside the others they show least",
        )

    def _parts(self, chat: ChatRequest) -> list[Any]:
        return chat.messages[self.message]["content"]  # type: ignore[no-any-return]

    def _with_content(self, chat: ChatRequest, content: list[Any]) -> list[dict[str, Any]]:
        messages = list(chat.messages)
        messages[self.message] = {**messages[self.message], "content": content}
        return messages


def slot_of_video(chat: ChatRequest, place: Place, sizes: Sequence[Size]) -> Slot:
    """Return the slot of a video; pictures stay as they are.

    Parameters
    ----------
    chat : ChatRequest
        The request.
    place : Place
        Where the video is.
    sizes : sequence of (int, int)
        Pixels of the pictures.

    Raises
    ------
    UnsupportedRequestError
        It is not the user who shows it.
    """
    _check_role(chat, place.message)
    where = (place.message, place.part)
    is_before = [(each.message, each.part) < where for each in chat.images]
    return Slot(
        message=place.message,
        media=(place.part,),
        **_prompt_of(chat, place.message),
        sizes_before=tuple(s for s, before in zip(sizes, is_before, strict=True) if before),
        sizes_after=tuple(s for s, before in zip(sizes, is_before, strict=True) if not before),
    )


def slot_of_pictures(chat: ChatRequest, sizes: Sequence[Size]) -> Slot:
    """Return the slot of all pictures of a request.

    Raises
    ------
    UnsupportedRequestError
        Several turns have pictures.
    """
    turns = {place.message for place in chat.images}
    if len(turns) > 1:
        raise UnsupportedRequestError(
            f"{len(turns)} turns have {len(sizes)} pictures, more than fit; those of one turn can "
            "be planned, so leave out the pictures of the others"
        )
    (message,) = turns
    _check_role(chat, message)
    media = tuple(place.part for place in chat.images)
    texts = [place.part for place in chat.texts_of(message) if place.value]
    return Slot(
        message=message,
        media=media,
        **_prompt_of(chat, message),
        keeps_all=any(media[0] < part < media[-1] for part in texts),
        num_candidates=len(media),
    )


def rewritten(
    chat: ChatRequest, slot: Slot, plan: Plan, pictures: Sequence[Image.Image]
) -> dict[str, Any]:
    """Return the fields of the request with what was planned; the others are the client's."""
    content = plan.messages(pictures)[-1]["content"]
    parts = [part for part in content if part["type"] == "image_url"]
    return {**chat.fields, "messages": slot.with_plan(chat, plan, parts)}


def embedded(chat: ChatRequest, pictures: Sequence[bytes]) -> ChatRequest:
    """Return the request with every picture in it: a server may not read what was read here."""
    messages, changed = list(chat.messages), False
    for place, content in zip(chat.images, pictures, strict=True):
        if place.value.lower().startswith("data:"):
            continue
        data = base64.b64encode(content).decode("ascii")
        # Servers tell the format from the bytes.
        url = f"data:image/png;base64,{data}"
        parts = list(messages[place.message]["content"])
        parts[place.part] = {"type": "image_url", "image_url": {"url": url}}
        messages[place.message] = {**messages[place.message], "content": parts}
        changed = True
    if not changed:
        return chat
    return replace(chat, fields={**chat.fields, "messages": messages}, is_embedded=True)


def _prompt_of(chat: ChatRequest, message: int) -> dict[str, Any]:
    """Return the last texts of a message that nothing parts: what a plan may cut."""
    texts = {place.part: place.value for place in chat.texts_of(message)}
    parts = range(len(chat.messages[message]["content"]))
    runs = [list(run) for is_text, run in groupby(parts, texts.__contains__) if is_text]
    last = tuple(runs[-1]) if runs else ()
    prompt = BLANK_LINE.join(texts[part] for part in last if texts[part])
    return {"texts": last, "prompt": prompt}


def _check_role(chat: ChatRequest, message: int) -> None:
    role = chat.messages[message].get("role")
    if role != "user":
        raise UnsupportedRequestError(
            f"a message of the role {role!r} has pictures or a video; send them as the user's"
        )
