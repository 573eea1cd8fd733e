"""How much power the ring takes: the processor's clock by what it does, and when it sleeps.

    talk        somebody speaks or listens, or much is to be done at once: the full clock
    connected   a host is there, and nothing happens
    advertising nobody is
    asleep      deep sleep, from which a press wakes the chip as from a reset

RAM is lost in deep sleep, and not an utterance with it: until all is in flash, nothing sleeps.
"""

from mynah_wire.clock import after_ms, elapsed_ms
from mynah_wire.making import LOW

from . import actions

TYPE_CHECKING = False  # type checkers take this name for True; MicroPython has no typing to ask
if TYPE_CHECKING:
    from typing import Any

    from .ring import Ring

    Patience = tuple[int | None, int | None, int | None]

TALK = "talk"
CONNECTED = "connected"
ADVERTISING = "advertising"
ASLEEP = "asleep"

BY_POWER = "power"  # why it started: neither of the other two
BY_PRESS = "press"
BY_TIMER = "timer"

# How long it stays awake after it was last used: without a host, with one, and after its power came
# on, when whoever puts it together has a cable in his hand; None is for ever. A cell of 50 mAh is
# empty within an hour or two of being connected, one of 250 lasts half a day: where the cell is
# small, staying awake for half a minute costs more than all that is said. A walk to the next room
# and back takes ten minutes. Who waits for an answer is not asleep, see `facts_of`.
FOR_EVER = (None, None, None)
AWAKE_MS = {
    "touch": (15_000, 15_000, 600_000),
    "ring": (30_000, 30_000, 600_000),
    "bracelet": (600_000, None, 600_000),
    "pendant": (600_000, None, 600_000),
}
LOOK_MS = 20_000  # a host that listens finds the ring and has its key proved within 5 s
# While something is held for a host that was away: each look costs 0.3 mAh at some 50 mA, an
# estimate; so a day of them is a seventh of a 50 mAh cell.
LOOK_AGAIN_MS = 3_600_000
EMPTY_MS = 10_000  # with an empty cell: long enough to say so
POLL_MS = 1000  # what keeps it awake does not always say when it is over
CALM_MS = 2000  # between the words of a conversation the clock stays as it is
WORK_MS = 10_000  # a step of an update or a test; checking a signature takes 2.5 s, an estimate
# A press wakes by a pin that keeps power in deep sleep: those below this number.
WAKING_PINS = {"esp32s3": 22, "esp32c3": 6, "esp32c6": 8}
IDLE_HZ = 80_000_000  # Bluetooth needs no less
FULL_HZ = {"esp32s3": 240_000_000}
RISCV_HZ = 160_000_000  # the most that an ESP32-C3 or -C6 can

_USES = (actions.PRESSED, actions.RELEASED, actions.MOVED, actions.PAIRED)
_WORK = (actions.PROBED, actions.UPDATED)
_WORKS = (actions.PROBE, actions.UPDATE)


class Facts:
    """What is so, as far as it concerns power."""

    def __init__(
        self,
        talks: bool,
        sends: bool,
        linked: bool,
        proven: bool,
        holds: bool,
        safe: bool,
        on_trial: bool = False,
    ) -> None:
        """Somebody speaks or listens; what was said before is fetched, or answered; a host is
        connected; and has proved itself; something is held for one; all of that is safe in flash;
        what runs has this one boot to meet a host in.
        """
        self.talks = talks
        self.sends = sends
        self.linked = linked
        self.proven = proven
        self.holds = holds
        self.safe = safe
        self.on_trial = on_trial


def facts_of(ring: "Ring") -> Facts:
    """What is so with the ring."""
    said, session = ring.said, ring.session
    return Facts(
        not ring.quiet,
        said.fetching.active or ring.light == "thinking",
        session.linked,
        session.proven,
        len(said.held.all) > 0,
        said.saving.idle,
        ring.on_trial,
    )


class Power:
    """Ask it after every event, and at its deadline."""

    def __init__(self, awake_ms: "Patience", chip: str, start: str, now_ms: int) -> None:
        """`awake_ms` is one of AWAKE_MS, FOR_EVER where no press could wake it, or the board's."""
        self.state = ADVERTISING
        self._alone_ms, self._linked_ms, self._powered_ms = awake_ms
        self._full_hz = FULL_HZ.get(chip, RISCV_HZ)
        self._hz = 0  # nobody has said yet
        self._hurried_ms: "int | None" = None  # when the full clock was last needed
        self._start = start  # until it is used
        self._used_ms = self._asked_ms = now_ms
        self._worked_ms: "int | None" = None  # the last step of an update or a test
        self._linked = self._proven = False
        self._wired = False  # the host is at the other end of a cable, which feeds the ring
        self._empty = False  # the cell
        self._charging = False
        self._parting = False  # hung up, to sleep
        self._busy = False  # something keeps it awake

    def decide(
        self,
        event: str,
        value: "Any",
        todo: "list[tuple[str, object]]",
        facts: Facts,
        now_ms: int,
    ) -> "list[tuple[str, object]]":
        """`event` was handled, `todo` is to be done: the clock to run at, and at last to sleep."""
        self._asked_ms = now_ms
        self._heed(event, value, now_ms)
        if event == actions.FAULT:
            return []  # told while something else is being done
        if event in _WORK or any(action in _WORKS for action, _ in todo):
            self._worked_ms = now_ms
        works = self._works(now_ms) or facts.sends
        if facts.proven and not self._proven:
            self._use(now_ms)  # a host was looked for, and found
        self._linked, self._proven = facts.linked, facts.proven
        self._busy = facts.talks or works or self._charging or self._wired
        # Asleep it would lose its trial; with an empty cell it loses it.
        self._busy = self._busy or (facts.on_trial and not self._empty)
        if self._busy:
            self._use(now_ms)
        self._busy = self._busy or not facts.safe
        self.state = CONNECTED if facts.linked else ADVERTISING
        if facts.talks or works or (facts.linked and not facts.proven):
            self.state = TALK
        return self._clock(now_ms) + self._rest(facts, now_ms)

    def deadline_ms(self) -> "int | None":
        """When to ask again."""
        if self._hurried_ms is not None or self._busy or self._parting:
            return after_ms(self._asked_ms, POLL_MS)
        limit_ms = self._limit_ms()
        return None if limit_ms is None else after_ms(self._used_ms, limit_ms)

    def _heed(self, event: str, value: "Any", now_ms: int) -> None:
        if event in _USES:
            self._use(now_ms)
        elif event == actions.CONNECTED:
            self._wired = bool(value)
        elif event == actions.DISCONNECTED:
            self._wired = False
            if self._proven and not self._parting:
                # It may be back in a moment: who was idle for long must not vanish at once. Who has
                # no key may come as often as he likes, and keeps nothing awake.
                self._used_ms = now_ms
        elif event == actions.FAULT:
            self._empty = self._empty or value[0] == LOW
        elif event == actions.BATTERY:
            self._charging = value[2]
            self._empty = self._empty and not self._charging

    def _use(self, now_ms: int) -> None:
        self._used_ms = now_ms
        self._start = ""
        self._parting = False

    def _works(self, now_ms: int) -> bool:
        if self._worked_ms is not None and elapsed_ms(now_ms, self._worked_ms) >= WORK_MS:
            self._worked_ms = None
        return self._worked_ms is not None

    def _clock(self, now_ms: int) -> "list[tuple[str, object]]":
        if self.state == TALK:
            self._hurried_ms = now_ms
        elif self._hurried_ms is not None and elapsed_ms(now_ms, self._hurried_ms) >= CALM_MS:
            self._hurried_ms = None
        hz = IDLE_HZ if self._hurried_ms is None else self._full_hz
        if hz == self._hz:
            return []
        self._hz = hz
        return [(actions.CLOCK, hz)]

    def _limit_ms(self) -> "int | None":
        """How long after its last use it stays awake; None if for ever."""
        if self._alone_ms is None:
            return None
        if self._empty:
            return EMPTY_MS
        if self._linked:
            return self._linked_ms
        if self._start == BY_TIMER:
            return LOOK_MS
        return self._powered_ms if self._start == BY_POWER else self._alone_ms

    def _rest(self, facts: Facts, now_ms: int) -> "list[tuple[str, object]]":
        limit_ms = self._limit_ms()
        if self._busy or limit_ms is None or elapsed_ms(now_ms, self._used_ms) < limit_ms:
            return []
        if facts.linked:
            self._parting = True
            return [(actions.DISCONNECT, None)]
        self.state = ASLEEP
        self._used_ms = now_ms  # if it can't sleep after all, it tries again as late
        return [(actions.SLEEP, LOOK_AGAIN_MS if facts.holds and not self._empty else None)]
