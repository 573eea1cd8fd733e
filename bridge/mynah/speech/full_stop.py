"""How sure Whisper is that a sentence ends where its words do. Pure.

It sets a full stop after most of what it hears, whole or broken off. How likely it thought the stop
tells one from the other better than that it was set.
"""

from collections.abc import Sequence
from functools import cache
from typing import Final, Protocol

import numpy as np
from numpy.typing import ArrayLike

STOPS: Final = (".", "!", "?", '."', '!"', '?"')
"""A stop and the end of a quotation may be one token."""


class Codec(Protocol):
    """What is needed of a tokenizer; one object for as long as it is asked."""

    def __hash__(self) -> int:
        """Its own."""

    def encode(self, text: str) -> list[int]:
        """The tokens of a text."""

    def decode(self, tokens: list[int]) -> str:
        """The text of tokens."""


def full_stop(tokens: Sequence[int], logits: Sequence[ArrayLike], codec: Codec) -> float | None:
    """The probability of a stop after the last word; None if the words were cut off there.

    `logits` has what was thought of every token at the place of each of `tokens`, and of the end.
    """
    place = len(tokens)
    while place and not any(letter.isalnum() for letter in codec.decode([tokens[place - 1]])):
        place -= 1
    if not place or place >= len(logits):
        return None
    thought = np.asarray(logits[place], np.float64).ravel()
    likely = np.exp(thought - thought.max())
    return float(likely[_stop_tokens(codec)].sum() / likely.sum())


@cache
def _stop_tokens(codec: Codec) -> list[int]:
    return sorted({codec.encode(stop)[0] for stop in STOPS})
