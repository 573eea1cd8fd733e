"""What waits until nobody has the floor: what was said out of reach, then what nobody asked for."""

from collections.abc import Callable
from typing import Final, TypeAlias

from mynah.inbox.mail import Mail
from mynah.link.utterance import Utterance
from mynah.occasions import Occasions
from mynah.turn.answer import Answer
from mynah_wire.codecs import IMA_ADPCM
from mynah_wire.uplink import HOLD, SAID, End, Start

STREAM: Final = -2
"""Names a turn without a voice to the turn machine; late ones are -1, the ring's have 16 bits."""

NewAnswer: TypeAlias = Callable[[Utterance], Answer]


class Waiting:
    """Of one connection."""

    def __init__(self, mail: Mail, occasions: Occasions, new_answer: NewAnswer) -> None:
        self._mail = mail
        self._occasions = occasions
        self._new_answer = new_answer

    def next(self) -> Answer | None:
        """The turn to be had now; its utterance is whole."""
        late = self._mail.take_late()
        if late is not None:
            answer = self._new_answer(late.utterance)
            answer.late, answer.late_s = late, late.late_s(self._mail.wall_ms)
            return answer
        occasion = self._occasions.take()
        if occasion is None:
            return None
        silence = Utterance(Start(STREAM, IMA_ADPCM, HOLD, 0))
        silence.close(End(STREAM, SAID, 0, 0, 0))
        answer = self._new_answer(silence)
        answer.occasion = occasion
        return answer
