"""The self-test on emulated rings whose truth is known: one that is well, one that is ill.

Both are tested side by side, once; each claim looks at what came of it.
"""

import asyncio
import json
from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from mynah.audio import SPEECH_HZ
from mynah.emulator.board_file import board_constant
from mynah.emulator.emulated import emulated
from mynah.emulator.light_truth import Lamp, lies
from mynah.emulator.ring import EmulatedRing
from mynah.emulator.trace import Event
from mynah.firmware import firmware_folder
from mynah.maker.selftest import TESTS, examine
from mynah.maker.selftest_air import Air
from mynah.maker.selftest_page import page
from mynah.maker.selftest_report import Report, Result, Verdict
from mynah.maker.selftest_tests import Effort
from tests.hardware import traces

QUICK = Effort(
    listen_ms=2000, echoes=10, flood_s=0.3, up_records=40, sizes=(20, 182), person_s=3, shown_s=0.1
)
SOUND = ("microphone", "voice", "speaker")
VOICE_DBFS = -20.0
FAST_PPM = 300
INTERVAL_MS = 15
ILL = {
    "i2s_faults": json.dumps({"microphone": "dead"}),
    "i2c_faults": json.dumps({"lsm6ds3": {"fault": "wrong id"}, "max30102": {"fault": "absent"}}),
    "battery_uv": 1_780_000,  # 3.56 V
    "pins": {0: 0},  # the button, down when it starts
}


@dataclass
class Fate:
    """What is true of a ring's chip."""

    truth: dict[str, object] = field(default_factory=dict)

    def radio(self, settings):
        return settings

    def before_boot(self, settings):
        return replace(settings, **self.truth)


@dataclass
class Person:
    """Does what is asked for; `asked` keeps the questions."""

    ring: EmulatedRing
    asked: list[str] = field(default_factory=list)

    async def __call__(self, question):
        self.asked.append(question)
        world = self.ring.world
        if question.startswith("Say something"):
            world.say(voice(), world.now_ms + 300)
        elif question.startswith("Press"):
            world.press(world.now_ms + 300)
            world.release(world.now_ms + 400)
        elif question.startswith("Tap"):
            world.surroundings.accelerate(two_taps(), traces.RATE_HZ)
        return True


@dataclass
class Come:
    """All that came of a ring's test."""

    report: Report
    shown: list[Result]
    events: list[Event]
    kept: list[str]
    """Files of what was said that the ring keeps."""
    lamp: Lamp


def voice():
    times = np.arange(SPEECH_HZ // 2) / SPEECH_HZ
    peak = 32768 * 10 ** (VOICE_DBFS / 20) * np.sqrt(2)
    tone = peak * np.sin(2 * np.pi * 440 * times)
    hush = np.random.default_rng(1).normal(0, 8, SPEECH_HZ // 2)
    return np.rint(np.concatenate([hush, tone, hush])).astype(np.int16)


def two_taps():
    hand = traces.Hand(1)
    hand.down = np.array([0.0, 0.0, 1.0])  # as it has lain so far
    return traces.as_samples(traces.tapped(hand, 8.0, 2))


async def examined(board, name, fate, query="", *, names=tuple(TESTS), person=True):
    uri = f"emulator:{name}?board={board}{query}"
    shown, events = [], []
    async with emulated(uri, fate=fate) as on, Air(on.ring.world):
        on.ring.trace.listen(events.append)
        ask = Person(on.ring) if person else None
        report = await examine(
            on.link, ask, shown.append, names=names, effort=QUICK, scheme="emulator"
        )
        kept = [path.name for path in on.ring._flash.rglob("said/*")]
        storage = on.ring._settings.nvs
        kind, pin = (
            board_constant(firmware_folder(), storage, name, None) for name in ("LAMP", "LAMP_PIN")
        )
    return Come(report, shown, events, kept, Lamp(kind, pin))


async def without_power_for_a_moment():
    """The verdicts of a ring whose power goes when the first of three tests begins."""
    async with emulated("emulator:cut?board=tap_only") as on:

        def cut(result):
            if (result.test, result.verdict) == ("button", Verdict.RUNNING):
                on.ring.cut_power()

        report = await examine(on.link, None, cut, names=("button", "battery", "sha256"))
        return {result.test: result.verdict for result in report.results}


@pytest.fixture(scope="module")
def all_of_them(folder):
    """Two rings that are well, of which each has half the tests; one that is ill; one cut off."""

    async def side_by_side():
        fast, query = Fate({"clock_ppm": FAST_PPM}), f"&interval={INTERVAL_MS}"
        felt = [test for test in TESTS if test not in SOUND]
        return await asyncio.gather(
            examined("xiao_esp32s3", "heard", fast, query, names=SOUND),
            examined("xiao_esp32s3", "felt", fast, query, names=felt),
            examined("xiao_esp32c6", "ill", Fate(ILL), person=False),
            without_power_for_a_moment(),
        )

    return asyncio.run(side_by_side())


@pytest.fixture(scope="module")
def well(all_of_them):
    heard, felt = (come.report for come in all_of_them[:2])
    return replace(heard, results=heard.results + felt.results, faults=heard.faults + felt.faults)


@pytest.fixture(scope="module")
def ill(all_of_them):
    return all_of_them[2]


def test_a_ring_that_is_well_passes_every_test_that_its_board_has_parts_for(well):
    verdicts = {result.test: result.verdict for result in well.results}

    assert well.failed == []
    assert verdicts == dict.fromkeys(TESTS, Verdict.PASSED) | {"pulse": Verdict.MISSING}
    assert well.faults == []


def test_every_test_is_shown_when_it_begins_and_when_it_is_over(ill):
    shown = [(result.test, result.verdict) for result in ill.shown]

    for test in TESTS:
        begun = shown.index((test, Verdict.RUNNING))
        assert shown[begun + 1] == (test, ill.report.result(test).verdict)


def test_the_level_of_a_tone_is_found(well):
    assert well.result("voice").figures["loudest_dbfs"] == pytest.approx(VOICE_DBFS, abs=0.3)


def test_the_error_of_the_sample_clock_is_found(well):
    figures = well.result("microphone").figures

    assert figures["rate_ppm"] == pytest.approx(FAST_PPM, abs=60)
    assert figures["rate_hz"] == pytest.approx(SPEECH_HZ * (1 + FAST_PPM / 1e6), abs=1)


def test_the_rings_clock_is_this_computers_within_what_is_known(well):
    figures = well.result("clock").figures

    assert abs(figures["ring_ppm"]) <= figures["within_ppm"]


def test_the_radio_is_as_it_was_set_and_loses_nothing(well):
    figures = well.result("radio").figures

    assert figures["interval_ms"] == INTERVAL_MS
    assert figures["mtu"] == 247
    assert INTERVAL_MS < figures["latency_p50_ms"] < 10 * INTERVAL_MS
    assert figures["up_182_lost"] == figures["down_182_lost"] == 0
    assert figures["up_182_kb_s"] > 4 * figures["up_20_kb_s"]


def test_the_speaker_is_heard_by_the_microphone(well):
    figures = well.result("speaker").figures

    assert figures["tone_dbfs"] == pytest.approx(-35, abs=2)  # -15, and 20 dB of air
    assert figures["tone_ms"] == pytest.approx(1000, abs=100)


def test_one_press_is_seen_once(well):
    assert well.result("button").figures == {"presses": 1, "bounces": 0}


@pytest.mark.parametrize(
    ("test", "note", "step"),
    [
        ("microphone", "nothing but zeros", "is SD on GPIO 18 (D10)"),
        ("motion", "answers with id", "SDA on GPIO 22 (D4)"),
        ("pulse", "nobody answers at 0x57", "SCL on GPIO 23 (D5)"),
        ("button", "it is down, and nobody presses it", "GPIO 0 (D0)"),
        ("battery", "nearly empty", "charge it"),
    ],
)
def test_each_thing_that_is_wrong_is_found_and_has_its_next_step(ill, test, note, step):
    result = ill.report.result(test)

    assert result.verdict is Verdict.FAILED
    assert note in result.note
    assert step in result.next_step


def test_what_is_not_wrong_passes_all_the_same(ill):
    passed = {result.test for result in ill.report.results if result.verdict is Verdict.PASSED}

    assert passed >= {"system", "radio", "flash", "codec", "cipher", "sha256", "signature", "clock"}
    assert not ill.report.well


def test_a_ring_whose_power_goes_fails_that_test_and_is_met_again_for_the_others(all_of_them):
    assert all_of_them[3] == {
        "button": Verdict.FAILED,
        "battery": Verdict.PASSED,
        "sha256": Verdict.PASSED,
    }


def test_without_a_person_nothing_that_needs_one_is_done(ill):
    asked = {result.test for result in ill.report.results if result.verdict is Verdict.NOT_ASKED}

    assert asked == {"voice", "speaker", "light", "haptic"}
    assert not [event for event in ill.events if event["event"] == "speaker" and event.get("on")]


@pytest.mark.parametrize("which", [0, 2])
def test_the_light_is_on_while_a_test_listens(all_of_them, which):
    come = all_of_them[which]

    assert [event for event in come.events if event["event"] == "microphone" and event["on"]]
    assert lies(come.events, come.lamp) == []


@pytest.mark.parametrize("which", [0, 1, 2])
def test_nothing_that_was_heard_is_kept(all_of_them, which):
    assert all_of_them[which].kept == []


@pytest.mark.parametrize("which", [0, 1, 2])
def test_page_and_figures_say_that_it_is_emulated_and_hold_no_id(all_of_them, which):
    report = all_of_them[which].report
    told = page(report) + json.dumps(report.as_json())

    assert report.emulated
    assert "Emulated" in page(report)
    assert report.device_id
    assert report.device_id not in told
    assert report.device_id in page(report, with_id=True)
