"""What a maker asks of a ring, and what it answers: what is wrong, its log, tests, updates."""

from .message import REST, Message

ABSENT = 1  # Fault.fault: nothing answers where the part should be
FOREIGN = 2  # something else answers
STUCK = 3  # it holds its bus, or its button never comes up
SILENT = 4  # it answers, and gives nothing but zeros, or always the same
GARBLED = 5  # what it gives can't be true
STARVED = 6  # a task of the firmware stood still, and the watchdog bit
SAFE = 7  # three bad starts in a row: the ring runs without its parts
FULL = 8  # no room is left in the flash
LOW = 9  # the battery is empty: the ring goes to sleep
BROKEN = 10  # its driver failed: the text says how; it is started again

PASSED = 0  # Found.verdict
FAILED = 1
MISSING = 2  # this board has no such part
BUSY = 3  # the ring hears or speaks: not now

TAKING = 0  # Updating.state: send what follows `offset`
COMPLETE = 1  # all of it is here
CHECKING = 2  # hashes and signature: it takes some seconds
INSTALLED = 3  # it starts anew, on trial
REFUSED = 4  # `detail` says why; the ring stays as it is
CONFIRMED = 5  # this build is the one that stays


class Fault(Message):
    """Something is wrong with a part of the ring: told after READY, and when it happens."""

    KIND = 0x34
    FIELDS = (
        (
            "fault",
            "B",
            (
                "1 absent, 2 foreign, 3 stuck, 4 silent, 5 garbled, 6 starved, 7 safe, 8 full, "
                "9 low, 10 broken"
            ),
        ),
        ("text", REST, "the part, and after a colon what there is to say of it, UTF-8"),
    )

    def __init__(self, fault: int, text: bytes) -> None:
        self.fault = fault
        self.text = text


class Logs(Message):
    """Send the log."""

    KIND = 0x60
    FIELDS = (("token", "H", "comes back in LOG"), ("first", "I", "number of the first line"))

    def __init__(self, token: int, first: int) -> None:
        self.token = token
        self.first = first


class Log(Message):
    """A line of the log; an empty one is the last, and its number the next one's."""

    KIND = 0x61
    FIELDS = (
        ("token", "H", "LOGS's"),
        ("number", "I", "grows by one, from boot to boot; a gap: they were overwritten"),
        ("text", REST, "UTF-8"),
    )

    def __init__(self, token: int, number: int, text: bytes) -> None:
        self.token = token
        self.number = number
        self.text = text


class Probe(Message):
    """Test a part of yourself; another PROBE takes its place."""

    KIND = 0x62
    FIELDS = (
        ("token", "H", "comes back in FOUND"),
        ("argument", "I", "of that test; 0 where it takes none"),
        ("name", REST, "of the test, UTF-8"),
    )

    def __init__(self, token: int, argument: int, name: bytes) -> None:
        self.token = token
        self.argument = argument
        self.name = name


class Found(Message):
    """What a test found."""

    KIND = 0x63
    FIELDS = (
        ("token", "H", "PROBE's"),
        ("verdict", "B", "0 passed, 1 failed, 2 this board has no such part, 3 not now"),
        ("values", REST, "words name=value between spaces, units in the names, UTF-8"),
    )

    def __init__(self, token: int, verdict: int, values: bytes) -> None:
        self.token = token
        self.verdict = verdict
        self.values = values


class Filler(Message):
    """Nothing, at some length: what a test of the link sends."""

    KIND = 0x64
    FIELDS = (("number", "I", "counts them, from 0"), ("data", REST, "skipped"))

    def __init__(self, number: int, data: bytes) -> None:
        self.number = number
        self.data = data


class Offer(Message):
    """An update is here: its signed head comes first, in the bundle's first bytes."""

    KIND = 0x70
    FIELDS = (
        ("token", "H", "comes back in UPDATING"),
        ("build", "I", "which"),
        ("size", "I", "of the bundle, bytes"),
        ("sha256", "32s", "of the bundle: an offer of the same one goes on where it stopped"),
    )

    def __init__(self, token: int, build: int, size: int, sha256: bytes) -> None:
        self.token = token
        self.build = build
        self.size = size
        self.sha256 = sha256


class Block(Message):
    """A piece of the bundle; out of its order it is skipped, and UPDATING says what is wanted."""

    KIND = 0x71
    FIELDS = (("offset", "I", "of its first byte in the bundle"), ("data", REST, "bytes"))

    def __init__(self, offset: int, data: bytes) -> None:
        self.offset = offset
        self.data = data


class Install(Message):
    """Check the bundle, and start anew on it."""

    KIND = 0x72
    FIELDS = (("token", "H", "OFFER's"),)

    def __init__(self, token: int) -> None:
        self.token = token


class Updating(Message):
    """How an update goes: the answer to OFFER and INSTALL, and after every few BLOCKs."""

    KIND = 0x73
    FIELDS = (
        ("token", "H", "OFFER's"),
        ("state", "B", "0 taking, 1 complete, 2 checking, 3 installed, 4 refused, 5 confirmed"),
        ("offset", "I", "bytes of the bundle that are in flash: send on from here"),
        ("detail", REST, "why, UTF-8"),
    )

    def __init__(self, token: int, state: int, offset: int, detail: bytes) -> None:
        self.token = token
        self.state = state
        self.offset = offset
        self.detail = detail
