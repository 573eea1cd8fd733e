"""What becomes of everything a ring says: kept, fetched, answered once, or reported lost. Pure.

    START, AUDIO -> coming --END-----------------------+
                       | link lost                     v
                      away --HELD--> held --PASTEND-> here --synced--> safe --told--> done
                       |                                                KEPT
                       +--the ring has no more of it--> here, or lost

Live speech passes through at once, and is answered from memory. KEPT is said of what is on the
disk, and of what is over.
"""

from collections.abc import Iterable
from typing import Final

from mynah.inbox import joined
from mynah.inbox.fetching import Fetching
from mynah.inbox.journal import DONE, LOST, Journal
from mynah.inbox.key import Key
from mynah.inbox.letter import ANEW, GONE, NOTHING, REASONS, UNREADABLE, Letter, Place, age_ms
from mynah.inbox.letters import Letters
from mynah.inbox.records import Ending
from mynah.inbox.wants import (
    Action,
    AllHeld,
    Deliver,
    Event,
    Failed,
    Hear,
    Lost,
    Noted,
    OfUtterance,
    Remove,
    Report,
    Spoilt,
    Synced,
    Tell,
    Tick,
    Told,
    Untold,
)
from mynah.link.utterance import LONGEST_FRAMES
from mynah_wire import uplink
from mynah_wire.downlink import Close, Kept
from mynah_wire.uplink import (
    CANCELLED,
    CROWDED,
    OPEN,
    STORE,
    TAP,
    Audio,
    Button,
    End,
    Held,
    Past,
    PastEnd,
    Ready,
    Start,
)

LETTERS_MOST: Final = 64
"""Not answered yet: a quarter of an hour of turns. What is more stays with the ring."""

UNTOLD_MS: Final = 20_000.0
"""A ring tells HELD every few seconds, save during a FETCH, which may be of what is being said now.
What it has not told so long after that it does not have."""

SILENT_MS: Final = 30_000.0
"""Live audio that stops without END; thrice as long as the turn itself waits for it."""

RETRY_MS: Final = 10_000.0
"""Before something is fetched again that the disk refused."""


class Inbox:
    """One ring's. Times are the loop's."""

    def __init__(
        self, device_id: str, epoch_ms: float, letters: Iterable[Letter], journal: Journal
    ) -> None:
        """`letters` and `journal` are what the disk had."""
        self.epoch_ms = epoch_ms
        """What the clock on the wall showed when the loop's was at zero; it may be set."""
        self.letters = Letters(letters, journal)
        self._device_id = device_id
        self._ready: Ready | None = None
        self._ready_ms = 0.0
        self._fetching = Fetching()
        self.delivered: Key | None = None

    @property
    def journal(self) -> Journal:
        """What became of those that are over."""
        return self.letters.journal

    @property
    def wearer_speaks(self) -> bool:
        """Out of the conversation's hearing: what is being said is still to be fetched."""
        return any(each.place is Place.HELD and each.verdict == OPEN for each in self.letters)

    @property
    def stores(self) -> bool:
        """Whether the ring keeps what it says until it is told KEPT."""
        return self._ready is not None and bool(self._ready.capabilities & STORE)

    def key(self, stream: int) -> Key:
        """What names a stream of this connection's ring."""
        return Key(self._device_id, self._ready.boot_id if self._ready else 0, stream)

    def handle(self, event: Event, now_ms: float) -> list[Action]:
        """Something happened."""
        match event:
            case Ready():
                actions = self._connect(event, now_ms)
            case Start() | Audio() | End() | Button():
                actions = self._of_live(event, now_ms)
            case Held(verdict=uplink.CANCELLED):
                key = Key(self._device_id, event.boot_id, event.stream)
                actions = self._cancel(key, event)
            case Held() | Past() | PastEnd():
                actions = self._of_past(event, now_ms)
            case Tick():
                actions = self._tick(now_ms)
            case AllHeld():
                missed = [self._give_up(each, GONE, now_ms) for each in self.letters.take_untold()]
                actions = [action for each in missed for action in each]
            case Lost():
                self._disconnect()
                return []
            case Synced() | Failed() | Noted() | Spoilt() | Told() | Untold():
                actions = self._of_letter(event, now_ms)
            case _:
                return [Hear(event)]
        return actions + self._go_on(now_ms)

    def deadline_ms(self) -> float | None:
        """When to handle Tick."""
        if self._ready is None:
            return None
        moments = [letter.due_ms for letter in self.letters] + [self._fetching.due_ms]
        return min((moment for moment in moments if moment is not None), default=None)

    # The connection

    def _connect(self, ready: Ready, now_ms: float) -> list[Action]:
        self._ready, self._ready_ms = ready, now_ms
        self.letters.expect(now_ms + UNTOLD_MS)
        return [Hear(ready)]

    def _disconnect(self) -> None:
        self._ready, self.delivered = None, None
        self._fetching.stop()
        for letter in self.letters:
            letter.live = letter.in_hand = letter.fresh = False
            if letter.place in (Place.COMING, Place.HELD):
                letter.place = Place.AWAY

    def _go_on(self, now_ms: float) -> list[Action]:
        """Fetch, and have answered, what is to be next."""
        if self._ready is None:
            return []
        fetches = self._fetching.choose(self.letters, now_ms)
        return [*[Tell(fetch) for fetch in fetches], *self._deliver()]

    def _deliver(self) -> list[Action]:
        letter = self.letters.wanted()
        if letter is None or self.delivered is not None or self.wearer_speaks:
            return []
        self.delivered, letter.in_hand = letter.key, True
        return [Deliver(letter.key, letter.told, letter.reason, letter.is_hands_free)]

    # What is said now

    def _of_live(self, message: Start | Audio | End | Button, now_ms: float) -> list[Action]:
        match message:
            case Start():
                return self._start(message, now_ms)
            case Audio():
                return self._audio(message, now_ms)
            case End():
                return self._end(message)
            case Button() if message.gesture == TAP:
                for letter in self.letters:
                    letter.tapped = letter.tapped or letter.live
        return [Hear(message)]

    def _start(self, start: Start, now_ms: float) -> list[Action]:
        for letter in self.letters:
            if letter.place is Place.COMING:  # its END was lost, but not to the ring
                self._send_away(letter, now_ms)
        key = self.key(start.stream)
        if self.letters.get(key) is not None:
            return []  # of an earlier connection: what is missing is fetched
        known = joined.is_known(start.codec)
        if not self.stores or not known or len(self.letters) >= 2 * LETTERS_MOST:
            return [Hear(start)]
        letter = self._begin(key, start.codec, start.device_ms, now_ms)
        letter.place, letter.live, letter.in_hand = Place.COMING, True, True
        letter.due_ms = now_ms + SILENT_MS
        return [*letter.open(), Hear(start)]

    def _audio(self, audio: Audio, now_ms: float) -> list[Action]:
        self._fetching.progressed(now_ms)
        letter = self.letters.get(self.key(audio.stream))
        if letter is None:
            return [Hear(audio)]
        actions: list[Action] = []
        if letter.place is Place.COMING:
            letter.due_ms = now_ms + SILENT_MS
            actions += letter.add(audio.frame, audio.data)
        return [*actions, Hear(audio)] if letter.live else actions

    def _end(self, end: End) -> list[Action]:
        letter = self.letters.get(self.key(end.stream))
        if letter is None:
            return [Hear(end)]
        hear: list[Action] = [Hear(end)] if letter.live else []
        letter.live = False
        if end.verdict == CANCELLED:
            return [*self._cancel(letter.key), *hear]
        if letter.place is not Place.COMING:
            return hear
        return [*self._finish(letter, Ending(end.verdict, end.frames, end.dropped)), *hear]

    # What was said before

    def _of_past(self, message: Held | Past | PastEnd, now_ms: float) -> list[Action]:
        if isinstance(message, Held):
            return self._held(message, now_ms)
        self._fetching.heard_ms = now_ms
        letter = self._fetching.answered_by(message.token)
        if letter is None:
            return []
        if isinstance(message, Past):
            return self._past(letter, message, now_ms)
        return self._past_end(letter, message, now_ms)

    def _held(self, held: Held, now_ms: float) -> list[Action]:
        key = Key(self._device_id, held.boot_id, held.stream)
        self.letters.untold.discard(key)
        if self.letters.is_safe(key):
            return self._kept(key)
        letter = self.letters.get(key)
        if letter is None and len(self.letters) < LETTERS_MOST and joined.is_known(held.codec):
            letter = self._begin(key, held.codec, held.device_ms, now_ms)
        if letter is None:
            return []
        if letter.live and letter.place is not Place.HELD:
            return self._end_of_live(letter, held)
        if letter.place is Place.HERE or now_ms < letter.retry_ms:
            letter.due_ms = None if letter.place is Place.HERE else now_ms + UNTOLD_MS
            return []
        if held.verdict == CROWDED or (held.verdict != OPEN and held.frames == 0):
            return self._give_up(letter, held.verdict, now_ms)
        letter.place, letter.due_ms, letter.verdict = Place.HELD, None, held.verdict
        letter.fresh = letter.fresh or held.verdict == OPEN
        return self._join(letter, held) if held.verdict == OPEN and not letter.live else []

    def _join(self, letter: Letter, held: Held) -> list[Action]:
        """It is being said while the ring is here again: from now on it is as good as live."""
        if letter.key != self.key(held.stream):
            return []
        if joined.can_join(letter, held):
            return [*joined.begin(letter, held)]
        return [Tell(Close(held.stream))] if letter.is_hands_free else []

    def _end_of_live(self, letter: Letter, held: Held) -> list[Action]:
        """The ring has it all, and the conversation still waits for the END that was lost."""
        if held.verdict == OPEN:
            return []
        letter.device_ms = held.device_ms
        ending = Ending(held.verdict, held.frames)
        end = Hear(joined.end(letter, ending))
        return [*self._finish(letter, ending), end] if letter.place is Place.COMING else [end]

    def _past(self, letter: Letter, past: Past, now_ms: float) -> list[Action]:
        kept = letter.add(past.frame, past.data)
        self._fetching.progressed(now_ms, new=bool(kept))
        letter.attempts = 0 if kept else letter.attempts
        if letter.live:
            return [*kept, joined.go_on(letter, past)]
        if not kept and self._fetching.passes(past.frame):
            return [Tell(self._fetching.ask(now_ms, past.frame))]
        return [*kept]

    def _past_end(self, letter: Letter, end: PastEnd, now_ms: float) -> list[Action]:
        missing = letter.seen.missing(min(end.frames, letter.told + LONGEST_FRAMES))
        letter.verdict, letter.dropped = end.verdict, max(letter.dropped, end.dropped)
        ending = Ending(end.verdict, end.frames, letter.dropped)
        if letter.live:
            return [*self._finish(letter, ending), Hear(joined.end(letter, ending))]
        if self._fetching.is_worth_repeating(missing, letter.dropped):
            return [Tell(self._fetching.ask(now_ms))]
        if letter.seen.count == 0:
            return self._give_up(letter, CROWDED if letter.dropped else end.verdict, now_ms)
        return self._finish(letter, ending)

    # What the disk and the conversation answer

    def _of_letter(self, event: OfUtterance, now_ms: float) -> list[Action]:
        key = event.key
        if isinstance(event, Told | Untold | Spoilt) and self.delivered == key:
            self.delivered = None
        if isinstance(event, Told) and event.frame is None:
            return self._close(key, DONE)  # known or not: the ring may keep it still
        letter = self.letters.get(key)
        if letter is None:
            return self._kept(key) if isinstance(event, Noted) else []
        actions: list[Action] = []
        match event:
            case Told(_, int(frame)):
                actions += self.letters.tell(letter, frame)
            case Untold():
                letter.in_hand = letter.live = False
            case Synced() if letter.place is Place.HERE:
                letter.place = Place.SAFE
                actions = self._kept(key)
            case Failed() if letter.place is not Place.SAFE:
                actions = self._refuse(letter, now_ms)
            case Spoilt():
                actions = self._lose(letter, UNREADABLE)
        return actions

    def _refuse(self, letter: Letter, now_ms: float) -> list[Action]:
        """The disk is full, or worse. The ring keeps it; who speaks now is heard all the same."""
        self._fetching.leave(letter.key)
        if letter.place is Place.HELD and letter.live:  # who joined hears no more, and gives up
            letter.live = letter.in_hand = False
        letter.refused()
        letter.retry_ms, letter.due_ms = now_ms + RETRY_MS, now_ms + UNTOLD_MS
        return [Remove(letter.key)]

    # What time brings

    def _tick(self, now_ms: float) -> list[Action]:
        self._fetching.tick(now_ms)
        due = [each for each in self.letters if each.due_ms is not None and now_ms >= each.due_ms]
        return [action for letter in due for action in self._miss(letter, now_ms)]

    def _miss(self, letter: Letter, now_ms: float) -> list[Action]:
        """What was to come of it did not come."""
        if letter.place is Place.COMING:
            self._send_away(letter, now_ms)
            return []
        since_ms = now_ms if self.wearer_speaks else self._fetching.heard_ms
        if now_ms < since_ms + UNTOLD_MS:
            letter.due_ms = since_ms + UNTOLD_MS
            return []
        return self._give_up(letter, GONE, now_ms)

    def _give_up(self, letter: Letter, verdict: int, now_ms: float) -> list[Action]:
        """There is no more of it: what is here is answered, if that is anything."""
        if letter.in_hand:  # a turn heard it live, and the disk refused it: that is answered
            self._fetching.leave(letter.key)
            letter.place, letter.due_ms = Place.AWAY, now_ms + UNTOLD_MS
            return []
        gone = GONE if letter.key == self.key(letter.key.stream) else ANEW
        verdict = verdict if verdict in REASONS and verdict != GONE else gone
        if letter.is_usable:
            return self._finish(letter, Ending(verdict, letter.seen.end))
        if letter.told:
            return self._close(letter.key, DONE)  # silence, after what was answered
        return self._lose(letter, NOTHING if verdict == GONE else REASONS[verdict])

    def _lose(self, letter: Letter, reason: str) -> list[Action]:
        return [Report(letter.key, reason, letter.said_ms), *self._close(letter.key, LOST)]

    # What all of them do

    def _begin(self, key: Key, codec_id: int, device_ms: int, now_ms: float) -> Letter:
        """A new one. Its age is known if it is of this boot."""
        ago_ms, wall_ms = None, self.epoch_ms + now_ms
        if self._ready is not None and key.boot_id == self._ready.boot_id:
            ago_ms = age_ms(device_ms, self._ready.device_ms, now_ms - self._ready_ms)
        said_ms = None if ago_ms is None else wall_ms - ago_ms
        return self.letters.begin(key, codec_id, said_ms, wall_ms)

    def _send_away(self, letter: Letter, now_ms: float) -> None:
        """Live audio ended without END; the turn that heard it gives up sooner."""
        letter.place, letter.due_ms = Place.AWAY, now_ms + UNTOLD_MS
        letter.live = letter.in_hand = False

    def _finish(self, letter: Letter, ending: Ending) -> list[Action]:
        self._fetching.leave(letter.key)
        return [*letter.finish(ending)]

    def _cancel(self, key: Key, held: Held | None = None) -> list[Action]:
        """It was only a touch; `held` says so again, where END was lost."""
        self._fetching.leave(key)
        letter = self.letters.get(key)
        hear = [joined.cancelled(held)] if held and letter and letter.live else []
        return [*self.letters.forget(key), *self._kept(key), *hear]

    def _close(self, key: Key, outcome: str) -> list[Action]:
        self._fetching.leave(key)
        return [*self.letters.close(key, outcome)]

    def _kept(self, key: Key) -> list[Action]:
        return [Tell(Kept(key.boot_id, key.stream))] if self.stores else []
