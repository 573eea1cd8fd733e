"""What happens to a turn, and what is to be done about it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StreamStarted:
    """The microphone listens to the wearer: the button went down, or there was voice."""

    stream: int
    over_reply: bool = False
    """It was only voice, and a reply sounds: its words decide."""


@dataclass(frozen=True, slots=True)
class StreamProgressed:
    """Sound of the stream came in."""

    stream: int


@dataclass(frozen=True, slots=True)
class StreamPaused:
    """The wearer fell silent."""

    stream: int


@dataclass(frozen=True, slots=True)
class StreamResumed:
    """The wearer goes on."""

    stream: int


@dataclass(frozen=True, slots=True)
class StreamEnded:
    """The stream is complete; `said` is false if it was only a touch."""

    stream: int
    said: bool
    speech_ms: float = 0.0
    """How long it was: hearing ten minutes takes longer than hearing a word."""


@dataclass(frozen=True, slots=True)
class Overheard:
    """There is, or is no more, a voice beside the reply."""

    voice: bool


@dataclass(frozen=True, slots=True)
class Judged:
    """What the words over a reply mean."""

    stream: int
    ends_reply: bool


@dataclass(frozen=True, slots=True)
class AnswerProgressed:
    """A stage of the answer delivered something."""

    turn: int


@dataclass(frozen=True, slots=True)
class ReplyStarted:
    """The first sample of the answer sounds."""

    turn: int


@dataclass(frozen=True, slots=True)
class ReplyProgressed:
    """The speaker is further on."""

    turn: int


@dataclass(frozen=True, slots=True)
class ReplyEnded:
    """The last sample sounded; if not `whole`, the ring stopped the answer before that."""

    turn: int
    whole: bool


@dataclass(frozen=True, slots=True)
class AnswerFailed:
    """There will be no answer, or no more of it."""

    turn: int
    reason: str


@dataclass(frozen=True, slots=True)
class LinkLost:
    """The ring is out of reach."""

    reason: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A deadline came."""


OfStream = StreamProgressed | StreamPaused | StreamResumed | StreamEnded
OfTurn = AnswerProgressed | ReplyStarted | ReplyProgressed | ReplyEnded | AnswerFailed
Event = StreamStarted | OfStream | Overheard | Judged | OfTurn | LinkLost | Tick


@dataclass(frozen=True, slots=True)
class Guess:
    """Prepare an answer to what was said so far, and let nothing of it be heard."""

    turn: int
    revision: int


@dataclass(frozen=True, slots=True)
class Drop:
    """Forget what was prepared: the wearer went on."""

    turn: int
    revision: int


@dataclass(frozen=True, slots=True)
class Answer:
    """Answer this turn: release what was prepared, or make it now."""

    turn: int
    stream: int


@dataclass(frozen=True, slots=True)
class Duck:
    """Make the answer soft."""

    turn: int


@dataclass(frozen=True, slots=True)
class Hold:
    """Let the answer fall silent and remember where."""

    turn: int


@dataclass(frozen=True, slots=True)
class Judge:
    """Find out what the words over the reply mean, and tell."""

    stream: int


@dataclass(frozen=True, slots=True)
class Resume:
    """Let the answer go on, at full volume; what was said over it is no turn."""

    turn: int


@dataclass(frozen=True, slots=True)
class Stop:
    """Make no more of this turn's answer, and silence what sounds of it."""

    turn: int


@dataclass(frozen=True, slots=True)
class Close:
    """The turn is over; `error` says why it had no whole answer."""

    turn: int
    error: str | None


Action = Guess | Drop | Answer | Duck | Hold | Judge | Resume | Stop | Close
