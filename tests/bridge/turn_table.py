"""What each event does in each state of a turn machine, and ways to get there."""

from mynah.turn.events import (
    Answer,
    AnswerFailed,
    AnswerProgressed,
    Close,
    Drop,
    Duck,
    Guess,
    Hold,
    Judge,
    Judged,
    LinkLost,
    Overheard,
    ReplyEnded,
    ReplyProgressed,
    ReplyStarted,
    Resume,
    Stop,
    StreamEnded,
    StreamPaused,
    StreamProgressed,
    StreamResumed,
    StreamStarted,
    Tick,
)
from mynah.turn.machine import (
    NO_END,
    State,
    TurnMachine,
)

LISTENING, HEARING, PAUSED, COMMITTED, SPEAKING, DUCKED, HELD = State
# What is said over a held reply may stand in three more ways.
HELD_PAUSED, HELD_RESUMED, HELD_ENDED = "held, paused", "held, resumed", "held, ended"
ILLEGAL = "illegal"
TURN = 2  # the turn in hand; turn 1 is over
STREAM = 20
OVER = 21  # what is said over the reply of that
NEXT = 30

STOP, CLOSE = Stop(TURN), Close(TURN, None)
LOST = Close(TURN, "the link was lost: gone")
FAILED = Close(TURN, "no words")
DROP = Drop(TURN, 0)
PRESSED = (HEARING, [STOP, CLOSE])
RESUMED = (SPEAKING, [Resume(TURN)])
# What was said over the reply is the next turn, as far as it is known.
TAKEN = (HEARING, [])
TAKEN_PAUSED = (PAUSED, [Guess(TURN + 1, 0)])
TAKEN_ENDED = (COMMITTED, [Answer(TURN + 1, OVER)])


def taken(then, *actions):
    state, more = then
    return state, [*actions, *more]


def stays(state):
    """Most that happens while a reply sounds changes nothing."""
    return state, []


BEFORE_ANSWER = dict.fromkeys(["made", "sounds", "plays", "done", "flushed", "failed"], ILLEGAL)
NO_STREAM = dict.fromkeys(["progressed", "paused", "resumed", "said", "touched"], ILLEGAL)
ENDS = {
    "done": (LISTENING, [CLOSE]),
    "flushed": (LISTENING, [STOP, CLOSE]),
    "failed": (LISTENING, [STOP, FAILED]),
    "lost": (LISTENING, [STOP, LOST]),
}


def nothing(state, *names):
    return dict.fromkeys(names, stays(state))


def held(then):
    """A reply that is held, and what is said over it: the next turn, if the reply ends."""
    return nothing(HELD, "voice", "calm", "made", "plays", "early tick") | {
        "pressed": PRESSED,
        "spoken to": PRESSED,
        "word": taken(then, STOP, CLOSE),
        "nod": RESUMED,
        "sounds": ILLEGAL,
        "done": taken(then, CLOSE),
        "flushed": taken(then, STOP, CLOSE),
        "failed": taken(then, STOP, FAILED),
        "lost": (LISTENING, [STOP, LOST]),
    }


BESIDE = ("voice", "calm", "word", "nod")

# What each event does in each state: the next one, and actions; or ILLEGAL. Every pair there is.
TABLE = {
    LISTENING: nothing(LISTENING, *BESIDE, *NO_STREAM, *BEFORE_ANSWER, "lost", "early tick")
    | {"pressed": stays(HEARING), "spoken to": stays(HEARING)},
    HEARING: nothing(HEARING, *BESIDE, "progressed", "early tick")
    | BEFORE_ANSWER
    | {
        "pressed": (HEARING, [Close(TURN, NO_END)]),
        "spoken to": (HEARING, [Close(TURN, NO_END)]),
        "paused": (PAUSED, [Guess(TURN, 0)]),
        "resumed": ILLEGAL,
        "said": (COMMITTED, [Answer(TURN, STREAM)]),
        "touched": stays(LISTENING),
        "lost": (LISTENING, [LOST]),
    },
    PAUSED: nothing(PAUSED, *BESIDE, "progressed", "early tick")
    | BEFORE_ANSWER
    | {
        "pressed": (HEARING, [DROP, Close(TURN, NO_END)]),
        "spoken to": (HEARING, [DROP, Close(TURN, NO_END)]),
        "paused": ILLEGAL,
        "resumed": (HEARING, [DROP]),
        "said": (COMMITTED, [Answer(TURN, STREAM)]),
        "touched": (LISTENING, [DROP]),
        "lost": (LISTENING, [DROP, LOST]),
    },
    COMMITTED: nothing(COMMITTED, *BESIDE, "made", "plays", "early tick")
    | NO_STREAM
    | ENDS
    | {"pressed": PRESSED, "spoken to": PRESSED, "sounds": stays(SPEAKING)},
    SPEAKING: nothing(SPEAKING, "calm", "word", "nod", "made", "plays", "early tick")
    | NO_STREAM
    | ENDS
    | {
        "pressed": PRESSED,
        "spoken to": (HELD, [Hold(TURN)]),
        "voice": (DUCKED, [Duck(TURN)]),
        "sounds": ILLEGAL,
    },
    DUCKED: nothing(DUCKED, "voice", "word", "nod", "made", "plays", "early tick")
    | NO_STREAM
    | ENDS
    | {
        "pressed": PRESSED,
        "spoken to": (HELD, [Hold(TURN)]),
        "calm": RESUMED,
        "sounds": ILLEGAL,
    },
    HELD: held(TAKEN)
    | nothing(HELD, "progressed", "resumed")
    | {"paused": (HELD, [Judge(OVER)]), "said": (HELD, [Judge(OVER)]), "touched": RESUMED},
    HELD_PAUSED: held(TAKEN_PAUSED)
    | nothing(HELD, "progressed", "paused", "resumed", "said")
    | {"touched": RESUMED},
    # More is being said: that the words so far mean nothing does not matter.
    HELD_RESUMED: held(TAKEN)
    | nothing(HELD, "progressed", "resumed", "nod")
    | {"paused": (HELD, [Judge(OVER)]), "said": (HELD, [Judge(OVER)]), "touched": RESUMED},
    HELD_ENDED: held(TAKEN_ENDED) | NO_STREAM,
}

WAY_TO = {
    LISTENING: ["said", "sounds", "done"],
    HEARING: [],
    PAUSED: ["paused"],
    COMMITTED: ["said"],
    SPEAKING: ["said", "sounds"],
    DUCKED: ["said", "sounds", "voice"],
    HELD: ["said", "sounds", "spoken to"],
    HELD_PAUSED: ["said", "sounds", "spoken to", "paused"],
    HELD_RESUMED: ["said", "sounds", "spoken to", "paused", "resumed"],
    HELD_ENDED: ["said", "sounds", "spoken to", "said"],
}


def events_of(stream, new_stream, turn=TURN):
    """To a machine in its second turn that hears this stream, or did."""
    return {
        "pressed": StreamStarted(new_stream),
        "spoken to": StreamStarted(new_stream, over_reply=True),
        "progressed": StreamProgressed(stream),
        "paused": StreamPaused(stream),
        "resumed": StreamResumed(stream),
        "said": StreamEnded(stream, said=True),
        "touched": StreamEnded(stream, said=False),
        "voice": Overheard(voice=True),
        "calm": Overheard(voice=False),
        "word": Judged(stream, ends_reply=True),
        "nod": Judged(stream, ends_reply=False),
        "made": AnswerProgressed(turn),
        "sounds": ReplyStarted(turn),
        "plays": ReplyProgressed(turn),
        "done": ReplyEnded(turn, whole=True),
        "flushed": ReplyEnded(turn, whole=False),
        "failed": AnswerFailed(turn, "no words"),
        "lost": LinkLost("gone"),
        "early tick": Tick(),
    }


def happens(machine, name, now_ms=1.0):
    new_stream = NEXT if machine.stream == OVER else OVER
    return machine.handle(events_of(machine.stream, new_stream)[name], now_ms)


def machine_in(way, now_ms=0.0):
    """In its second turn, at `now_ms`."""
    machine = TurnMachine()
    machine.handle(StreamStarted(10), now_ms)
    machine.handle(StreamEnded(10, said=False), now_ms)
    machine.handle(StreamStarted(STREAM), now_ms)
    for name in WAY_TO[way]:
        happens(machine, name, now_ms)
    assert (machine.state, machine.turn) == (way.split(",")[0], TURN)
    return machine


def standing(machine):
    return machine.state, machine.turn, machine.revision, machine.stream, machine.deadline_ms()
