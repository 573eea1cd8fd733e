"""What the host says (Audio, in uplink.py, goes both ways)."""

from .message import REST, Message

PRELOAD_LIMIT_MS = 400  # held silent before GO: 45-60 ms of radio, and cheap to throw away

IDLE = 0  # Mood.mood: what the light says while neither side makes a sound
THINKING = 1
TROUBLE = 2

VOLUME = 1  # Setting.setting
BRIGHTNESS = 2

SOLID = 1  # the effect in the highest byte of Act.light and Reflex.light
BREATHE = 2
PULSE = 3
FLICKER = 4
EFFECT_BITS = 24


class Ping(Message):
    """Asks for the ring's clock."""

    KIND = 0x12
    FIELDS = (("token", "I", "comes back in Pong"),)

    def __init__(self, token: int) -> None:
        self.token = token


class Close(Message):
    """The host has heard enough of a stream that a tap opened."""

    KIND = 0x23
    FIELDS = (("stream", "H", "which"),)

    def __init__(self, stream: int) -> None:
        self.stream = stream


class Keep(Message):
    """The host still listens to a stream that a tap opened: its time limit begins again."""

    KIND = 0x24
    FIELDS = (("stream", "H", "which"),)

    def __init__(self, stream: int) -> None:
        self.stream = stream


class Fetch(Message):
    """Send what is HELD, beside and after live speech; another FETCH takes its place."""

    KIND = 0x28
    FIELDS = (
        ("token", "H", "comes back in PAST and PASTEND"),
        ("boot_id", "I", "HELD's"),
        ("stream", "H", "HELD's"),
        ("frame", "I", "the first that is wanted"),
    )

    def __init__(self, token: int, boot_id: int, stream: int, frame: int) -> None:
        self.token = token
        self.boot_id = boot_id
        self.stream = stream
        self.frame = frame


class Kept(Message):
    """The host has it on its disk, or knows that it is lost: the ring may forget it."""

    KIND = 0x29
    FIELDS = (("boot_id", "I", "whose"), ("stream", "H", "which"))

    def __init__(self, boot_id: int, stream: int) -> None:
        self.boot_id = boot_id
        self.stream = stream


class Preload(Message):
    """A reply is coming: hold its audio, silently. A new reply replaces the one before it."""

    KIND = 0x42
    FIELDS = (
        ("reply", "H", "names the reply until the next boot"),
        ("codec", "B", "codec id of its audio"),
        ("sent_ms", "I", "total audio sent before it: credit lost with the past is found again"),
    )

    def __init__(self, reply: int, codec: int, sent_ms: int) -> None:
        self.reply = reply
        self.codec = codec
        self.sent_ms = sent_ms


class _OfReply(Message):
    """A command that acts on one reply."""

    FIELDS = (("reply", "H", "which"),)

    def __init__(self, reply: int) -> None:
        self.reply = reply


class Go(_OfReply):
    """Play it."""

    KIND = 0x43


class Drop(_OfReply):
    """It was never released: forget it, and throw away what of it still comes."""

    KIND = 0x44


class Pause(_OfReply):
    """Fall silent and remember where."""

    KIND = 0x45


class Resume(_OfReply):
    """Go on from there, at full volume."""

    KIND = 0x46


class Duck(_OfReply):
    """Go on softly: the wearer may be about to speak."""

    KIND = 0x47


class Flush(_OfReply):
    """Fall silent for good; the last cursor says what was heard."""

    KIND = 0x48


class Finish(Message):
    """All of the reply's audio has been sent."""

    KIND = 0x49
    FIELDS = (("reply", "H", "which"), ("frames", "I", "its length"))

    def __init__(self, reply: int, frames: int) -> None:
        self.reply = reply
        self.frames = frames


class Setting(Message):
    """Change a setting and keep it."""

    KIND = 0x50
    FIELDS = (("setting", "B", "1 volume, 2 brightness"), ("value", "H", "percent"))

    def __init__(self, setting: int, value: int) -> None:
        self.setting = setting
        self.value = value


class Mood(Message):
    """What the light says while nobody makes a sound; the open microphone's is never the host's."""

    KIND = 0x51
    FIELDS = (("mood", "B", "0 idle, 1 thinking, 2 trouble"),)

    def __init__(self, mood: int) -> None:
        self.mood = mood


class Act(Message):
    """Be felt and seen: replaces what plays, and a press ends it. The microphone's light wins."""

    KIND = 0x52
    FIELDS = (
        ("token", "H", "an ACT whose token is the last one's is not played again"),
        ("program", "B", "0 to 15 a slot, from 16 on built in, 255 none"),
        ("repeat", "H", "how often it is played, 0 as 1"),
        ("gain", "H", "of 255: at first in the low byte, at last in the high one; evenly between"),
        ("pace", "H", "the same of its speed, in percent; 0 as 100"),
        ("light", "I", "0xeerrggbb: effect (0 none, 1 solid, 2 breathe, 3 pulse, 4 flicker), rgb"),
        ("light_ms", "H", "how long"),
    )

    def __init__(
        self,
        token: int,
        program: int,
        repeat: int,
        gain: int,
        pace: int,
        light: int,
        light_ms: int,
    ) -> None:
        self.token = token
        self.program = program
        self.repeat = repeat
        self.gain = gain
        self.pace = pace
        self.light = light
        self.light_ms = light_ms


class Program(Message):
    """Keep a haptic program."""

    KIND = 0x53
    FIELDS = (
        ("slot", "B", "0 to 15"),
        ("steps", REST, "at most 10 pairs: amplitude of 255, duration in 10 ms; empty clears it"),
    )

    def __init__(self, slot: int, steps: bytes) -> None:
        self.slot = slot
        self.steps = steps


class Reflex(Message):
    """Keep what the ring answers to a touch by itself, at once, with or without a host."""

    KIND = 0x54
    FIELDS = (
        ("pattern", "B", "TOUCH's"),
        ("program", "B", "as in ACT"),
        ("gain", "B", "of 255"),
        ("light", "I", "as in ACT"),
        ("light_ms", "H", "how long"),
    )

    def __init__(self, pattern: int, program: int, gain: int, light: int, light_ms: int) -> None:
        self.pattern = pattern
        self.program = program
        self.gain = gain
        self.light = light
        self.light_ms = light_ms


class Forget(Message):
    """Forget settings, programs, reflexes and all that was said; the key stays."""

    KIND = 0x55
    FIELDS = (("token", "I", "comes back in FORGOTTEN"),)

    def __init__(self, token: int) -> None:
        self.token = token
