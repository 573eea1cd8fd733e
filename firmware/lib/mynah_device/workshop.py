"""What a maker asks of the ring, and what it tells him: what is wrong with it, its log, tests.

What takes time is told one message at a time, when everything else has been said: a log of
fifty lines must not stand in front of a voice.
"""

from collections import deque

from mynah_wire import making
from mynah_wire.fragments import MESSAGE_LIMIT_BYTES
from mynah_wire.message import Message

from . import actions
from .journal import Journal, cut

TYPE_CHECKING = False  # type checkers take this name for True; MicroPython has no typing to ask
if TYPE_CHECKING:
    from typing import Any

MOST_FAULTS = 16  # a part has one at a time, and no board has more parts
MOST_ANSWERS = 8  # tests and steps of an update whose answers wait
TEXT_BYTES = 64  # of a fault: the names of the part, and what it answered
VALUES_BYTES = 240  # of a test's answer: a record or two
MOST_FILLERS = 1 << 16
FILLER_BYTES = MESSAGE_LIMIT_BYTES - 5  # a FILLER's own: its kind, and its number
ORDERS = (
    making.Logs,
    making.Probe,
    making.Filler,
    making.Offer,
    making.Block,
    making.Install,
)
NAMES = {
    making.ABSENT: "absent",
    making.FOREIGN: "foreign",
    making.STUCK: "stuck",
    making.SILENT: "silent",
    making.GARBLED: "garbled",
    making.STARVED: "starved",
    making.SAFE: "safe",
    making.FULL: "full",
    making.LOW: "low",
    making.BROKEN: "broken",
}


class Workshop:
    """Faults, the log, tests and updates: what comes in, and what is told next."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.faults: "list[tuple[int, bytes]]" = []  # of now, the oldest first
        self.filled = 0  # FILLERs that came: a test of the link reads and resets both
        self.filled_bytes = 0
        self.probing = False  # a test runs: a press is told, and does nothing else
        self.hears = False  # and has the microphone open
        self._answers: "deque[Message]" = deque((), MOST_ANSWERS)
        self._untold = 0  # how many of the faults, the newest, the host has not been told
        self._log: "tuple[int, int] | None" = None  # the token, and the line to be told next
        self._fillers = (0, 0, b"")  # the next one's number, how many there shall be, their data

    def met(self, now_ms: int) -> None:
        """A host has proved itself."""
        self.journal.note("a host is here", now_ms)
        self.cut()
        self._untold = len(self.faults)

    def cut(self) -> None:
        """The link is gone: what was to be told is asked for again."""
        self._answers = deque((), MOST_ANSWERS)
        self._log = None
        self._fillers = (0, 0, b"")
        self.filled = self.filled_bytes = 0
        self.probing = False  # a press counts again, though a test may still end
        self._untold = 0

    def obey(self, order: Message) -> "list[tuple[str, object]]":
        """One of ORDERS."""
        if isinstance(order, making.Logs):
            self._log = (order.token, order.first)
        elif isinstance(order, making.Filler):
            self.filled += 1
            self.filled_bytes += len(order.data)
        elif isinstance(order, making.Probe):
            return self._probe(order)
        else:
            return [(actions.UPDATE, order)]
        return []

    def hear(self, event: str, now_ms: int, value: "Any") -> None:
        """FAULT, PROBED or UPDATED."""
        if event == actions.FAULT:
            self.fault(value[0], value[1], now_ms)
        elif event == actions.PROBED:
            token, verdict, values = value
            self._answers.append(making.Found(token, verdict, cut(values, VALUES_BYTES)))
        elif event == actions.UPDATED:
            token, state, offset, detail = value
            self._answers.append(making.Updating(token, state, offset, cut(detail, TEXT_BYTES)))
        else:
            raise ValueError("ring: unknown event %s" % event)

    def fault(self, fault: int, text: str, now_ms: int) -> None:
        """Something is wrong with a part, whose name is the text's first word; told once."""
        said = cut(text, TEXT_BYTES)
        if (fault, said) in self.faults:
            return
        part = said.split(b":")[0]
        self.faults = [each for each in self.faults if each[1].split(b":")[0] != part]
        self.faults = self.faults[1 - MOST_FAULTS :]
        self.faults.append((fault, said))
        self._untold = min(self._untold + 1, len(self.faults))
        self.journal.note("fault: %s, %s" % (text, NAMES.get(fault, "%d" % fault)), now_ms)

    def fill(self, count: int, size_bytes: int) -> None:
        """Send so many FILLERs with so much in each, for a test of the link."""
        self._fillers = (0, min(count, MOST_FILLERS), bytes(min(size_bytes, FILLER_BYTES)))

    def urgent(self) -> "Message | None":
        """What is to be told before audio; it has been told then."""
        if self._untold:
            fault, text = self.faults[len(self.faults) - self._untold]
            self._untold -= 1
            return making.Fault(fault, text)
        return self._answers.popleft() if self._answers else None

    def patient(self) -> "Message | None":
        """What is to be told when there is nothing else to say; it has been told then."""
        if self._log is not None:
            return self._next_line(self._log[0], self._log[1])
        number, count, data = self._fillers
        if number == count:
            return None
        self._fillers = (number + 1, count, data)
        return making.Filler(number, data)

    def _probe(self, probe: making.Probe) -> "list[tuple[str, object]]":
        try:
            name = probe.name.decode()
        except UnicodeError:
            name = ""  # nobody has a test of that name
        return [(actions.PROBE, (probe.token, name, probe.argument))]

    def _next_line(self, token: int, first: int) -> Message:
        line = self.journal.line(first)
        if line is None:
            self._log = None
            return making.Log(token, self.journal.next_number, b"")
        number, text = line
        self._log = (token, number + 1)
        return making.Log(token, number, text)
