"""`mynah run` as a program: at a real terminal, with a real PortAudio, models and MicroPython."""

import asyncio
from difflib import SequenceMatcher

import pytest

from mynah.bench.wer import errors, words
from mynah.cli.run import LINES
from mynah.emulator.loudspeaker import LAG_MS
from mynah.speech.asr import WhisperTranscriber
from mynah.speech.models import find
from mynah.terminal.shell import GIVE_BACK
from tests.bridge.recordings import needs_model
from tests.end_to_end.background import GREETING
from tests.end_to_end.running import LLAMA, PIPER, SESSIONS, WHISPER
from tests.end_to_end.sitting import LINE, LONG
from tests.end_to_end.sound_server import sound_server

pytestmark = [
    pytest.mark.model,
    needs_model("tiny.en"),
    needs_model("joe"),
    needs_model("smollm2"),
]

ENDED_WITHIN_S = 3.0
SILENT_WITHIN_MS = 150  # at the speaker of the ring, or of the computer
SERVER_AHEAD_MS = 50  # a sound server's; a card's driver is less far ahead
AT_REST = 0.03  # of a core, ring and all; 0.006 on a quiet machine
WAITING = 0.005  # a tick, and a half
JITTER_MS = 25  # a frame, and what a busy machine adds
MISHEARD = 2  # words of six, by a small Whisper in a small voice
SAME_WORD = 0.5  # of its letters: a neighbour's word shares fewer

SHOW_CURSOR, HIDE_CURSOR = b"\x1b[?25h", b"\x1b[?25l"
LINES_OF = {LLAMA: "the language model", WHISPER: "whisper", PIPER: "piper"}


@pytest.fixture(scope="module")
def sessions(_started):
    with sound_server():  # or skip
        pass
    return _started["sessions"].result()


@pytest.fixture(scope="module")
def hear():
    """The words in a sound."""

    async def transcribe(sound):
        whisper = WhisperTranscriber(find("tiny.en"))
        try:
            return (await whisper.transcribe(sound)).text
        finally:
            await whisper.stop()

    return lambda sound: asyncio.run(transcribe(sound))


def told(exchange):
    return " ".join(exchange.said(""))


def alike(said, text):
    """Some words may be misheard, but the first and the last are there ("below" for "hello")."""
    heard, meant = words(said), words(text)
    ends = [SequenceMatcher(None, heard[end], meant[end]).ratio() for end in (0, -1) if heard]
    return min(ends, default=0) >= SAME_WORD and errors(meant, heard) <= MISHEARD


def assert_said(exchange, *texts):
    assert len(exchange.said("you")) == len(texts)
    assert all(map(alike, exchange.said("you"), texts)), exchange.said("you")
    assert exchange.said("error") == []


def assert_cut_off(exchange):
    """Of the first reply a beginning was heard."""
    said, heard = (words(exchange.said(who)[0]) for who in ("you", "parrot"))
    assert heard == said[: len(heard)]
    assert len(heard) < len(said)


def assert_right(exchange, text):
    """A turn whose words came back whole; nothing else was told."""
    assert_said(exchange, text)
    assert exchange.said("parrot") == exchange.said("you")
    assert told(exchange) == ""


@pytest.mark.parametrize("speaker", ["conversed", "at the computer"])
def test_what_is_said_into_the_microphone_comes_whole_out_of_the_loudspeaker(
    sessions, speaker, hear
):
    exchange = sessions[speaker].result().exchanges["interrupted"]

    assert_said(exchange, " ".join(LONG), LINE)
    assert exchange.said("parrot")[1] == exchange.said("you")[1]
    assert alike(hear(exchange.sound), LINE)


@pytest.mark.parametrize(
    ("speaker", "later_ms"),
    [("conversed", LAG_MS), ("at the computer", 0)],  # the emulated ring is audible so much later
)
def test_a_press_silences_a_reply_and_begins_the_next_turn(sessions, speaker, later_ms):
    session = sessions[speaker].result()
    exchange = session.exchanges["interrupted"]

    assert_said(exchange, " ".join(LONG), LINE)
    assert_cut_off(exchange)
    assert session.silent_ms < SILENT_WITHIN_MS + later_ms + SERVER_AHEAD_MS + JITTER_MS


def test_hands_free_one_press_is_for_many_turns_and_speech_stops_a_reply(sessions):
    exchanges = sessions["hands free"].result().exchanges
    second = exchanges["second"]

    assert_said(exchanges["first"], LINE)
    assert_said(second, " ".join(LONG), LINE)
    assert_cut_off(second)
    assert second.said("parrot")[1] == second.said("you")[1]


@pytest.mark.parametrize("worker", [WHISPER, PIPER])
def test_a_worker_that_is_killed_costs_one_line_and_the_next_turn_is_right(sessions, worker):
    exchanges = sessions["conversed"].result().exchanges
    killed = exchanges[f"{worker} killed"]

    (error,) = killed.said("error")
    assert error.startswith(f"{LINES_OF[worker]} ended with exit code -9")
    assert (told(killed), killed.said("parrot")) == ("", [])
    assert_right(exchanges[f"after {LINES_OF[worker]}"], GREETING)


def test_a_language_model_that_is_killed_costs_one_line_and_the_next_turn_is_answered(sessions):
    exchanges = sessions["with the model"].result().exchanges
    killed, after = exchanges[f"{LLAMA} killed"], exchanges["after llama"]

    (error,) = killed.said("error")
    assert error.startswith("the language model ended with exit code -9")
    assert (told(killed), killed.said("local")) == ("", [])
    assert_said(after, LINE)
    assert (len(after.said("local")), told(after)) == (1, "")


def test_a_ring_that_is_killed_is_one_line_and_started_again(sessions):
    exchanges = sessions["broke down"].result().exchanges

    assert told(exchanges["ring killed"]) == (
        "the emulated ring stopped (signal 9); trying again in 1 s"
    )
    assert_right(exchanges["after the ring"], GREETING)


def test_a_microphone_that_goes_while_it_is_held_is_one_line_and_no_hang(sessions):
    exchange = sessions["broke down"].result().exchanges["microphone gone"]

    assert told(exchange).count("the computer's microphone is gone") == 1
    assert exchange.ends == 1


def test_a_loudspeaker_that_goes_is_one_line_and_what_comes_after_it_is_heard(sessions, hear):
    exchanges = sessions["broke down"].result().exchanges
    gone, after = exchanges["loudspeaker gone"], exchanges["after the loudspeaker"]

    assert told(gone).count("the computer's speaker is gone") == 1
    assert_said(gone, LINE)
    assert_right(after, LINE)
    assert alike(hear(after.sound), LINE)


def test_a_card_that_went_twice_is_told_of_twice(sessions):
    exchanges = sessions["broke down"].result().exchanges

    for name in ("microphone gone", "loudspeaker gone"):
        assert told(exchanges[name]).count("the computer's speaker is gone") == 1


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("without a card", "no microphone on this computer"),
        ("without a terminal", "no terminal to press keys in"),
    ],
)
def test_where_nobody_can_talk_it_says_so_and_speaks_sample_lines(sessions, name, why):
    exchange = sessions[name].result().exchanges["lines"]

    assert told(exchange) == f"{why}: sample lines are spoken into an emulated ring instead"
    assert exchange.ends > 0
    assert_said(exchange, *LINES[: exchange.ends])
    assert exchange.said("parrot") == exchange.said("you")


def test_on_the_plainest_terminal_it_says_what_to_do_and_when(sessions):
    exchanges = sessions["hands free"].result().exchanges

    assert exchanges["begun"].said("")[-1] == "press space, then just talk - q: leave"
    assert told(exchanges["first"]) == "just talk - space: stop listening - q: leave"
    assert told(exchanges["second"]) == ""


def test_a_ring_that_stays_away_is_told_of_once_with_the_next_step(sessions):
    exchange = sessions["looked"].result().exchanges["tried twice"]

    assert told(exchange) == "this computer has no Bluetooth that runs: run mynah doctor"


@pytest.mark.parametrize(
    ("name", "code"),
    [
        pytest.param("conversed", 0, id="ctrl-c of a kitty"),
        pytest.param("broke down", 0, id="SIGINT"),
        pytest.param("at the computer", 0, id="q"),
        pytest.param("hands free", 0, id="SIGTERM"),
        pytest.param("looked", 0, id="ctrl-c while it looks for a ring"),
        pytest.param("without a card", 0, id="all lines spoken"),
    ],
)
def test_whatever_ends_it_it_ends_at_once_and_leaves_the_terminal_as_it_was(sessions, name, code):
    session = sessions[name].result()

    assert (session.code, session.left) == (code, {})
    assert session.seconds < ENDED_WITHIN_S
    assert session.restored
    assert session.shown.rfind(SHOW_CURSOR) >= session.shown.rfind(HIDE_CURSOR)
    assert name in ("looked", "without a card") or session.shown.count(GIVE_BACK) == 1


def test_while_nobody_speaks_it_costs_next_to_nothing(sessions):
    at_rest = sessions["with the model"].result().at_rest

    assert sum(at_rest.values()) <= AT_REST
    for worker in (WHISPER, PIPER, LLAMA):
        (share,) = (share for line, share in at_rest.items() if worker in line)
        assert share <= WAITING


def test_a_terminal_that_hangs_up_ends_it_at_once(sessions):
    session = sessions["with the model"].result()

    assert session.left == {}
    assert session.seconds < ENDED_WITHIN_S


@pytest.mark.parametrize("name", SESSIONS)
def test_no_fault_of_the_program_is_ever_shown(sessions, name):
    shown = "\n".join(sessions[name].result().lines)

    assert "Traceback" not in shown
    assert "fault" not in shown
    assert "exception" not in shown
