"""A chat request made to fit: what needs no change stays as it is, the rest is planned exactly."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from budgetfit.errors import TokenMismatchError, UnsupportedRequestError, UsageError
from budgetfit.model_folders.folders import find_profile
from budgetfit.serving.analyses import AnalysisCache
from budgetfit.serving.chat_request import read_request
from budgetfit.serving.fitted import Fitted, Report
from budgetfit.serving.media import read_media
from budgetfit.serving.pictures import as_video, picture_size
from budgetfit.serving.refusals import RefusedError
from budgetfit.serving.rewriting import Slot, embedded, rewritten, slot_of_pictures, slot_of_video
from budgetfit.serving.shortening import shortened
from budgetfit.tokens.request import ImagePart, Request, TextPart
from budgetfit.tokens.tokenizer import RequestTokenizer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from budgetfit.plans import Plan
    from budgetfit.serving.chat_request import ChatRequest
    from budgetfit.serving.settings import PlanningSettings
    from budgetfit.video_analysis import VideoAnalysis

__all__ = ["Fitter"]

# Any picture stands for the planned ones while the rest is counted: texts and pictures are encoded
# apart, so their tokens add up.
_STAND_IN = (16, 16)


class Fitter:
    """Makes requests fit, one after another.

    Parameters
    ----------
    settings : PlanningSettings
        What may be done for a request.
    """

    def __init__(self, settings: PlanningSettings) -> None:
        self._settings = settings
        self._profile = find_profile(settings.profile)
        self._tokenizer = RequestTokenizer(self._profile)
        self._analyses = AnalysisCache(settings)

    def fit(self, body: bytes, max_model_lens: Mapping[str, int | None]) -> Fitted:
        """Return a request as it can be sent to a server.

        Parameters
        ----------
        body : bytes
            JSON of OpenAI's chat protocol.
        max_model_lens : mapping of str to int or None
            Of each model of the server, by its name; the first is asked where a request names none.

        Raises
        ------
        RefusedError
            It is not a chat request, or asks for what cannot be done.
        BudgetfitError
            Its media cannot be read, or it cannot be planned.
        """
        chat = read_request(body)
        room = self._room_of(chat, max_model_lens)
        if len(chat.images) + len(chat.videos) > self._settings.max_request_images:
            raise UsageError(
                f"the request has {len(chat.images)} pictures, more than the "
                f"{self._settings.max_request_images} that the proxy takes; send fewer"
            )
        pictures = [read_media(place.value, self._settings) for place in chat.images]
        chat = embedded(chat, pictures)
        if room is None:
            if not chat.videos:
                return self._untouched(chat, None, None)
            raise RefusedError(
                501,
                "the server does not tell the model's max_model_len; start the proxy with "
                "--max-model-len",
                "unknown_max_model_len",
            )
        if chat.videos:
            return self._with_video(chat, pictures, room)
        return self._without_video(chat, pictures, room)

    def _room_of(self, chat: ChatRequest, max_model_lens: Mapping[str, int | None]) -> int | None:
        model = chat.model
        if model is not None and model not in max_model_lens:
            known = ", ".join(max_model_lens) or "none"
            raise RefusedError(
                404,
                f"the server has no model {model!r}; it has: {known}",
                "model_not_found",
                param="model",
            )
        told = max_model_lens[model] if model is not None else next(iter(max_model_lens.values()))
        limits = [each for each in (told, self._settings.max_model_len) if each is not None]
        return min(limits, default=None)

    def _with_video(self, chat: ChatRequest, pictures: Sequence[bytes], room: int) -> Fitted:
        if len(chat.videos) > 1:
            raise UnsupportedRequestError(
                f"the request has {len(chat.videos)} videos; one of them can be planned, so send "
                "each in a request of its own"
            )
        _check_counted(chat)
        (place,) = chat.videos
        video = self._analyses.analysis_of(read_media(place.value, self._settings))
        sizes = self._sizes(pictures)
        slot = slot_of_video(chat, place, sizes)
        return self._planned(chat, slot, video, room)

    def _without_video(self, chat: ChatRequest, pictures: Sequence[bytes], room: int) -> Fitted:
        sizes = self._sizes(pictures)
        if chat.others or chat.uncounted_field:
            return self._untouched(chat, None, room)
        try:
            counted = self._tokenizer.encode_conversation(chat.messages, sizes, chat.tools)
        except UsageError:
            # The server says better what it does not take.
            return self._untouched(chat, None, room)
        num_tokens, answer = counted.num_tokens, chat.max_tokens or 1
        most = self._settings.max_images
        if num_tokens + answer <= room and (most is None or len(sizes) <= most):
            return self._untouched(chat, num_tokens, room)
        if num_tokens < room <= answer:
            # No prompt leaves room for such an answer; servers that take it shorten the answer.
            return self._untouched(chat, num_tokens, room)
        if not sizes:
            return shortened(chat, num_tokens, room, self._reserved(chat), self._tokenizer)
        slot = slot_of_pictures(chat, sizes)
        images, times_s, notes = as_video(pictures, self._profile.max_image_size)
        return self._planned(chat, slot, (images, times_s), room, notes)

    def _sizes(self, pictures: Sequence[bytes]) -> list[tuple[int, int]]:
        return [
            picture_size(content, number, self._settings)
            for number, content in enumerate(pictures, 1)
        ]

    def _reserved(self, chat: ChatRequest) -> int:
        return self._settings.max_tokens if chat.max_tokens is None else max(chat.max_tokens, 1)

    def _planned(
        self,
        chat: ChatRequest,
        slot: Slot,
        video: VideoAnalysis | tuple[Sequence[Any], Sequence[float]],
        room: int,
        notes: Sequence[str] = (),
    ) -> Fitted:
        fixed = self._fixed_num_tokens(chat, slot)
        plan = self._plan(chat, slot, video, room, fixed)
        pictures = plan.images()
        fields = rewritten(chat, slot, plan, pictures)
        sizes = slot.sizes_with([picture.size for picture in pictures])
        counted = self._tokenizer.encode_conversation(fields["messages"], sizes, chat.tools)
        if counted.num_tokens != plan.num_tokens + fixed:
            raise TokenMismatchError(plan.num_tokens + fixed, counted.num_tokens, "mistral-common")
        report = Report.of_plan(
            plan,
            model=chat.model,
            max_model_len=room,
            num_tokens=counted.num_tokens,
            num_images=len(sizes),
            warnings=(*notes, *slot.left_out(plan)),
        )
        return Fitted(encoded(fields), report, bool(fields.get("stream")))

    def _fixed_num_tokens(self, chat: ChatRequest, slot: Slot) -> int:
        """Return the tokens of all that is not the plan's: template, prompt and pictures are."""
        messages = slot.with_stand_ins(chat)
        stand_ins = [_STAND_IN] * slot.num_stand_ins
        sizes = slot.sizes_with(stand_ins)
        whole = self._tokenizer.encode_conversation(messages, sizes, chat.tools).num_tokens
        pictures = [ImagePart(*size) for size in stand_ins]
        planned = Request((*pictures, TextPart(slot.prompt)))
        return whole - self._tokenizer.count(planned)

    def _plan(
        self,
        chat: ChatRequest,
        slot: Slot,
        video: VideoAnalysis | tuple[Sequence[Any], Sequence[float]],
        room: int,
        fixed: int,
    ) -> Plan:
        from budgetfit.planner import plan

        reserved = self._reserved(chat)
        if reserved + fixed >= room:
            beside = f" and {fixed} tokens of other turns, texts and pictures" if fixed else ""
            raise RefusedError(
                400,
                f"max_tokens {reserved}{beside} leave no room for a picture within the model's "
                f"context of {room} tokens; lower max_tokens or send less",
                "context_length_exceeded",
                param="max_tokens",
            )
        return plan(
            video,
            slot.prompt,
            profile=self._settings.profile,
            max_model_len=room - fixed,
            max_tokens=reserved,
            max_images=slot.max_images(self._settings.max_images),
            time_limit_s=self._settings.time_limit_s,
            num_candidates=slot.num_candidates,
            constraints=slot.constraints(),
        )

    def _untouched(self, chat: ChatRequest, num_tokens: int | None, room: int | None) -> Fitted:
        report = Report(
            outcome="untouched",
            model=chat.model,
            num_tokens=num_tokens,
            max_model_len=room,
            max_tokens=chat.max_tokens,
            num_images=len(chat.images),
        )
        body = encoded(chat.fields) if chat.is_embedded else None
        return Fitted(body, report, bool(chat.fields.get("stream")))


def encoded(fields: Mapping[str, Any]) -> bytes:
    """Return fields of a request as JSON."""
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()


def _check_counted(chat: ChatRequest) -> None:
    if chat.others:
        raise UnsupportedRequestError(
            f"a part of the messages is of the type {chat.others[0]!r}, which is not counted "
            "beside a video; send text, image_url and one video_url"
        )
    if chat.uncounted_field:
        raise UnsupportedRequestError(
            f"the field {chat.uncounted_field} changes the prompt in a way that is not counted "
            "beside a video; leave it out"
        )
