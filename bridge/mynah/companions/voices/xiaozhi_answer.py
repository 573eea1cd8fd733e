"""One answer of xiaozhi's server: the pieces that its messages come to. No I/O."""

from collections.abc import Iterator
from typing import Final

from mynah.companions.base import Emotion, Piece
from mynah.companions.reaching.backend_trouble import Trouble
from mynah.companions.voices import xiaozhi_messages as messages
from mynah.companions.voices.captioned import Captioned
from mynah.companions.voices.opus import DECODED_HZ, OpusDecoder

MOST_ODD: Final = 20
"""Messages in one answer that no device knows; a newer server may send some."""


class Answer:
    """From the first message that is of it to the last."""

    def __init__(self, trouble: Trouble, *, aloud: bool) -> None:
        """`aloud`: in the server's own voice; else its sentences are text for another."""
        self._trouble = trouble
        self._decoder = OpusDecoder(trouble.whose) if aloud else None
        self._captioned = Captioned(trouble.whose, DECODED_HZ)
        self._odd = 0
        self.said = False
        """There was something to hear, or to feel."""

    def take(self, message: messages.Heard) -> Iterator[Piece]:
        """What it comes to; CompanionError if no answer can go on after it."""
        match message:
            case messages.Feels(name) if name:
                yield Emotion(name)
            case messages.Sentence(text):
                yield from self._sentence(text)
            case messages.Packet(data) if self._decoder is not None:
                yield from self._kept(self._captioned.push(self._decoder.push(data)))
            case messages.Moves(act):
                yield from self._kept(iter([act]))
            case messages.Ends():
                yield from self._finish()
            case messages.Alert(text, emotion):
                yield from alerted(text, emotion)
            case messages.Leaves():
                raise self._trouble.gave_up("it said goodbye")
            case messages.Refused() | messages.Odd():
                self._odd += 1
                if self._odd > MOST_ODD:
                    raise self._trouble.no_sense()

    def _sentence(self, text: str) -> Iterator[Piece]:
        if self._decoder is not None:
            # The sentence before got no sound if its words are still there: the voice failed.
            yield from self._unvoiced()
        self._captioned.tell(f"{text} ")
        if self._decoder is None:
            yield from self._unvoiced()

    def _finish(self) -> Iterator[Piece]:
        yield from self._kept(self._captioned.finish())
        yield from self._unvoiced()
        if not self.said:
            raise self._trouble.cut_off(begun=False)

    def _unvoiced(self) -> Iterator[Piece]:
        if text := self._captioned.silent():
            yield from self._kept(iter([text]))

    def _kept(self, pieces: Iterator[Piece]) -> Iterator[Piece]:
        for piece in pieces:
            self.said = True
            yield piece


def alerted(text: str, emotion: str) -> Iterator[Piece]:
    """Something the wearer is to know: another voice says it."""
    if emotion:
        yield Emotion(emotion)
    if text:
        yield f"{text} "
