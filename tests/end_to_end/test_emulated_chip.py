"""What the stand-ins for a chip promise, tried by small scripts in the real interpreter."""

import asyncio
import json
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median

import numpy as np
import pytest

from mynah.audio import SPEECH_HZ
from mynah.emulator.chip import _topics as topics
from mynah.emulator.interpreter import ChipSettings, Interpreter
from mynah.emulator.trace import RingClock, Trace
from mynah.emulator.world import World
from mynah.errors import EmulatorError

SCRIPTS = Path(__file__).parent / "firmware_scripts"
BUFFER_FRAMES = 256
BUTTON_PIN = 1
NOISE_UV = 40_000  # of a converter: its own, and the radio's
STANDS_STILL_MS = 100
RAMP = np.arange(-32768, 32768, dtype=np.int16)  # four seconds, every value once


@dataclass
class Ring:
    interpreter: Interpreter
    world: World
    clock: RingClock
    folder: Path
    events: list = field(default_factory=list)
    console: list = field(default_factory=list)

    def named(self, name):
        return [event for event in self.events if event["event"] == name]

    def heard(self, dtype):
        return np.frombuffer((self.folder / "heard.raw").read_bytes(), dtype)


@asynccontextmanager
async def ring(folder: Path, script: str, **settings) -> AsyncIterator[Ring]:
    """A script in its emulated ring, not yet switched on."""
    clock = RingClock()
    trace = Trace(clock, folder / "trace.jsonl")
    chip = ChipSettings(
        clock.epoch_us, folder / "microphone.raw", folder / "speaker.raw", folder / "nvs.json"
    )
    interpreter = Interpreter(SCRIPTS, replace(chip, **settings), folder, script=script)
    world = World(folder, clock, trace, interpreter.channel.send, button_pin=BUTTON_PIN)
    ring = Ring(interpreter, world, clock, folder)
    interpreter.channel.on(topics.TRACE, trace.ring)
    interpreter.on_console(ring.console.append)
    trace.listen(ring.events.append)
    try:
        await world.start()
        yield ring
    finally:
        await interpreter.stop()
        await world.close(folder)
        trace.close()


async def run(ring: Ring) -> None:
    await ring.interpreter.start()
    async with asyncio.timeout(20):
        await ring.interpreter.wait()


async def test_the_microphone_is_heard_bit_for_bit_and_an_overrun_drops_the_oldest(tmp_path):
    async with ring(tmp_path, "listen.py") as emulated:
        emulated.world.say(RAMP)

        await run(emulated)
        heard = emulated.heard("<i4")
        air = emulated.world.microphone.samples(5 * SPEECH_HZ)

    start = emulated.named("microphone")[0]["sample"]
    (overrun,) = emulated.named("i2s_overrun")
    before = 5 * BUFFER_FRAMES  # four pieces of 320 are exactly five buffers
    lost = overrun["lost_frames"]
    assert overrun["from_sample"] == start + before
    # In 400 ms 25 buffers came; 7 of a ring of 8 were kept.
    assert lost // BUFFER_FRAMES >= 25 - 7
    assert lost % BUFFER_FRAMES == 0
    assert np.array_equal(heard[:before] >> 12, air[start : start + before])
    after = start + before + lost
    rest = len(heard) - before
    assert np.array_equal(heard[before:] >> 12, air[after : after + rest])
    assert not emulated.named("microphone_starved")


@pytest.mark.parametrize("script", ["listen_blocking.py", "listen_stream.py"])
async def test_sixteen_bits_are_the_upper_half_of_a_slot(tmp_path, script):
    async with ring(tmp_path, script) as emulated:
        emulated.world.say(RAMP)

        await run(emulated)
        air = emulated.world.microphone.samples(5 * SPEECH_HZ)

    heard = emulated.heard("<i2")
    start = emulated.named("microphone")[0]["sample"]
    assert len(heard) >= 3200
    assert np.array_equal(heard, air[start : start + len(heard)] >> 4)


async def test_a_fast_oscillator_hears_samples_twice(tmp_path):
    ppm = 2000  # far off any crystal, so that 200 ms show it

    async with ring(tmp_path, "listen_blocking.py", clock_ppm=ppm) as emulated:
        emulated.world.say(RAMP)
        await run(emulated)
        air = emulated.world.microphone.samples(5 * SPEECH_HZ)

    heard = emulated.heard("<i2")
    start = emulated.named("microphone")[0]["sample"]
    last = 12 * BUFFER_FRAMES
    drift = last * ppm // 1_000_000
    assert drift
    assert np.array_equal(heard[last:], air[start + last - drift :][: len(heard) - last] >> 4)


async def test_the_speaker_plays_each_sample_in_its_place_and_counts_an_underrun(tmp_path):
    async with ring(tmp_path, "speak.py") as emulated:
        await run(emulated)
        played = emulated.world.speaker.samples(0, 5 * SPEECH_HZ)

    first, second = (event["sample"] for event in emulated.named("speaker") if event["on"])
    (underrun,) = emulated.named("i2s_underrun")
    expected = np.zeros_like(played)
    expected[first : first + 768] = np.arange(1, 769)
    expected[second : second + 256] = np.arange(1001, 1257)
    assert np.array_equal(played, expected)
    assert (second - first) % BUFFER_FRAMES == 0
    gap_us = (second - first - 768) * 1_000_000 // SPEECH_HZ
    assert underrun["gap_us"] == pytest.approx(gap_us, abs=100)
    assert underrun["us"] == pytest.approx((first + 768) * 1_000_000 / SPEECH_HZ, abs=100)


async def test_what_is_written_while_the_ring_is_new_is_heard_one_round_later(tmp_path):
    async with ring(tmp_path, "speak_much.py") as emulated:
        await run(emulated)
        played = emulated.world.speaker.samples(0, 5 * SPEECH_HZ)

    (first,) = (event["sample"] for event in emulated.named("speaker") if event["on"])
    assert np.array_equal(played[first : first + 8192], np.arange(1, 8193))
    assert not emulated.named("i2s_underrun")


async def test_a_button_interrupts_at_its_scheduled_time(tmp_path):
    async with ring(tmp_path, "button.py") as emulated:
        start_ms = emulated.world.now_ms + 300
        presses = [start_ms + 20 * number for number in range(5)]
        for press_ms in presses:
            emulated.world.press(press_ms)
            emulated.world.release(press_ms + 10)

        await run(emulated)

    at_rest, *lines = emulated.console
    pairs = [tuple(map(int, line.split())) for line in lines]
    times_ms = [(us - emulated.clock.epoch_us) / 1000 for us, _ in pairs]
    late_ms = [time - press for time, press in zip(times_ms, presses, strict=True)]
    assert at_rest == "at rest 1"
    assert [level for _, level in pairs] == [0] * 5
    assert min(late_ms) > -1  # it sleeps whole milliseconds
    assert median(late_ms) < 5


@pytest.mark.parametrize(
    ("chip", "asleep"),
    [
        ("esp32s3", {"3": None, "10": 1}),
        ("esp32c3", {"3": None}),  # the other has no power in its deep sleep
        ("esp32c6", {"3": None, "10": 1}),
    ],
)
async def test_a_pin_that_is_held_heeds_nothing_until_it_is_let_go(tmp_path, chip, asleep):
    async with ring(tmp_path, "hold.py", chip=chip, held='{"10": 1}') as emulated:
        with pytest.raises(EmulatorError, match="fell asleep"):
            await run(emulated)

    assert emulated.console == ["of the run before 1 1 0", "of this run 0 1"]
    assert emulated.named("deepsleep")[0]["held"] == asleep


async def test_storage_outlives_the_ring_and_what_was_not_committed_does_not(tmp_path):
    consoles = []
    for _ in range(2):
        async with ring(tmp_path, "remember.py") as emulated:
            await run(emulated)
        consoles.append(emulated.console)

    first, second = consoles
    assert first[0] == "(-4354, 'ESP_ERR_NVS_NOT_FOUND')"
    assert first[1] == r"starts 1 bytearray(b'\x00\x01\xff')"
    assert second[0] == r"starts 2 bytearray(b'\x00\x01\xff')"
    assert second[1:] == [
        "key ESP_ERR_NVS_INVALID_LENGTH",
        "draft 4",  # set, but not committed: there until the power goes
        "starts ESP_ERR_NVS_NOT_FOUND",
        "far too long a key ESP_ERR_NVS_KEY_TOO_LONG",
    ]
    stored = json.loads((tmp_path / "nvs.json").read_text())
    assert stored == {"mynah": {"starts": 2, "key": "0001ff"}}
    assert (tmp_path / "nvs.json").stat().st_mode & 0o777 == 0o600


async def test_the_chip_says_what_it_was_told(tmp_path):
    chip = {"unique_id": bytes(range(6)), "reset_cause": 3, "battery_uv": 1_650_000}

    async with ring(tmp_path, "describe.py", **chip) as emulated:
        await run(emulated)

    *others, readings, memory = emulated.console
    assert [*others, memory] == ["000102030405", "True", "b'kept'"]
    microvolts, share = map(int, readings.split())
    assert abs(microvolts - 1_650_000) < NOISE_UV
    assert abs(share - 65535 * 1_650_000 // 3_100_000) < 65535 * NOISE_UV // 3_100_000


async def test_a_light_is_traced_when_it_changes(tmp_path):
    async with ring(tmp_path, "shine.py") as emulated:
        await run(emulated)

    assert [event["rgb"] for event in emulated.named("light")] == [[[255, 0, 0]], [[0, 0, 0]]]
    assert [(event["pin"], event["value"]) for event in emulated.named("pin")] == [(44, 0), (44, 1)]


async def test_the_trace_holds_what_both_sides_saw_on_one_clock(tmp_path):
    async with ring(tmp_path, "shine.py") as emulated:
        emulated.world.press(0)
        await run(emulated)

    lines = [json.loads(line) for line in (tmp_path / "trace.jsonl").read_text().splitlines()]
    assert lines == emulated.events
    assert {line["source"] for line in lines} == {"host", "ring"}
    assert all(0 <= line["us"] < 20_000_000 for line in lines)


async def test_a_script_that_crashes_tells_its_last_line(tmp_path):
    async with ring(tmp_path, "crash.py") as emulated:
        with pytest.raises(EmulatorError, match="exit code 1: ValueError: the firmware's own mist"):
            await run(emulated)

    assert emulated.console[0] == "so far so good"
    assert list(emulated.interpreter.last_lines) == emulated.console


@pytest.mark.parametrize(
    ("script", "message"),
    [("reset.py", "reset itself"), ("starve.py", "watchdog was not fed")],
)
async def test_a_ring_that_ends_on_purpose_says_why(tmp_path, script, message):
    async with ring(tmp_path, script) as emulated:
        with pytest.raises(EmulatorError, match=message):
            await run(emulated)


async def test_a_missing_script_is_one_clear_line(tmp_path):
    async with ring(tmp_path, "nothing.py") as emulated:
        with pytest.raises(EmulatorError, match=r"can't open file .*nothing.py"):
            await run(emulated)


async def test_the_console_is_typed_on_and_stop_ends_a_ring_that_never_yields(tmp_path):
    async with ring(tmp_path, "answer.py") as emulated:
        answered = asyncio.Event()
        emulated.interpreter.on_console(lambda line: line.startswith("got") and answered.set())
        await emulated.interpreter.start()
        emulated.interpreter.write_console("key 0011")
        async with asyncio.timeout(10):
            await answered.wait()

        await emulated.interpreter.stop()
        await emulated.interpreter.wait()

    assert emulated.console == ["ready", "got key 0011"]


@pytest.mark.parametrize("stands_still", [False, True])
async def test_a_late_process_finds_no_more_at_once_than_a_radio_brings(tmp_path, stands_still):
    def flood(line):
        name, _, handle = line.partition(" ")
        if name == "handle":
            send = emulated.interpreter.channel.send
            send(topics.CONNECTED, struct.pack("<HB6s", 0, 0, bytes(6)))
            if stands_still:
                send(topics.STALL, struct.pack("<H", STANDS_STILL_MS))
            for _ in range(200):
                send(topics.WRITE, struct.pack("<HH", 0, int(handle)) + b"a record")

    async with ring(tmp_path, "many_at_once.py") as emulated:
        emulated.interpreter.on_console(flood)
        await run(emulated)

    most = int(emulated.console[-1])
    assert (most > 64) is stands_still  # what the firmware's queue takes


async def test_a_handlers_own_bug_is_not_hidden(tmp_path):
    async with ring(tmp_path, "answer.py") as emulated:
        emulated.interpreter.channel.on(0x7F, lambda _: None)
        emulated.interpreter.on_console(lambda _: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            await run(emulated)


async def test_both_recordings_end_at_the_same_sample(tmp_path):
    async with ring(tmp_path, "speak.py") as emulated:
        await run(emulated)

    sizes = {(tmp_path / f"{name}.wav").stat().st_size for name in ("microphone", "speaker")}
    assert len(sizes) == 1


@pytest.mark.parametrize(("chip", "second"), [("esp32s3", "I2S"), ("esp32c3", "invalid id")])
async def test_a_chip_has_as_many_i2s_as_it_has_and_making_one_again_ends_the_old(
    tmp_path, chip, second
):
    async with ring(tmp_path, "two_buses.py", chip=chip) as emulated:
        await run(emulated)

    another, first, same = (line.partition(": ")[2] for line in emulated.console)
    assert second in another
    assert first.startswith("[Errno 1] EPERM")
    assert ("one clock" if chip == "esp32s3" else "invalid id") in same
