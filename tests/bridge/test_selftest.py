"""What the self-test makes of answers, and how it tells them; the rings are in tests/end_to_end."""

import json
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

import pytest
from typer.testing import CliRunner

from mynah.cli.root import app
from mynah.errors import UserError
from mynah.link.client import RingClient
from mynah.maker.selftest import TESTS, chosen
from mynah.maker.selftest_board import board_file
from mynah.maker.selftest_chip import TICKS, clock, signature
from mynah.maker.selftest_page import figures_of, page
from mynah.maker.selftest_parts import battery, button, flash, light, motion
from mynah.maker.selftest_report import Report, Result, Verdict
from mynah.maker.selftest_ring import Finding, _finding
from mynah.maker.selftest_sound import microphone, speaker, voice
from mynah.maker.selftest_tests import Bench
from mynah_wire.making import FAILED, MISSING, PASSED, Found
from mynah_wire.uplink import BUTTON, MICROPHONE, Ready

GOOD = {
    "level_dbfs": -62.0,
    "floor_dbfs": -64.0,
    "loudest_dbfs": -58.0,
    "peak_dbfs": -50.0,
    "offset_percent": 0.2,
    "clipped_percent": 0.0,
    "flat_percent": 0,
    "lost_frames": 0,
    "rate_ppm": 12,
    "slot": "0x00000000",
}
FLAT = GOOD | {"flat_percent": 100}
DIGITAL_SILENCE = dict.fromkeys(("level_dbfs", "floor_dbfs", "loudest_dbfs", "peak_dbfs"), -120.0)


@dataclass
class Answering:
    """A ring that finds what it was told to find."""

    findings: dict[str, Finding]
    ready: Ready = field(
        default_factory=lambda: Ready(
            bytes(range(8)), 1, 1, MICROPHONE | BUTTON, 1, 800, 0, b"xiao_esp32s3"
        )
    )
    stamps: list[tuple[float, float, int]] = field(default_factory=list)
    client: RingClient | None = None

    async def probe(self, name, _argument=0):
        return self.findings.get(name, Finding(MISSING, {}))

    async def echo(self):
        return 1.0


async def yes(_question):
    return True


def bench(ask=yes, stamps=(), **values):
    findings = {
        name: told if isinstance(told, Finding) else Finding(PASSED, told)
        for name, told in values.items()
    }
    return Bench(Answering(findings, stamps=list(stamps)), board_file("xiao_esp32s3"), ask)


@pytest.mark.parametrize(
    ("values", "note", "step"),
    [
        (FLAT, "nothing but zeros", "is L/R tied to ground, is SD on GPIO 9 (D10)"),
        (FLAT | {"slot": "0xffffffff"}, "nothing but ones", "does SD on GPIO 9 (D10) hang on 3V3"),
        (FLAT | {"slot": "0x7fffff00"}, "always the same", "SCK on GPIO 7 (D8)"),
        (GOOD | DIGITAL_SILENCE, "nothing but zeros", "is L/R tied to ground, is SD on GPIO 9"),
        (GOOD | {"floor_dbfs": -12.0}, "noise of -12.0 dBFS", "is it loose"),
        (GOOD | {"offset_percent": -30.0}, "an offset", "a bit may be shifted"),
        (GOOD | {"lost_frames": 4}, "4 frames were lost", "please report it"),
        (GOOD | {"rate_ppm": -12_000}, "off by -12000 ppm", "crystal"),
    ],
)
async def test_each_way_in_which_a_microphone_can_be_ill_has_its_next_step(values, note, step):
    result = await microphone(bench(microphone=values))

    assert result.verdict is Verdict.FAILED
    assert note in result.note
    assert step in result.next_step


async def test_a_microphone_that_is_well_is_told_with_its_true_rate():
    result = await microphone(bench(microphone=GOOD))

    assert result.verdict is Verdict.PASSED
    assert result.figures["rate_hz"] == 16000.19
    assert "slot" not in result.figures


async def test_a_voice_that_hardly_rises_above_the_noise_or_clips_fails():
    faint = await voice(bench(microphone=GOOD))
    clipped = await voice(bench(microphone=GOOD | {"loudest_dbfs": -3.0, "clipped_percent": 7.5}))

    assert "only 6 dB" in faint.note
    assert "7.5 % of the samples are clipped" in clipped.note


async def test_a_clock_is_told_also_after_more_than_its_microseconds_count():
    span_ms, ppm = 25 * 60_000, 300  # somebody fetched a screwdriver
    moments = [*range(10), *range(span_ms, span_ms + 10)]
    stamps = [
        (at, at + 0.02, round((at + 0.01) * 1000 * (1 + ppm / 1e6)) % TICKS) for at in moments
    ]
    result = await clock(bench(stamps=stamps))

    assert result.figures["ring_ppm"] == pytest.approx(ppm, abs=2)


async def test_a_clock_whose_microseconds_jump_is_not_measured():
    stamps = [(at, at + 1.0, 900_000_000 if at < 10 else 5) for at in (*range(10), *range(90, 100))]
    result = await clock(bench(stamps=stamps))

    assert (result.verdict, result.figures) == (Verdict.NOT_ASKED, {})
    assert "could not be measured" in result.note


@pytest.mark.parametrize("test", [light, speaker])
async def test_a_part_that_the_board_has_and_the_ring_runs_without_is_not_called_missing(test):
    result = await test(bench())

    assert (result.verdict, result.note) == (Verdict.FAILED, "the ring runs without it")


@pytest.mark.parametrize(
    ("reason", "step"),
    [
        ("MemoryError memory allocation failed", "please report it"),
        ("it did not end within 30 s", "switch the ring off and on"),
        ("OSError [Errno 28] ENOSPC", "fetched what was said"),
        ("block 3 reads otherwise than it was written", "mynah flash --erase"),
    ],
)
async def test_a_step_is_about_the_reason(reason, step):
    result = await flash(bench(flash=Finding(FAILED, {}, reason)))

    assert step in result.next_step
    assert ("--erase" in result.next_step) == ("--erase" in step)


async def test_a_motion_sensor_is_asked_who_it_is_though_nobody_taps():
    right = await motion(bench(None, motion={"part": "lsm6ds3", "id": "0x6a"}))
    wrong = await motion(bench(None, motion=Finding(FAILED, {}, "motion: answers with id 0x00")))

    assert (right.verdict, right.figures["id"]) == (Verdict.PASSED, "0x6a")
    assert wrong.verdict is Verdict.FAILED


async def test_of_an_emulated_ring_the_keyboard_presses_the_button():
    pressing = []

    @asynccontextmanager
    async def hand():
        pressing.append("begun")
        yield
        pressing.append("over")

    on_test = bench(None, button={"down": 0, "presses": 1, "edges": 2})
    on_test.hand = hand

    assert (await button(on_test)).verdict is Verdict.PASSED
    assert pressing == ["begun", "over"]


async def test_without_a_person_nobody_is_asked_to_speak():
    assert (await voice(bench(None, microphone=GOOD))).verdict is Verdict.NOT_ASKED


@pytest.mark.parametrize(
    ("values", "note"),
    [
        ({"millivolts": 3400, "percent": 2, "cell": 1}, "nearly empty"),
        ({"millivolts": 120, "cell": 0}, "no cell"),
        ({"millivolts": 5000, "percent": 100, "cell": 1}, "more than a cell has"),
    ],
)
async def test_a_cell_that_is_empty_absent_or_impossible_fails(values, note):
    result = await battery(bench(battery=values))

    assert result.verdict is Verdict.FAILED
    assert note in result.note


async def test_bounces_are_the_edges_that_one_press_does_not_take():
    values = {"down": 0, "still_down": 0, "presses": 1, "edges": 7}

    assert (await button(bench(button=values))).figures == {"presses": 1, "bounces": 5}


async def test_what_the_ring_says_is_handed_on():
    told = Finding(FAILED, {}, "a true signature is refused")
    result = await signature(bench(signature=told))

    assert (result.verdict, result.note) == (Verdict.FAILED, "a true signature is refused")


async def test_a_clock_that_runs_fast_is_found_within_what_its_round_trips_allow():
    ppm, span_ms, way_ms = 400, 30_000, 2.0
    true = [(at_ms, at_ms + way_ms, at_ms + way_ms / 2) for at_ms in range(0, span_ms, 500)]
    stamps = [
        (sent, back, round(mid * 1000 * (1 + ppm / 1e6)) % (1 << 30)) for sent, back, mid in true
    ]
    result = await clock(bench(stamps=stamps))

    assert result.figures["ring_ppm"] == pytest.approx(ppm, abs=2)
    assert result.figures["within_ppm"] <= 80
    assert result.verdict is Verdict.FAILED


def test_a_pin_is_called_as_the_board_calls_it():
    board = board_file("esp32_s3_devkit")

    assert board.pin("MICROPHONE_SD") == "GPIO 6"
    assert board_file("m5_atom_echos3r").pin("LAMP_PIN") == "GPIO 2 (G2)"
    assert board_file("of a newer firmware").pin("MICROPHONE_SD") == "its pin"


REPORT = Report(
    board="xiao_esp32c3",
    build=3,
    link="ble",
    emulated=False,
    date="2026-01-01T00:00:00Z",
    faults=["the ring's motion does not answer: check its wires"],
    results=[
        Result("system", Verdict.PASSED, {"chip": "esp32c3", "mhz": 160, "micropython": "1.28.0"}),
        Result(
            "radio",
            Verdict.PASSED,
            {"latency_p50_ms": 44.0, "down_20_kb_s": 4.0, "down_20_lost": 0, "up_20_kb_s": 3.0},
        ),
        Result("motion", Verdict.FAILED, {}, "nobody answers | at 0x6a", "is SDA on GPIO 5?"),
        Result("pulse", Verdict.MISSING),
    ],
    device_id="0123456789abcdef",
)


def test_the_page_has_board_chip_figures_and_what_to_do():
    told = page(REPORT)

    assert "- chip: esp32c3" in told
    assert "- MicroPython: 1.28.0" in told
    assert "| ✓ | radio | latency p50 44.0 ms, down 4 kB/s, up 3 kB/s |" in told
    assert "| ✗ | motion | nobody answers \\| at 0x6a |" in told
    assert "- motion: nobody answers \\| at 0x6a. is SDA on GPIO 5?" in told
    assert "- the ring says: the ring's motion does not answer" in told
    assert "| 20 | 4.0 | 0 | 3.0 |  |" in told
    assert "Emulated" not in told
    assert "0123456789abcdef" not in told


STRANGE = "<img src=x onerror=y> [a](b) `c` | d \x1b[2J"
LITERAL = r"\<img src=x onerror=y\> \[a\](b) \`c\` \| d  \[2J"


def test_what_a_ring_says_is_no_markup_in_the_page():
    strange = Result("motion", Verdict.FAILED, {"chip": STRANGE}, STRANGE, "is `it` there?")
    system = Result("system", Verdict.PASSED, {"chip": STRANGE})
    told = page(replace(REPORT, board=STRANGE, faults=[STRANGE], results=[strange, system]))

    assert f"# Self-test of a ring: {LITERAL}\n" in told
    assert f"- chip: {LITERAL}\n" in told
    assert f"- motion: {LITERAL}. is `it` there?" in told
    assert f"- the ring says: {LITERAL}\n" in told
    assert f"| {LITERAL}; chip {LITERAL} |" in told


@pytest.mark.parametrize("said", [b"nan", b"inf", b"-inf", b"1e400", b"9" * 900])
def test_what_is_no_figure_is_a_word(said):
    finding = _finding(Found(1, PASSED, b"presses=3 edges=" + said))

    assert finding.number("presses") == 3
    assert finding.number("edges") == 0


def test_the_figures_for_programs_are_json_with_every_test_and_no_id():
    told = json.loads(json.dumps(REPORT.as_json()))

    assert [test["test"] for test in told["tests"]] == ["system", "radio", "motion", "pulse"]
    assert told["tests"][2]["next_step"] == "is SDA on GPIO 5?"
    assert "device_id" not in told
    assert REPORT.as_json(with_id=True)["device_id"] == "0123456789abcdef"


def test_figures_have_their_units():
    result = Result("codec", Verdict.PASSED, {"encode_us": 310, "percent": 63, "millivolts": 3900})

    assert figures_of(result) == "encode 310 µs, 63 %, 3900 mV"


def test_bytes_are_told_as_a_person_reads_them():
    result = Result("flash", Verdict.PASSED, {"block_bytes": 4096, "free_bytes": 1_916_928})

    assert figures_of(result) == "block 4096 bytes, free 1.9 MB"


def test_only_tests_that_there_are_can_be_chosen_and_they_keep_their_order():
    assert chosen(["flash", "radio"]) == ("radio", "flash")
    assert chosen([]) == tuple(TESTS)
    with pytest.raises(UserError, match="no test is called 'conjure'; there are system, radio"):
        chosen(["conjure"])


def test_the_command_writes_page_and_figures_and_ends_badly_if_a_test_failed(tmp_path, monkeypatch):
    monkeypatch.setenv("MYNAH_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("MYNAH_I2C", '{"lsm6ds3": {"fault": "stuck"}}')
    figures, written = tmp_path / "figures.json", tmp_path / "page.md"
    options = ["--only", "motion,sha256", "--json", str(figures), "--page", str(written)]
    ran = CliRunner().invoke(app, ["selftest", "--link", "emulator:?board=xiao_esp32c6", *options])

    assert ran.exit_code == 1, ran.output
    assert "✓ sha256" in ran.output
    assert "the bus is held low" in ran.output
    assert "→ is SDA on GPIO 22 (D4)" in ran.output
    told = json.loads(figures.read_text("utf-8"))
    assert (told["board"], told["emulated"]) == ("xiao_esp32c6", True)
    assert "| ✗ | motion |" in written.read_text("utf-8")


def test_a_ring_without_a_failure_is_well():
    assert not REPORT.well
    assert replace(REPORT, results=REPORT.results[:2]).well
