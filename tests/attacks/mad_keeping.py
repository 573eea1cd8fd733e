"""A ring of ours that has gone mad, at the inbox: absurd claims, and what was answered before."""

import random
from collections.abc import Iterator

from mynah.inbox.fake_disk import FakeDisk
from mynah.inbox.files import Files
from mynah.inbox.inbox import Inbox
from mynah.inbox.key import Key
from mynah.inbox.wants import Deliver, Lost, Note, Noted, Remove, Report, Sync, Synced, Told
from mynah_wire.codecs import IMA_ADPCM
from mynah_wire.message import Message
from mynah_wire.uplink import (
    CROWDED,
    HOLD,
    OPEN,
    POWERLESS,
    SAID,
    Audio,
    Button,
    End,
    Held,
    Past,
    PastEnd,
    Ready,
    Start,
)
from tests.attacks import cases
from tests.attacks.cases import Case
from tests.attacks.false_rings import claim_at_random, claim_the_largest, weight
from tests.attacks.victims import state_of
from tests.fuzz.host_disk import DEVICE, Keeping
from tests.fuzz.mutation import Dice

KINDS = (Ready, Start, Audio, End, Button, Held, Past, PastEnd)
MANY = 150  # claims of one kind
MIXED = 400  # of all kinds
MOST_BYTES = 10_000_000  # in memory: 128 utterances of a minute or so, a byte a frame
STEP_MS = 500.0
READY = Ready(bytes.fromhex(DEVICE), 1, 1, 0xFF, 0xFF, 2000, 0, b"a board")
FRAME = bytes(163)
FRAMES = 20


def absurd_claims(told: cases.Told) -> Iterator[Case]:
    """Streams, lengths, codecs, frames and tokens that there can't be: nothing grows or breaks."""
    for message_class in KINDS:
        for claim in (claim_the_largest, claim_at_random):
            dice = random.Random(4)
            claims = [claim(message_class, dice) for _ in range(MANY)]
            yield _believed(f"{message_class.__name__}, {claim.__name__}", claims)
    for seed in range(10):
        dice = random.Random(seed)
        claims = [claim_at_random(dice.choice(KINDS), dice) for _ in range(MIXED)]
        yield _believed(f"all kinds, seed {seed}", claims)


def answered_again(told: cases.Told) -> Iterator[Case]:
    """What was answered or told lost, said again in every way that a ring has: it is over."""
    for verdict in (SAID, CROWDED, POWERLESS, OPEN):
        for number, again in enumerate(_ways_to_say_it(verdict)):
            for connections in range(2):
                inbox = _Answered()
                for _ in range(connections):
                    inbox.handle(Lost())
                    inbox.handle(READY)
                before = inbox.answers
                for message in again:
                    inbox.handle(message)
                    repeated = inbox.answers > before
                    yield Case(f"way {number}, verdict {verdict}: {message!r}", repeated)


class _Answered:
    """An inbox, one utterance of which was heard live and answered."""

    def __init__(self) -> None:
        self.answers = 0
        """Turns that were wanted, and losses that were told."""
        self._files = Files(DEVICE, FakeDisk())
        self._inbox = Inbox(DEVICE, 0.0, *self._files.load())
        for message in (READY, *_said_live(SAID)):
            self.handle(message)
        self.handle(Told(Key(DEVICE, 1, 1)))

    def handle(self, event: object) -> None:
        events: list[object] = [event]
        while events:
            for action in self._inbox.handle(events.pop(0), STEP_MS):  # type: ignore[arg-type]
                self.answers += isinstance(action, Deliver | Report)
                if isinstance(action, Sync):
                    events.append(Synced(action.key))
                elif isinstance(action, Note | Remove):
                    events.append(Noted(action.key))


def _said_live(verdict: int) -> list[Message]:
    audio = [Audio(1, index, FRAME) for index in range(FRAMES)]
    return [Start(1, IMA_ADPCM, HOLD, 0), *audio, End(1, verdict, FRAMES, 0, 400)]


def _ways_to_say_it(verdict: int) -> list[list[Message]]:
    held = Held(1, 1, IMA_ADPCM, verdict, FRAMES, 0)
    past = [Past(token, index, FRAME) for token in (0, 1, 2) for index in range(FRAMES)]
    ends = [PastEnd(token, verdict, FRAMES, 0) for token in (0, 1, 2)]
    return [
        _said_live(verdict),
        [held] * 3,
        [held, *past, *ends],
        [*past, *ends, held],
        [READY, held, *_said_live(verdict), held],
    ]


def _believed(what: str, claims: list[Message]) -> Case:
    """Accepted if anything breaks, or is held beyond all bounds."""
    keeping = Keeping(Dice(1))
    try:
        for number, message in enumerate([READY, *claims]):
            keeping.take(message, STEP_MS * number)
        size = weight(state_of(keeping._inbox))
    except Exception as error:  # noqa: BLE001 - whatever it is, it should not be
        return Case(f"{what}: {error!r}", accepted=True)
    return Case(f"{what}: {size} bytes", size > MOST_BYTES)


MAD_KEEPING = [absurd_claims, answered_again]
