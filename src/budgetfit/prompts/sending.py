"""A prompt as it is sent, and what was left out of it."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["PlannedBlock", "SentPrompt"]


@dataclass(frozen=True, slots=True)
class PlannedBlock:
    """What is sent of a block.

    Attributes
    ----------
    name : str
        What to call it.
    text, dropped : str
        What is kept of it and what is not.
    num_tokens, num_tokens_full : int
        Tokens of ``text`` and of the whole block, each on its own.
    """

    name: str
    text: str
    dropped: str
    num_tokens: int
    num_tokens_full: int

    def warning(self, reason: str) -> str | None:
        """Return in one line what was left out, or None where nothing was."""
        if not self.dropped:
            return None
        if not self.text:
            return f"{self.name} ({self.num_tokens_full} tokens) was left out, {reason}"
        return (
            f"{self.name} was cut from {self.num_tokens_full} to {self.num_tokens} tokens, {reason}"
        )


@dataclass(frozen=True, slots=True)
class SentPrompt:
    """A prompt as it is sent.

    Attributes
    ----------
    text : str
        The text after the pictures.
    num_tokens : int
        Tokens of the request without its pictures and its template, system prompt included.
    blocks : tuple of PlannedBlock
        The blocks of the prompt; empty where it was given as one text.
    warnings : tuple of str
        What was left out, one line each.
    """

    text: str
    num_tokens: int
    blocks: tuple[PlannedBlock, ...] = ()
    warnings: tuple[str, ...] = ()
