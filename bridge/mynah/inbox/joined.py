"""An utterance that is fetched while it is being said, as if the ring told it live. Pure."""

from typing import Final

from mynah.inbox.letter import Letter
from mynah.inbox.records import Ending
from mynah.inbox.wants import Hear
from mynah_wire.clock import after_ms
from mynah_wire.codecs import CODECS, codec
from mynah_wire.uplink import CANCELLED, HOLD, TAP, Audio, Button, End, Held, Past, Start

JOINED_FRAMES: Final = 500
"""Ten seconds in which the bridge was out of reach: who still speaks then is heard as if it never
had been. That takes the radio 3 s; after more it would not feel live, and waits for its end."""

UNKNOWN: Final = 2
"""A cause of START that no ring says: is a button held, or was it tapped?"""


def is_known(codec_id: int) -> bool:
    """Whether this bridge can read it at all."""
    return codec_id in {each.id for each in CODECS}


def can_join(letter: Letter, held: Held) -> bool:
    """Whether it is short enough, and no turn had a part of it."""
    return not letter.told and held.frames <= JOINED_FRAMES


def begin(letter: Letter, held: Held) -> list[Hear]:
    """All of it is still to be heard."""
    letter.live = letter.in_hand = True
    letter.heard, letter.device_ms = 0, held.device_ms
    cause = HOLD if letter.tapped else UNKNOWN
    start = Hear(Start(held.stream, held.codec, cause, held.device_ms))
    return [start, Hear(Button(TAP, held.device_ms))] if letter.tapped else [start]


def go_on(letter: Letter, past: Past) -> Hear:
    """Another frame."""
    letter.heard = max(letter.heard, past.frame + 1)
    return Hear(Audio(letter.key.stream, past.frame, past.data))


def end(letter: Letter, ending: Ending) -> End:
    """The button was let go with the last frame."""
    letter.live = False
    end_ms = after_ms(letter.device_ms, ending.frames * codec(letter.codec).frame_ms)
    return End(letter.key.stream, ending.verdict, ending.frames, ending.dropped, end_ms)


def cancelled(held: Held) -> Hear:
    """It was only a touch, and the END that said so was lost."""
    return Hear(End(held.stream, CANCELLED, 0, 0, held.device_ms))
