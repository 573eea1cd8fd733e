"""What is known of the slots, as one number: the power may go while it is written.

NVS keeps a key's old value until the new one is whole (both carry a CRC), but two keys are two
writes. So all that decides about a boot lies in one key.
"""

A = 0
B = 1
BUILT_IN = 2  # frozen into the image, or beside `main.py`: what there is without slots
NONE = 3

# An application that ends so often, with neither a host nor a healthy while in between, does not
# start any more. After three bad ends it starts without its parts (mynah_device/boots.py): that
# must have had its chance, and may fail as often. Another slot would meet the same part that hangs.
FAILURES_LIMIT = 6

_BITS = 11
_MASK = (1 << _BITS) - 1


class Record:
    """An immutable record; a ring that was never updated has the one of all defaults."""

    def __init__(
        self,
        current: int = A,
        trial: int = NONE,
        begun: bool = False,
        failures: int = 0,
        broken: int = 0,
    ) -> None:
        """`trial` is to start once, `begun` once it did; `broken` has a bit for each slot."""
        self.current = current
        self.trial = trial
        self.begun = begun
        self.failures = failures
        self.broken = broken

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Record) and self.encoded() == other.encoded()

    def __hash__(self) -> int:
        return self.encoded()

    def encoded(self) -> int:
        """As a number that 32 bits hold, sign and all."""
        low = self.current | self.trial << 2 | self.begun << 4
        low |= self.failures << 5 | self.broken << 8
        return low | (low ^ _MASK) << _BITS


def decoded(number: "int | None") -> Record:
    """The record; the default one for what is none."""
    if number is None or number >> _BITS != number & _MASK ^ _MASK:
        return Record()
    current, trial, failures = number & 3, number >> 2 & 3, number >> 5 & 7
    if current == NONE:
        return Record()
    return Record(current, trial, bool(number >> 4 & 1), failures, number >> 8 & 7)


def start(record: Record, present: "set[int]") -> "tuple[int, Record]":
    """Which slot to start, and what to write down before; NONE if there is none that might.

    A trial has one boot: whatever ended it before a host confirmed it, the next boot goes back.
    """
    if record.trial in present and not record.begun:
        began = Record(record.current, record.trial, True, 0, record.broken)
        return record.trial, began
    settled = Record(record.current, NONE, False, record.failures, record.broken)
    for slot in (record.current, A, B, BUILT_IN):
        if slot in present and not settled.broken >> slot & 1:
            return slot, settled
    return NONE, Record(record.current)  # all of them again at the next boot


def failed(record: Record, slot: int) -> Record:
    """It raised, or hung, before it met a host."""
    if slot == NONE:
        return record
    if record.trial == slot:
        return Record(record.current, NONE, False, 0, record.broken | 1 << slot)
    if record.failures + 1 < FAILURES_LIMIT:
        return Record(record.current, NONE, False, record.failures + 1, record.broken)
    return Record(record.current, NONE, False, 0, record.broken | 1 << slot)


def well(record: Record) -> Record:
    """What runs has run for a while: its failures are forgiven, and a trial goes on."""
    return Record(record.current, record.trial, record.begun, 0, record.broken)


def trying(record: Record, running: int, slot: int) -> Record:
    """The other slot is whole: it starts once, then the one that runs now again."""
    return Record(running, slot, False, 0, record.broken & ~(1 << slot))


def met(record: Record, running: int) -> Record:
    """A host that proved itself speaks with what runs: it is the one that stays."""
    current = running if record.trial == running else record.current
    return Record(current, NONE, False, 0, record.broken & ~(1 << running))


def spare(running: int) -> int:
    """The slot that an update may overwrite."""
    return B if running == A else A
