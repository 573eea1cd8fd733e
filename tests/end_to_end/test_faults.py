"""Faults of an emulated ring: its flash, its power, its air; and a whole story under a plan."""

import asyncio
import json
import struct
from dataclasses import replace

import pytest

from mynah.audio import SPEECH_HZ
from mynah.audio.files import write_wav
from mynah.cli import invoke
from mynah.companions.guest import Guest
from mynah.companions.parrot import Parrot
from mynah.config import Settings
from mynah.emulator.chip import _topics as topics
from mynah.emulator.interpreter import ChipSettings, Interpreter
from mynah.faults.plan import parse
from mynah.scripted import Script, converse
from mynah.speech.asr import ScriptedTranscriber
from mynah.speech.tts import ToneSynthesizer
from mynah.stages import Stages
from mynah.view import View
from tests.end_to_end.conversing import DEADLINE_S, murmur
from tests.end_to_end.test_emulated_chip import BUFFER_FRAMES, SCRIPTS, ring, run

USERS_MISTAKE = 2
RECORD_BYTES = 100
TORN = 300  # thousandths
STALL_MS = 300
DMA_MS = 128


async def write_flash(folder, writes):
    """What is in the flash when the script wrote three records and renamed their file."""
    for name in ("microphone.raw", "speaker.raw"):
        (folder / name).write_bytes(b"")
    flash = folder / "flash"
    flash.mkdir()
    chip = ChipSettings(0, folder / "microphone.raw", folder / "speaker.raw", folder / "nvs.json")
    faults = json.dumps({"stall_ms": 0, "writes": writes})
    chip = replace(chip, flash_faults=faults)
    interpreter = Interpreter(SCRIPTS, chip, flash, script="write_flash.py")
    cut = asyncio.Event()
    interpreter.channel.on(topics.POWER_CUT, lambda _body: cut.set())
    await interpreter.start()
    ended = asyncio.create_task(interpreter.wait())
    without = asyncio.create_task(cut.wait())
    async with asyncio.timeout(DEADLINE_S):
        await asyncio.wait({ended, without}, return_when=asyncio.FIRST_COMPLETED)
    await interpreter.kill()
    await ended
    without.cancel()
    return {path.name: path.stat().st_size for path in flash.iterdir()}


@pytest.mark.parametrize(
    ("writes", "left"),
    [
        ([], {"second": 3 * RECORD_BYTES}),
        ([[1, "cut", TORN]], {"first": 30}),
        ([[3, "cut", TORN]], {"first": RECORD_BYTES + 30}),  # the first was flushed
        ([[4, "cut", TORN]], {"first": RECORD_BYTES + 30}),  # the second was not yet
        ([[8, "cut", TORN]], {"first": 3 * RECORD_BYTES}),
        ([[8, "cut", 1000 - TORN]], {"second": 3 * RECORD_BYTES}),
    ],
    ids=["whole", "first write", "second write", "second flush", "not renamed", "renamed"],
)
async def test_a_power_cut_tears_the_write_it_meets_and_spares_what_was_flushed(
    tmp_path, writes, left
):
    assert await write_flash(tmp_path, writes) == left


async def test_a_chip_that_stands_still_hears_nothing_meanwhile(tmp_path):
    async with ring(tmp_path, "listen.py") as emulated_ring:

        def stand_still(event):
            if event["event"] == "microphone" and event["on"]:
                emulated_ring.interpreter.channel.send(topics.STALL, struct.pack("<H", STALL_MS))

        emulated_ring.world._trace.listen(stand_still)
        await run(emulated_ring)

    first, _ = emulated_ring.named("i2s_overrun")  # the second is the script's own pause
    assert first["lost_frames"] >= (STALL_MS - DMA_MS) * SPEECH_HZ // 1000 - 2 * BUFFER_FRAMES


class Watcher(View):
    def __init__(self):
        self.turns, self.troubles = [], []

    def turn(self, record, _companion):
        self.turns.append(record)

    def trouble(self, text):
        self.troubles.append(text)


async def tell_story(folder, plan, *texts):
    paths = tuple(folder / f"{number}.wav" for number in range(3))
    for path in paths:
        write_wav(path, murmur(0.6))
    stages = Stages(ScriptedTranscriber(texts), Guest("parrot", Parrot()), ToneSynthesizer())
    watcher = Watcher()
    async with asyncio.timeout(DEADLINE_S):
        script = Script(paths, Settings(), folder, stages, parse(plan))
        code = await converse(script, watcher)
    return code, watcher


async def test_a_story_goes_on_whatever_the_plan_does_to_it(tmp_path):
    plan = (
        "seed=7 mtu=200 interval@1ms=7.5ms disconnect@turn=1 power_cut@write=4 "
        "outage@turn=2=700ms enomem@frame=5=10 companion@turn=3=500"
    )

    code, watcher = await tell_story(tmp_path, plan, "two", "three")

    lost, late, refused = watcher.turns
    assert (lost.error, lost.heard) == ("the ring lost its power while this was said", "")
    assert (late.error, late.heard, late.input) == (None, "two", str(tmp_path / "1.wav"))
    assert late.late_s is not None
    assert refused.error == "the companion answered 500, as planned: companion@turn=3=500"
    assert (refused.link.mtu, refused.link.interval_ms) == (200, 7.5)
    assert (code, watcher.troubles) == (1, [f"to repeat it: --faults '{plan}'"])
    assert sorted(told(tmp_path, "fault")) == sorted(plan.split()[2:])
    assert len(told(tmp_path, "enomem")) >= 10


def told(folder, name):
    """What the trace has of these events."""
    events = map(json.loads, (folder / "trace.jsonl").read_text().splitlines())
    return [each.get("fault") for each in events if each["event"] == name]


def test_a_plan_that_is_wrong_ends_the_command_before_anything_begins(capsys):
    assert invoke(["talk", "clip.wav", "--faults", "dorp=1%"]) == USERS_MISTAKE
    assert "no fault is called 'dorp'; did you mean drop?" in capsys.readouterr().err


def test_the_faults_can_be_listed(capsys):
    assert invoke(["talk", "--faults", "help"]) == 0
    assert "power_cut@write=17" in capsys.readouterr().out
