"""What the ring says. Times are the ring's clock (clock.py)."""

from .message import REST, Message

HOLD = 0  # Start.cause: the button is held; its release ends the stream
TAP = 1  # Start.cause, Button.gesture: a tap; the host, a tap or a time limit ends the stream
PRESS = 2  # Button.gesture
RELEASE = 3

SAID = 0  # End.verdict: a whole utterance
CANCELLED = 1  # it was only a touch (to stop a reply): nothing was meant to be said
CUT = 2  # the ring's time limit ended it, or the microphone failed
OPEN = 3  # Held.verdict only: it is still being said
POWERLESS = 4  # Held, PastEnd: the ring lost its power; what there is of it was said before that
CROWDED = 5  # Held, PastEnd: nothing is left of it, newer utterances needed its place

TAPPED = 1  # Touch.pattern; from SHAKEN on for a ring that has a sensor of motion
DOUBLE_TAPPED = 2
SQUEEZED = 3
SHAKEN = 4
PUT_ON = 5
TAKEN_OFF = 6
ASLEEP = 7
AWAKE = 8

FORGOTTEN = 0  # Forgotten.verdict: nothing is left
NOT_FORGOTTEN = 1  # the flash failed

STARTED = 1  # Cursor.state
PLAYING = 2
PAUSED = 3
DONE = 4
FLUSHED = 5

SPEAKER = 1 << 0  # Ready.capabilities; unknown bits are skipped
MICROPHONE = 1 << 1
BUTTON = 1 << 2
LIGHT = 1 << 3
HAPTIC = 1 << 4
MOTION = 1 << 5
BATTERY = 1 << 6
STORE = 1 << 7
COLOUR = 1 << 8  # its light has any


class Ready(Message):
    """The first sealed message: who this is and what it can do."""

    KIND = 0x10
    FIELDS = (
        ("device_id", "8s", "names the device for ever"),
        ("boot_id", "I", "random at each boot; streams and replies count from 1 after it"),
        ("build", "I", "firmware build, growing"),
        ("capabilities", "I", "bit by bit: see the table of capabilities"),
        ("codecs", "B", "bit n: codec n is known"),
        ("buffer_ms", "H", "playback buffer, the first credit"),
        ("device_ms", "I", "ring clock"),
        ("board", REST, "name of the board file, UTF-8"),
    )

    def __init__(
        self,
        device_id: bytes,
        boot_id: int,
        build: int,
        capabilities: int,
        codecs: int,
        buffer_ms: int,
        device_ms: int,
        board: bytes,
    ) -> None:
        self.device_id = device_id
        self.boot_id = boot_id
        self.build = build
        self.capabilities = capabilities
        self.codecs = codecs
        self.buffer_ms = buffer_ms
        self.device_ms = device_ms
        self.board = board


class Pong(Message):
    """Answers Ping at once."""

    KIND = 0x11
    FIELDS = (("token", "I", "the Ping's"), ("device_ms", "I", "ring clock when it was answered"))

    def __init__(self, token: int, device_ms: int) -> None:
        self.token = token
        self.device_ms = device_ms


class Start(Message):
    """The microphone is open and a stream begins."""

    KIND = 0x20
    FIELDS = (
        ("stream", "H", "names the stream until the next boot"),
        ("codec", "B", "codec id of its audio"),
        ("cause", "B", "0 hold, 1 tap"),
        ("device_ms", "I", "ring clock at the first sample of frame 0"),
    )

    def __init__(self, stream: int, codec: int, cause: int, device_ms: int) -> None:
        self.stream = stream
        self.codec = codec
        self.cause = cause
        self.device_ms = device_ms


class Audio(Message):
    """One codec frame, in either direction; the only message that is sent often."""

    KIND = 0x21
    FIELDS = (
        ("stream", "H", "stream id upwards, reply id downwards"),
        ("frame", "I", "index on the sample clock: frames since the start of the stream"),
        ("data", REST, "codec state, if the codec has one, and payload"),
    )

    def __init__(self, stream: int, frame: int, data: bytes) -> None:
        self.stream = stream
        self.frame = frame
        self.data = data


class End(Message):
    """The stream is over; sent after all of its audio."""

    KIND = 0x22
    FIELDS = (
        ("stream", "H", "which"),
        ("verdict", "B", "0 said, 1 cancelled, 2 cut"),
        ("frames", "I", "its length on the sample clock, lost frames included"),
        ("dropped", "I", "frames that the ring itself lost: overruns and a full queue"),
        ("device_ms", "I", "ring clock at the release, or at what else ended it"),
    )

    def __init__(
        self, stream: int, verdict: int, frames: int, dropped: int, device_ms: int
    ) -> None:
        self.stream = stream
        self.verdict = verdict
        self.frames = frames
        self.dropped = dropped
        self.device_ms = device_ms


class Held(Message):
    """An utterance that the ring keeps until KEPT: told after READY, oldest first, and again."""

    KIND = 0x25
    FIELDS = (
        ("boot_id", "I", "READY's when it was said: with stream, it names the utterance for ever"),
        ("stream", "H", "START's"),
        ("codec", "B", "codec id of its audio"),
        ("verdict", "B", "0 said, 1 cancelled, 2 cut, 3 still being said, 4 power lost, 5 no room"),
        ("frames", "I", "its length on the sample clock so far"),
        ("device_ms", "I", "ring clock of that boot at the first sample"),
    )

    def __init__(
        self, boot_id: int, stream: int, codec: int, verdict: int, frames: int, device_ms: int
    ) -> None:
        self.boot_id = boot_id
        self.stream = stream
        self.codec = codec
        self.verdict = verdict
        self.frames = frames
        self.device_ms = device_ms


class Past(Message):
    """A codec frame of an utterance that FETCH asked for."""

    KIND = 0x26
    FIELDS = (
        ("token", "H", "FETCH's"),
        ("frame", "I", "index on the sample clock, as in AUDIO"),
        ("data", REST, "as in AUDIO"),
    )

    def __init__(self, token: int, frame: int, data: bytes) -> None:
        self.token = token
        self.frame = frame
        self.data = data


class PastEnd(Message):
    """All of it has been sent that there is."""

    KIND = 0x27
    FIELDS = (
        ("token", "H", "FETCH's"),
        ("verdict", "B", "as in HELD, but never 3"),
        ("frames", "I", "its length on the sample clock, lost frames included"),
        ("dropped", "I", "frames that the ring itself lost"),
    )

    def __init__(self, token: int, verdict: int, frames: int, dropped: int) -> None:
        self.token = token
        self.verdict = verdict
        self.frames = frames
        self.dropped = dropped


class Button(Message):
    """A touch."""

    KIND = 0x30
    FIELDS = (("gesture", "B", "1 tap, 2 press, 3 release"), ("device_ms", "I", "ring clock"))

    def __init__(self, gesture: int, device_ms: int) -> None:
        self.gesture = gesture
        self.device_ms = device_ms


class Touch(Message):
    """What was felt, once it is sure what it was: a tap, when no second one followed for 300 ms."""

    KIND = 0x33
    FIELDS = (
        (
            "pattern",
            "B",
            "1 tap, 2 two or more, 3 squeeze, 4 shake, 5 put on, 6 taken off, 7 asleep, 8 awake",
        ),
        ("amount", "H", "taps: how many; a squeeze: ms, 65535 if longer; else 0"),
        ("stream", "H", "that it opened; 0 if none, or if it was cancelled"),
        ("device_ms", "I", "ring clock when it ended"),
    )

    def __init__(self, pattern: int, amount: int, stream: int, device_ms: int) -> None:
        self.pattern = pattern
        self.amount = amount
        self.stream = stream
        self.device_ms = device_ms


class Battery(Message):
    """The battery, when it changes."""

    KIND = 0x31
    FIELDS = (
        ("millivolts", "H", "at the cell"),
        ("percent", "B", "0 to 100, 255 if unknown"),
        ("charging", "B", "0 or 1"),
    )

    def __init__(self, millivolts: int, percent: int, charging: int) -> None:
        self.millivolts = millivolts
        self.percent = percent
        self.charging = charging


class Counters(Message):
    """What the ring counted since boot; sent after every stream and every reply."""

    KIND = 0x32
    FIELDS = (
        ("interval", "H", "connection interval in units of 1.25 ms, 0 if it was not told"),
        ("mtu", "H", "ATT MTU"),
        ("enomem", "I", "notifications that found the radio's queue full and were repeated"),
        ("dropped", "I", "audio frames lost because the ring's queue was full"),
        ("overruns", "I", "audio frames lost because the microphone was read too late"),
        ("underruns", "I", "times the speaker ran dry inside a reply"),
        ("refused", "I", "handshakes that were refused or timed out"),
        ("forged", "I", "records that were forged, repeated or malformed"),
    )

    def __init__(
        self,
        interval: int,
        mtu: int,
        enomem: int,
        dropped: int,
        overruns: int,
        underruns: int,
        refused: int,
        forged: int,
    ) -> None:
        self.interval = interval
        self.mtu = mtu
        self.enomem = enomem
        self.dropped = dropped
        self.overruns = overruns
        self.underruns = underruns
        self.refused = refused
        self.forged = forged


class Cursor(Message):
    """How far a reply has been played: at its start, every 200 ms, and at its end."""

    KIND = 0x40
    FIELDS = (
        ("reply", "H", "which"),
        ("state", "B", "1 started, 2 playing, 3 paused, 4 done, 5 flushed"),
        ("samples", "I", "samples that have sounded"),
        ("device_ms", "I", "ring clock when that sample sounded"),
    )

    def __init__(self, reply: int, state: int, samples: int, device_ms: int) -> None:
        self.reply = reply
        self.state = state
        self.samples = samples
        self.device_ms = device_ms


class Credit(Message):
    """How much reply audio the ring can take, counted from READY on: lost or repeated, it holds."""

    KIND = 0x41
    FIELDS = (("until_ms", "I", "total milliseconds of audio that may have been sent by now"),)

    def __init__(self, until_ms: int) -> None:
        self.until_ms = until_ms


class Forgotten(Message):
    """Answers FORGET, when it is done."""

    KIND = 0x56
    FIELDS = (
        ("token", "I", "FORGET's"),
        ("verdict", "B", "0 nothing is left, 1 the flash failed: say it again"),
    )

    def __init__(self, token: int, verdict: int) -> None:
        self.token = token
        self.verdict = verdict
