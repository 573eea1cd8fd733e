"""The light tells the truth: whenever the microphone is open it is lit, whatever else happens."""

import asyncio
import json
import runpy
from dataclasses import dataclass

import numpy as np
import pytest

from mynah.emulator.wearer import LEAD_MS, Wearer
from mynah.firmware import firmware_folder
from mynah_wire.uplink import STARTED, Cursor
from tests.end_to_end.conversing import DEADLINE_S, murmur, talking

BOARD = runpy.run_path(str(firmware_folder() / "boards" / "xiao_esp32s3.py"))
LIT = 0 if BOARD["LAMP"] == "active low" else 1
TAP_MS = 100
REPLY = "it takes two seconds and more to say this in tones"
OCCASIONS = ("hold", "interruption", "tap", "lost link")


@dataclass
class Span:
    """While the microphone was open."""

    from_us: int
    to_us: int


@pytest.fixture(scope="module")
def events(folder):
    """The ring's own, of a session in which everything happens to it."""
    path = folder / "trace.jsonl"
    asyncio.run(live_through(path))
    told = [json.loads(line) for line in path.read_text().splitlines()]
    return sorted((each for each in told if each["source"] == "ring"), key=lambda each: each["us"])


@pytest.fixture(scope="module")
def spans(events):
    edges = [each for each in events if each["event"] == "microphone"]
    assert [each["on"] for each in edges] == [True, False] * (len(edges) // 2)
    return [Span(on["us"], off["us"]) for on, off in zip(edges[::2], edges[1::2], strict=True)]


async def live_through(trace):
    async with talking(REPLY, REPLY, "words", trace=trace) as them:
        wearer, world = Wearer(them.ring.world), them.ring.world
        closed = asyncio.Queue()
        them.ring.trace.listen(
            lambda event: event["event"] == "microphone" and closed.put_nowait(event["on"])
        )
        await wearer.say(murmur(0.5))
        await them.client.until(Cursor, lambda cursor: cursor.state == STARTED)
        await them.until(world.now_ms + 300)
        await wearer.say(murmur(0.5))  # while the ring speaks
        await them.turn()
        await them.turn()

        await tap(them)
        await them.until(world.now_ms + 700)
        await tap(them)
        await them.turn()

        world.press(world.now_ms + LEAD_MS)
        await them.until(world.now_ms + LEAD_MS + 300)
        them.ring.air.silence()
        await asyncio.gather(them.running, return_exceptions=True)
        await them.until(world.now_ms + 500)  # long enough for the ring to notice as well
        world.release(world.now_ms + LEAD_MS)
        async with asyncio.timeout(DEADLINE_S):
            for _ in range(2 * len(OCCASIONS)):
                await closed.get()


async def tap(them):
    start_ms = them.ring.world.now_ms + LEAD_MS
    them.ring.world.press(start_ms)
    them.ring.world.release(start_ms + TAP_MS)
    await them.until(start_ms + TAP_MS)


def test_the_microphone_was_open_on_every_occasion(spans):
    seconds = np.array([span.to_us - span.from_us for span in spans]) / 1e6

    assert len(spans) == len(OCCASIONS)
    assert (seconds > 0.4).all()


@pytest.mark.parametrize("occasion", range(len(OCCASIONS)), ids=OCCASIONS)
def test_the_lamp_is_lit_from_before_the_microphone_opens_until_it_is_closed(
    events, spans, occasion
):
    span = spans[occasion]
    lamp = [each for each in events if each["event"] == "pin" and each["pin"] == BOARD["LAMP_PIN"]]
    before = [each["value"] for each in lamp if each["us"] <= span.from_us]
    meanwhile = [each["value"] for each in lamp if span.from_us < each["us"] < span.to_us]

    assert before[-1] == LIT
    assert meanwhile == []


def test_the_lamp_is_dark_at_other_times_too_so_that_it_means_something(events, spans):
    values = [each["value"] for each in events if each.get("pin") == BOARD["LAMP_PIN"]]

    assert values.count(1 - LIT) >= len(spans)
