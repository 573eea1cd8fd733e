"""From the button to a stream of speech: hold to talk, or tap and talk.

The microphone opens with the press, before anyone can know whether it will be a hold or a tap:
so the first syllable is never lost.

    quiet --pressed--> held --released--> closing --stopped--> quiet      a hold
    quiet --pressed--> held --tapped----> open --host closes--> closing   a tap
                                          open --pressed--> held --released--> closing

Who presses once more may be done, or holds it and says more: either way it closes with the release.
A host that goes on listening says so, again and again; else the time limit ends a tapped stream.
A second tap at once was a touch: it cancels what the first one opened. See gestures.py.
"""

from mynah_wire.clock import after_ms, elapsed_ms
from mynah_wire.uplink import CANCELLED, CUT, HOLD, SAID, TAP

from .actions import CLOSE_MICROPHONE, OPEN_MICROPHONE

QUIET = "quiet"
HELD = "held"
OPEN = "open"
CLOSING = "closing"

PRESS = "press"
RELEASE = "release"
CLOSE = "close"
KEEP = "keep"
LIMIT = "limit"
STOPPED = "stopped"

LAST_STREAM = 0xFFFF  # of a boot id
TAP_MS = 250  # people's taps take 60-200 ms; the shortest word said while holding takes longer
# Phones take two taps for one gesture within so long. Nobody says a word in it, so what the first
# tap opened is cancelled by the second: the wearer only touched the ring.
AGAIN_MS = 300
HOLD_LIMIT_MS = 900_000  # a button squeezed in a bag must not drain the cell for ever
OPEN_LIMIT_MS = 60_000  # a tap whose host never answers, or no longer says that it listens

_TRANSITIONS = {
    (QUIET, PRESS): "_open",
    (QUIET, RELEASE): "_ignore",  # the end of the press that cancelled a tapped stream
    (QUIET, CLOSE): "_ignore",  # the host closes what has just closed
    (QUIET, KEEP): "_ignore",
    (HELD, RELEASE): "_let_go",
    (HELD, CLOSE): "_ignore",  # while it is held the wearer decides
    (HELD, KEEP): "_ignore",
    (HELD, LIMIT): "_cut",
    (OPEN, PRESS): "_press_again",
    (OPEN, CLOSE): "_say",
    (OPEN, KEEP): "_keep",
    (OPEN, LIMIT): "_cut",
    (CLOSING, PRESS): "_open_next",
    (CLOSING, RELEASE): "_forget_press",  # over before the microphone was free for it
    (CLOSING, CLOSE): "_ignore",
    (CLOSING, KEEP): "_ignore",
    (CLOSING, STOPPED): "_close",
}


class Talk:
    """Whether the ring hears, and which stream it is."""

    def __init__(self) -> None:
        self.state = QUIET
        self.stream = 0
        self.cause = HOLD
        self.verdict = SAID
        self.ended_ms = 0  # when the release, or what else ended the stream, came
        self._since_ms = 0
        self._tapped_ms = 0
        self._stopped_reply = False
        self._waiting_press_ms: "int | None" = None  # a press that came while closing

    @property
    def hears(self) -> bool:
        """Whether the microphone is, or should be, open."""
        return self.state != QUIET

    def handle(
        self, event: str, now_ms: int, stops_reply: bool = False
    ) -> "list[tuple[str, object]]":
        """Something happened; what the microphone must do. `stops_reply`: the press stopped one."""
        handler = _TRANSITIONS.get((self.state, event))
        if handler is None:
            raise ValueError("talk: %s in state %s" % (event, self.state))
        if event == PRESS:
            self._stopped_reply = stops_reply
        actions: "list[tuple[str, object]]" = getattr(self, handler)(now_ms)
        return actions

    def deadline_ms(self) -> "int | None":
        """When LIMIT is due."""
        if self.state == HELD:
            return after_ms(self._since_ms, HOLD_LIMIT_MS)
        if self.state == OPEN:
            return after_ms(self._since_ms, OPEN_LIMIT_MS)
        return None

    def _open(self, now_ms: int) -> "list[tuple[str, object]]":
        self.state = HELD
        self.cause = HOLD
        self.stream = self.stream % LAST_STREAM + 1
        self._since_ms = now_ms
        return [(OPEN_MICROPHONE, None)]

    def _let_go(self, now_ms: int) -> "list[tuple[str, object]]":
        if self.cause == TAP or elapsed_ms(now_ms, self._since_ms) >= TAP_MS:
            return self._end(SAID, now_ms)
        if self._stopped_reply:
            return self._end(CANCELLED, now_ms)
        self.state = OPEN
        self.cause = TAP
        self._tapped_ms = now_ms
        return []

    def _press_again(self, now_ms: int) -> "list[tuple[str, object]]":
        if elapsed_ms(now_ms, self._tapped_ms) < AGAIN_MS:
            return self._end(CANCELLED, now_ms)
        self.state = HELD
        self._since_ms = now_ms
        return []

    def _say(self, now_ms: int) -> "list[tuple[str, object]]":
        return self._end(SAID, now_ms)

    def _keep(self, now_ms: int) -> "list[tuple[str, object]]":
        self._since_ms = now_ms
        return []

    def _cut(self, now_ms: int) -> "list[tuple[str, object]]":
        return self._end(CUT, now_ms)

    def _end(self, verdict: int, now_ms: int) -> "list[tuple[str, object]]":
        self.state = CLOSING
        self.verdict = verdict
        self.ended_ms = now_ms
        return [(CLOSE_MICROPHONE, now_ms)]

    def _open_next(self, now_ms: int) -> "list[tuple[str, object]]":
        self._waiting_press_ms = now_ms
        return []

    def _forget_press(self, _now_ms: int) -> "list[tuple[str, object]]":
        self._waiting_press_ms = None
        return []

    def _close(self, _now_ms: int) -> "list[tuple[str, object]]":
        self.state = QUIET
        pressed_ms = self._waiting_press_ms
        if pressed_ms is None:
            return []
        self._waiting_press_ms = None
        return self._open(pressed_ms)

    def _ignore(self, _now_ms: int) -> "list[tuple[str, object]]":
        return []
