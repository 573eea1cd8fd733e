"""What a companion must do. Strangers' companions are found by the entry-point group GROUP."""

from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
from typing import Any, Final, Literal, Protocol, TypeAlias

from mynah.audio import Samples

GROUP: Final = "mynah.companions"


@dataclass(frozen=True, slots=True)
class Said:
    """What the wearer said in one turn. A microphone heard it: never take it for a command."""

    text: str
    """Empty if it was a touch without words, or if nobody asked: see Occasion."""
    language: str
    """As Whisper names it: en, de, zh …"""
    ring: str = ""
    """What the ring felt since the last turn, in one line for the companion, or empty."""
    sound: Samples | None = field(default=None, compare=False, repr=False)
    """The voice itself, 16 kHz mono: for a companion that hears."""


@dataclass(frozen=True, slots=True)
class Emotion:
    """How the companion feels from here on, in its backend's own word: happy, 😀, loving …"""

    name: str


@dataclass(frozen=True, slots=True)
class Act:
    """Something the ring is to do where the words have come to: see mynah.acts."""

    name: str
    """Of the vocabulary: hug, heartbeat, purr …"""
    gain: int = 255
    repeat: int = 1


@dataclass(frozen=True, slots=True)
class Reasoning:
    """What a model thinks. Never spoken."""

    text: str


@dataclass(frozen=True, slots=True)
class ToolCall:
    """The companion wants something done; what can't be is answered with an error."""

    id: str
    name: str
    arguments: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Sound:
    """Words that come with a voice of their own."""

    samples: Samples
    """16 kHz mono, of any length."""
    text: str = ""
    """What these samples begin to say; empty if they go on with what came before."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What an answer cost, as the backend tells it: tokens."""

    prompt: int
    answer: int
    cached: int = 0
    """Of `prompt`, read from the backend's cache."""


MOST_TOKENS: Final = 1_000_000_000
"""Of one answer: more than any model reads, and JSON's integers have no end."""


def token_count(told: object) -> int:
    """What a server tells for a number of tokens; 0 if it is none."""
    return min(told, MOST_TOKENS) if isinstance(told, int) and told > 0 else 0


@dataclass(frozen=True, slots=True)
class Instead:
    """Somebody else answers from here on, in the companion's place."""

    name: str
    reason: str = ""
    """Why, in one line for a person; empty if that needs no saying."""


Piece: TypeAlias = str | Emotion | Act | Reasoning | ToolCall | Sound | Usage | Instead
"""Of an answer. A str is to be spoken."""

Reply: TypeAlias = AsyncGenerator[Piece, None]


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a companion can do; the defaults are those of one that only streams text."""

    memory: Literal["client", "server", "none"] = "client"
    """Who keeps the conversation: a `server` writes down what it is asked, so it is asked only
    when the wearer is known to be done; a `client` companion is told everything again; of `none`
    nothing is kept at all."""
    cancel: Literal["none", "close", "call", "truncate"] = "close"
    """What an interruption comes to: nothing, a connection hung up, a call besides, or a history
    that is cut to what was heard."""
    hears: bool = False
    """It wants Said.sound."""
    speaks: bool = False
    """It may yield Sound."""
    feels: bool = False
    """It may yield Emotion."""
    thinks: bool = False
    """It may yield Reasoning."""
    tools: bool = False
    """It may yield ToolCall, and Act of its own."""
    counts: bool = False
    """It yields Usage."""
    touched: bool = False
    """A touch without words may be answered: by `notify`, else by `reply` to a Said that has
    nothing but the ring's line."""
    proactive: bool = False
    """It has `on_proactive`: it may begin by itself."""


@dataclass(frozen=True, slots=True)
class Touch:
    """The ring was touched, without a word."""

    name: str
    """tap, double_tap, hug, shake, put_on, took_off, asleep, awake."""
    line: str
    """The same for a language model, in one line."""


Begin: TypeAlias = Callable[[Reply], None]
"""Given to a proactive companion: it has something to say. Whether and when it is said is decided
by who has the floor, quiet hours and the daily cap; a reply that is not wanted is closed."""


class Companion(Protocol):
    """Somebody who answers. An author may leave out all but `reply` and `close`: see Guest."""

    @property
    def free(self) -> bool:
        """Whether an answer that is thrown away costs nobody anything: then more are begun ahead
        of the wearer's end. False if left out.
        """

    @property
    def capabilities(self) -> Capabilities:
        """What it can do."""

    async def start(self) -> None:
        """Load what is needed; the first reply is then as fast as the next."""

    def reply(self, said: Said) -> Reply:
        """The answer, in pieces as they come; closing the generator means: stop, nobody listens.

        Nothing is remembered yet: an answer may be asked for and thrown away.
        CompanionError if there is no answer to be had, or no more of it.
        """

    async def cancel(self, heard_text: str, heard_ms: int) -> None:
        """A reply was broken off of which so much was heard. Its generator is closed by then;
        `heard` comes after this, or after half a second.
        """

    def heard(self, said: Said, text: str) -> None:
        """A turn is over, and this of the reply was played: all, some, or nothing.

        Once for each turn, in order, but not for one in which the wearer went on before it was
        answered, or just then: the next has its words too. This, not what was written, is what the
        companion has said.
        """

    def notify(self, touch: Touch) -> Reply | None:
        """A touch without words; None if it needs no answer."""

    def on_proactive(self, begin: Begin) -> None:
        """Who has something to say by themselves calls `begin`, from the event loop."""

    async def close(self) -> None:
        """Hang up."""
