"""A request of text alone that is too long: the user's last text is cut between words."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from budgetfit.serving.fitted import Fitted, Report
from budgetfit.serving.refusals import RefusedError
from budgetfit.tokens.layout import BLANK_LINE
from budgetfit.tokens.truncation import truncate_prompt

if TYPE_CHECKING:
    from budgetfit.serving.chat_request import ChatRequest
    from budgetfit.tokens.tokenizer import RequestTokenizer

__all__ = ["shortened"]

# Where texts join, a token more or less can appear; each further try takes off what was too much.
_MAX_TRIES = 8


def shortened(
    chat: ChatRequest, num_tokens: int, room: int, reserved: int, tokenizer: RequestTokenizer
) -> Fitted:
    """Return the request with the longest beginning of the user's last text that fits.

    Parameters
    ----------
    chat : ChatRequest
        Without pictures.
    num_tokens : int
        Its prompt tokens.
    room : int
        Tokens of prompt and answer that the model's context holds.
    reserved : int
        Tokens of the answer.
    tokenizer : RequestTokenizer
        The model's.

    Raises
    ------
    RefusedError
        What may not be cut does not fit.
    """
    last = max(
        (index for index, each in enumerate(chat.messages) if each.get("role") == "user"),
        default=None,
    )
    texts = [] if last is None else [place.value for place in chat.texts_of(last) if place.value]
    text = BLANK_LINE.join(texts)
    limit = room - reserved
    left = limit - (num_tokens - tokenizer.count_text(text))
    for _ in range(_MAX_TRIES):
        cut = truncate_prompt(text, max(left, 0), tokenizer).text
        if last is None or not cut:
            break
        messages = list(chat.messages)
        messages[last] = {**messages[last], "content": cut}
        counted = tokenizer.encode_conversation(messages, (), chat.tools).num_tokens
        if counted <= limit:
            report = Report(
                outcome="shortened",
                model=chat.model,
                num_tokens=counted,
                max_model_len=room,
                max_tokens=reserved,
                num_images=0,
                warnings=(
                    f"the last text of the user was cut: the prompt has {counted} of "
                    f"{num_tokens} tokens",
                ),
            )
            fields = {**chat.fields, "messages": messages}
            body = json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()
            return Fitted(body, report, bool(fields.get("stream")))
        left -= counted - limit
    raise RefusedError(
        400,
        f"the prompt has {num_tokens} tokens and {limit} fit beside {reserved} to answer within "
        f"the model's context of {room}; cutting the user's last text is not enough, so send fewer "
        "turns or lower max_tokens",
        "context_length_exceeded",
        param="messages",
    )
