import io
import threading
from contextlib import ExitStack
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.console import Console

from mynah.cli.live_link import Grade, findings
from mynah.cli.live_panels import HEIGHT, SOUNDING, WIDEST, Frame, Level, lines
from mynah.cli.live_view import PEAK_HELD_S, LiveView, Peak
from mynah.turn.glimpse import Glimpse
from mynah.turn.machine import State
from mynah.turn.record import STAGES, LinkFigures, TurnRecord

NOTHING = Glimpse(
    state=State.LISTENING,
    turn=0,
    transcript="",
    reply="",
    heard="",
    hears_dbfs=None,
    says_dbfs=None,
    speech_ms=0.0,
    round_trip_ms=None,
    link=LinkFigures(),
)
SPEAKING = replace(NOTHING, state=State.SPEAKING, turn=1, reply="Good morning to you.")
PARTS = dict(zip(STAGES, (61.0, 0.0, 231.4, 12.0, 3.0, 318.0, 122.0, 95.0), strict=True))
ANSWERED = TurnRecord(1, transcript="Hi", heard="Hello", v2v_ms=842.4, waterfall=PARTS)
FAILED = TurnRecord(2, transcript="Hi", error="the companion is down")

HOSTILE = (
    "今天天气很好。我想去公园散步。然后去图书馆看书。" * 9,
    "👩\u200d👩\u200d👧 \u2764\ufe0f 🇩🇪 👍🏽 " * 20,
    "e\u0301\u0300" * 300,
    "[red]not markup[/red] [link=x] :smile:",
    "\x1b[2J\x1b]0;title\x07\r\n\t\x00",
    "unbroken" * 100,
    "caf\udce9",
    SOUNDING * 3,
    "\u202eright to left",
)
PATIENCE_S = 5.0

texts = st.text(max_size=80) | st.sampled_from(HOSTILE)
levels = st.none() | st.floats(-200.0, 20.0)
figures = st.builds(
    LinkFigures,
    interval_ms=st.none() | st.floats(7.5, 4000.0),
    frames=st.integers(0, 10**6),
    lost_frames=st.integers(0, 10**6),
    underruns=st.integers(0, 10**4),
)
glimpses = st.builds(
    Glimpse,
    state=st.sampled_from(State),
    turn=st.integers(0, 9),
    transcript=texts,
    reply=texts,
    heard=texts,
    hears_dbfs=levels,
    says_dbfs=levels,
    speech_ms=st.floats(0.0, 6e5),
    round_trip_ms=st.none() | st.floats(0.0, 1e5),
    link=figures,
)
records = st.builds(
    TurnRecord,
    turn=st.just(1),
    error=st.none() | texts,
    v2v_ms=st.none() | st.floats(0.0, 1e6),
    waterfall=st.dictionaries(st.sampled_from(STAGES), st.floats(0.0, 1e5)),
)
meters = st.builds(Level, levels, levels)
frames = st.builds(
    Frame,
    title=texts,
    companion=texts,
    ring=texts,
    hint=texts,
    glimpse=st.none() | glimpses,
    hears=meters,
    says=meters,
    last=st.none() | records,
)


def terminal(width: int = 80, height: int = 24, **kind: object) -> Console:
    return Console(
        file=io.StringIO(),
        width=width,
        height=height,
        highlight=False,
        _environ={},
        **{"force_terminal": True, **kind},
    )


def drawn(glimpse: Glimpse | None, width: int = 80, **rest: object) -> list[str]:
    """As one sees it without colours, bold or dim."""
    frame = Frame("mynah", "parrot", glimpse=glimpse, **rest)
    return [line.plain for line in lines(frame, terminal(width))]


def written(console: Console) -> str:
    return console.file.getvalue()


@given(frames, st.sampled_from((40, 60, 80, 140)))
@example(Frame("", "", glimpse=replace(SPEAKING, reply=HOSTILE[0] * 1000)), 40)
def test_it_is_never_wider_than_the_terminal_and_always_as_high(frame, width):
    shown = lines(frame, terminal(width))

    assert len(shown) == HEIGHT <= 12
    assert all(line.cell_len < width for line in shown)
    assert all(line.cell_len <= WIDEST for line in shown)
    assert all(line.plain.isprintable() for line in shown)


@given(frames)
def test_even_a_terminal_far_too_small_breaks_nothing(frame):
    assert len(lines(frame, terminal(3, 2))) == HEIGHT


@pytest.mark.parametrize(
    ("glimpse", "mark", "words"),
    [
        (NOTHING, "○", "your turn"),
        (replace(NOTHING, state=State.HEARING, speech_ms=2300.0), "●", "listening to you 2.3 s"),
        (replace(NOTHING, state=State.COMMITTED), "◐", "thinking"),
        (SPEAKING, "►", "parrot is speaking"),
        (None, "◌", "ring 1a2b, out of reach"),
    ],
)
def test_who_has_the_turn_is_said_by_a_mark_and_in_words(glimpse, mark, words):
    line = drawn(glimpse, ring="ring 1a2b, out of reach")[1]

    assert line.split(maxsplit=1) == [mark, words]


def test_what_was_heard_and_what_is_to_come_are_told_apart_without_colour():
    shown = drawn(replace(SPEAKING, heard="Good morning"))

    assert f"Good morning{SOUNDING} to you." in " ".join(shown)


def test_a_reply_that_has_sounded_to_its_end_has_nothing_to_come():
    shown = " ".join(drawn(replace(SPEAKING, heard=SPEAKING.reply)))

    assert SPEAKING.reply in shown
    assert SOUNDING not in shown


def test_of_a_long_transcript_the_last_two_lines_are_seen():
    words = [f"word{number}" for number in range(2000)]
    shown = drawn(replace(NOTHING, state=State.HEARING, transcript=" ".join(words)))

    assert shown[3].startswith("        … word")
    assert shown[4].endswith("word1999")


def test_of_a_long_reply_what_sounds_just_now_is_seen():
    words = " ".join(f"word{number}" for number in range(2000))
    heard = words[: words.index("word1000")]
    shown = drawn(replace(SPEAKING, reply=words, heard=heard))

    assert f"{SOUNDING}word1000 " in shown[6]
    assert shown[7].endswith(" …")


def test_lines_stay_where_they_are_while_a_long_text_grows():
    text = " ".join(f"word{number**2}" for number in range(2000))
    hearing = replace(NOTHING, state=State.HEARING)
    seen = {drawn(replace(hearing, transcript=text[:end]))[3] for end in range(5000, 5060)}

    assert len(seen) <= 3


def test_a_turn_that_is_over_is_not_shown_twice():
    over = replace(SPEAKING, state=State.LISTENING, transcript="Hi", heard=SPEAKING.reply)

    assert "Good morning" not in " ".join(drawn(over))


def test_a_louder_voice_makes_a_longer_bar():
    bars = [drawn(NOTHING, hears=Level(dbfs))[2].count("━") for dbfs in (-60, -40, -20, 0)]

    assert bars == sorted(set(bars))
    assert bars[0] == 0


def test_a_closed_microphone_is_said_to_be_closed():
    assert drawn(NOTHING)[2].endswith("mic closed")


def test_a_peak_is_held_and_then_let_go():
    peak = Peak()
    peak.level(-10.0, 0.0)

    assert peak.level(-30.0, PEAK_HELD_S) == Level(-30.0, -10.0)
    assert peak.level(-30.0, PEAK_HELD_S + 0.1) == Level(-30.0, -30.0)


@pytest.mark.parametrize(
    ("link", "round_trip_ms", "grade"),
    [
        (LinkFigures(frames=1000), 62.0, Grade.GOOD),
        (LinkFigures(frames=990, lost_frames=10), 62.0, Grade.FAIR),
        (LinkFigures(frames=950, lost_frames=50), 62.0, Grade.POOR),
        (LinkFigures(lost_frames=1), None, Grade.POOR),
        (LinkFigures(frames=1000, underruns=1), 62.0, Grade.FAIR),
        (LinkFigures(frames=1000, underruns=3), 62.0, Grade.POOR),
        (LinkFigures(frames=1000), 200.0, Grade.FAIR),
        (LinkFigures(frames=1000), 400.0, Grade.POOR),
    ],
)
def test_a_link_is_as_good_as_the_worst_of_its_figures(link, round_trip_ms, grade):
    assert findings(link, round_trip_ms)[0].grade is grade


@pytest.mark.parametrize(
    ("lag_ms", "grade", "told"),
    [(99.0, Grade.GOOD, False), (150.0, Grade.FAIR, True), (400.0, Grade.POOR, True)],
)
def test_a_computer_that_stood_still_is_told_of_only_if_it_is_felt(lag_ms, grade, told):
    first = findings(LinkFigures(frames=1000), 62.0, lag_ms)[0]

    assert first.grade is grade
    assert (f"{lag_ms:.0f} ms" in first.long) is told


@pytest.mark.parametrize("width", [40, 80, 140])
def test_what_spoils_the_link_comes_first_after_its_grade(width):
    link = LinkFigures(interval_ms=30.0, frames=1000, underruns=3)
    line = drawn(replace(NOTHING, round_trip_ms=62.0, link=link), width)[8]

    assert line.split()[:5] == ["link", "▂", "poor", "3", "gaps"]


def test_the_waterfall_can_be_read_without_colour():
    _, bar, legend = drawn(NOTHING, last=ANSWERED)[-3:]
    cells = {shade: bar.count(shade) for shade in "█▓▒░"}

    assert "842 ms" in bar
    assert legend.split("  ")[-4:] == ["█ tts 318", "▓ asr 231", "▒ downlink 122", "░ rest 171"]
    assert cells["█"] > cells["▓"] > cells["░"] > cells["▒"] > 0


def test_a_failed_turn_shows_its_error_above_and_as_the_last():
    console = terminal()
    with LiveView(console, title="mynah", companion="parrot") as view:
        view.turn(FAILED, "parrot")

    assert "error" in written(console)
    assert written(console).count("the companion is down") >= 2


def test_nothing_that_a_stranger_wrote_reaches_the_terminal_as_a_command():
    console = terminal()
    hostile = "\x1b[2J\x1b]0;title\x07[red]"
    with LiveView(console, title=hostile, companion=hostile, hint=hostile) as view:
        view.show(replace(SPEAKING, transcript=hostile, reply=hostile), hostile, hostile)
        view.turn(replace(FAILED, error=hostile, transcript=hostile), hostile)
        view.tell(hostile)
        view.trouble(hostile)
        with view.busy(hostile):
            pass

    assert "\x1b[2J" not in written(console)
    assert "\x1b]" not in written(console)
    assert "\x07" not in written(console)
    assert "[2J" in written(console)


def test_what_takes_a_while_is_named_with_its_seconds_and_may_overlap():
    console, now_s = terminal(), [100.0]
    with ExitStack() as jobs:
        view = LiveView(console, title="mynah", companion="parrot", clock=lambda: now_s[0])
        jobs.enter_context(view.busy("loading"))
        now_s[0] += 2
        jobs.enter_context(view.busy("connecting"))
        now_s[0] += 3
        with view:
            pass

    assert "loading 5 s, connecting 3 s" in written(console)


def test_what_is_done_is_no_longer_named():
    console = terminal()
    view = LiveView(console, title="mynah", companion="parrot")
    with pytest.raises(ValueError, match="broken"), view.busy("loading"):
        raise ValueError("broken")
    with view:
        pass

    assert "loading" not in written(console)


def test_what_has_not_changed_is_not_drawn_again():
    console = terminal()
    with LiveView(console, title="mynah", companion="parrot") as view:
        before = written(console)
        view.show(None, "", "")
        view._live.refresh()

        assert written(console) == before


def test_a_terminal_that_became_narrower_is_cleared_of_the_broken_lines():
    console = terminal(80)
    with LiveView(console, title="mynah", companion="parrot") as view:
        before = len(written(console))
        console.width = 50
        view._live.refresh()
        redrawn = written(console)[before:]

    broken = 3  # the line across and both meters
    assert redrawn.count("\x1b[1A") == broken + HEIGHT - 1


def test_the_conversation_stays_when_the_view_has_gone():
    console = terminal()
    with LiveView(console, title="mynah", companion="parrot") as view:
        view.turn(ANSWERED, "parrot")
    after = written(console)

    assert "Hello" in after
    assert after.endswith("\x1b[1A\x1b[2K" * HEIGHT)


@pytest.mark.parametrize(
    ("console", "fits"),
    [
        (terminal(80, 24), True),
        (terminal(39, 24), False),
        (terminal(80, 15), False),
        (terminal(force_terminal=False), False),
    ],
)
def test_it_is_only_for_a_terminal_with_room_for_it(console, fits):
    assert LiveView.fits(console) is fits


class Awaited(io.StringIO):
    """A terminal that tells when something was written to it."""

    def __init__(self, wanted):
        super().__init__()
        self.came = threading.Event()
        self._wanted = wanted

    def write(self, text):
        written = super().write(text)
        if self._wanted in self.getvalue():
            self.came.set()
        return written


@pytest.mark.parametrize("happens", ["show", "turn", "busy"])
def test_what_is_new_is_drawn_at_once_by_itself(monkeypatch, happens):
    monkeypatch.setattr("mynah.cli.live_view.IDLE_S", 10 * PATIENCE_S)
    console = terminal()
    console.file = Awaited({"show": "a ring", "turn": "█", "busy": "loading"}[happens])
    with ExitStack() as stack:
        view = stack.enter_context(LiveView(console, title="mynah", companion="parrot"))
        match happens:
            case "show":
                view.show(NOTHING, "a ring", "")
            case "turn":
                view.turn(replace(ANSWERED, heard=""), "parrot")
            case "busy":
                stack.enter_context(view.busy("loading"))

        assert console.file.came.wait(PATIENCE_S)
