"""A ring in deep sleep: a press wakes it, and what is said then is answered, once."""

import asyncio
import shutil
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from mynah.companions.guest import Guest
from mynah.companions.parrot import Parrot
from mynah.emulator.emulated import emulated
from mynah.emulator.ending import DEEP_SLEEP, POWER_ON
from mynah.emulator.wearer import Wearer
from mynah.firmware import firmware_folder
from mynah.returning import Returning
from mynah.speech.asr import ScriptedTranscriber
from mynah.speech.tts import ToneSynthesizer
from mynah.stages import Stages
from mynah.view import View
from mynah_device.power import LOOK_AGAIN_MS
from tests.end_to_end.conversing import DEADLINE_S, murmur

LAMP_PIN, LIT = 21, 0  # the XIAO's own
# Here a start takes 0.1 s. Not measured on hardware: a chip's own comes on top, and what is said
# in it is lost.
LONGEST_START_US = 2_000_000
BOARD = "xiao_esp32s3"
TAP_MS = 5  # here a start takes less than a person's
AWAKE_MS = 1500  # instead of minutes
AMPLIFIER_PINS = {"xiao_esp32c3": 7, "xiao_esp32c6": 21}  # neither has power in deep sleep


@dataclass
class Sleeper:
    """A ring that soon sleeps, and the bridge that waits for it."""

    ring: object
    turns: asyncio.Queue
    touches: asyncio.Queue
    events: list = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def heed(self, event):
        self.events.append(event)
        self.news.set()

    def named(self, name, **fields):
        return [
            event
            for event in self.events
            if event["event"] == name and event.items() >= fields.items()
        ]

    async def until(self, name, times=1, **fields):
        async with asyncio.timeout(DEADLINE_S):
            while len(found := self.named(name, **fields)) < times:
                self.news.clear()
                await self.news.wait()
        return found[times - 1]

    def until_heard_us(self):
        """From the first wake to the first sample, by when the light is on."""
        woke = self.named("restart", cause=DEEP_SLEEP)[0]["us"]
        opened = self.named("microphone", on=True)[0]["us"]
        lit = self.named("pin", pin=LAMP_PIN, value=LIT)
        assert any(woke < event["us"] <= opened for event in lit)
        return opened - woke

    def tap(self):
        now_ms = self.ring.world.now_ms
        self.ring.world.press(now_ms)
        self.ring.world.release(now_ms + TAP_MS)

    async def next(self, queue):
        async with asyncio.timeout(DEADLINE_S):
            return await queue.get()


def sleepy_firmware(folder, name):
    """The firmware as it is, for a board that has no patience."""
    shutil.copytree(firmware_folder(), folder, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    with (folder / "boards" / f"{name}.py").open("a") as board:
        board.write(f"AWAKE_MS = ({AWAKE_MS}, {AWAKE_MS}, {AWAKE_MS})\n")
    return folder


@asynccontextmanager
async def sleeper(folder, *texts, board=BOARD):
    stages = Stages(ScriptedTranscriber(texts), Guest("parrot", Parrot()), ToneSynthesizer())
    turns, touches = asyncio.Queue(), asyncio.Queue()
    stages.on_touch = touches.put_nowait
    place = f"emulator:?board={board}"
    async with emulated(place, firmware=sleepy_firmware(folder, board)) as on:
        slept = Sleeper(on.ring, turns, touches)
        on.ring.trace.listen(slept.heed)
        bridge = Returning(on.place(), stages, turns.put_nowait, View())
        running = asyncio.create_task(bridge.run(patient=True))
        try:
            yield slept
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


async def test_a_press_wakes_it_and_nothing_that_is_said_is_lost_or_answered_twice(tmp_path):
    """One story: each start of the ring and its bridge takes seconds."""
    async with sleeper(tmp_path / "firmware", "one", "two", "three") as them:
        await them.until("asleep")
        await Wearer(them.ring.world).say(murmur(0.6))
        near = await them.next(them.turns)

        them.ring.air.silence()
        await Wearer(them.ring.world).say(murmur(0.6))
        await them.until("asleep", times=2)
        them.ring.cut_power()
        await them.until("restart", cause=POWER_ON)
        them.ring.air.restore()
        far = await them.next(them.turns)

        await them.until("asleep", times=3)
        them.tap()
        tap = await them.next(them.touches)

    assert [(turn.error, turn.transcript) for turn in (near, far)] == [(None, "one"), (None, "two")]
    assert far.late_s is not None
    assert them.turns.empty()
    assert tap.name == "tap"
    assert len(them.named("microphone", on=True)) == len((near, far))  # the tap opened none
    assert [event["ms"] for event in them.named("deepsleep")] == [None, LOOK_AGAIN_MS, None]
    assert 0 < them.until_heard_us() < LONGEST_START_US


async def amplifier(folder, board, pin):
    """What this board's pin did, from its first sleep to the end of the first reply."""
    async with sleeper(folder, "one", board=board) as them:
        asleep = await them.until("deepsleep")
        await Wearer(them.ring.world).say(murmur(0.6))
        on = await them.until("pin", pin=pin, value=1)
        times = len(them.named("pin", pin=pin, value=0)) + 1
        turn = await them.next(them.turns)
        off = await them.until("pin", times=times, pin=pin, value=0)
    woke, sounded = them.named("restart", cause=DEEP_SLEEP)[0], them.named("speaker", on=True)[0]
    return turn.error, asleep["held"].get(str(pin)), [at["us"] for at in (woke, on, sounded, off)]


async def test_its_amplifier_is_off_while_it_sleeps_and_speaks_when_it_is_awake(tmp_path):
    """Side by side: each mostly waits."""
    boards = AMPLIFIER_PINS.items()
    for error, held, moments in await asyncio.gather(
        *(amplifier(tmp_path / board, board, pin) for board, pin in boards)
    ):
        assert error is None
        assert held == 0
        assert moments == sorted(moments)
