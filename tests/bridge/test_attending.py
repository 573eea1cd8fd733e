"""What happens beside the turns of a live conversation."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from mynah.attending import CARE, LOOK_S, Attending
from mynah.care.caring import Caring
from mynah.companions.base import Capabilities, Touch
from mynah.companions.guest import Guest
from mynah.companions.home import Home
from mynah.config import parse
from mynah.link.client import monotonic_ms
from tests.bridge.scene import stages as stages_of
from tests.bridge.scene import started, well
from tests.bridge.virtual_time import in_virtual_time

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


class Friend:
    """Parrots, answers touches, and thinks back."""

    capabilities = Capabilities(touched=True)

    def __init__(self):
        self.asked = []

    async def reply(self, said):
        self.asked.append(said)
        yield said.text or "Here I am."

    async def close(self):
        pass


class Thoughts:
    """A mind that is lost in thought until it is called back."""

    meter = None

    def __init__(self):
        self.begun = 0
        self.cancelled = 0

    async def idle(self, _now, _ask, *, quiet):
        self.begun += 1
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise

    def remember(self, said, text, by):
        pass

    async def close(self):
        pass


@pytest.fixture(autouse=True)
def _folder(tmp_path, monkeypatch):
    monkeypatch.setenv("MYNAH_DATA", str(tmp_path))


def scene_of(*texts, mind=None, companion=None):
    made = stages_of(*texts)
    made.companion = Home(Guest("here", companion or Friend()), Caring(None), mind=mind)
    return made


def attending(made, pace=1, **care):
    """`pace`: how much faster than the conversation the day goes."""

    def clock():
        return NOON + pace * timedelta(milliseconds=monotonic_ms())

    return Attending(made, parse({"care": care}, "here"), clock, lambda: 0.5)


async def turns_of(scene, attended, count):
    """As `mynah run` tells them."""
    records = []
    while len(records) < count:
        records.append(await scene.turn())
        attended.turn(records[-1])
    return records


@in_virtual_time
async def test_that_it_is_an_ai_is_said_after_the_first_turn_and_not_again():
    made = scene_of("hello", "and again")
    attended = attending(made)
    async with started(made) as scene:
        await scene.hold()
        first, notice = await turns_of(scene, attended, 2)
        await scene.hold()
        (second,) = await turns_of(scene, attended, 1)
        again = attending(made)
        await scene.hold()
        await turns_of(scene, again, 1)

    assert (first.transcript, second.transcript) == ("hello", "and again")
    assert (notice.occasion, notice.answered_by) == (CARE, CARE)
    assert "is an AI" in notice.heard
    assert not made.occasions.take()


@in_virtual_time
async def test_whoever_does_not_want_it_is_not_reminded():
    made = scene_of("hello")
    attended = attending(made, reminders=False)
    async with started(made) as scene:
        await scene.hold()
        await turns_of(scene, attended, 1)

    assert made.occasions.take() is None


@in_virtual_time
async def test_two_taps_call_the_companion():
    friend = Friend()
    made = scene_of("hello", companion=friend)
    attended = attending(made)
    async with started(made) as scene:
        made.touched(Touch("double_tap", "[ring] two taps"))
        (record,) = await turns_of(scene, attended, 1)

    assert (record.occasion, record.heard) == ("summon", "Here I am.")
    assert "tapped twice" in friend.asked[0].ring


@in_virtual_time
async def test_a_whisper_is_felt_and_not_heard():
    made = scene_of("hello")
    attended = attending(made, pace=60, reminders=False, quiet="00:00-00:00")
    async with started(made) as scene:
        await scene.hold()
        await turns_of(scene, attended, 1)
        running = asyncio.create_task(attended.run())
        (whisper,) = await turns_of(scene, attended, 1)
        running.cancel()

    assert (whisper.occasion, whisper.heard, whisper.felt) == ("whisper", "", ["heartbeat"])


@in_virtual_time
async def test_who_talks_calls_it_back_from_its_thoughts():
    mind = Thoughts()
    made = scene_of("the next turn works", mind=mind)
    attended = attending(made, reminders=False)
    async with started(made) as scene:
        running = asyncio.create_task(attended.run())
        await asyncio.sleep(LOOK_S * 1.5)
        assert (mind.begun, mind.cancelled) == (1, 0)
        await well(scene)
        assert mind.cancelled == 1
        running.cancel()


@in_virtual_time
async def test_a_ritual_that_fails_does_not_end_the_conversation():
    made = scene_of("hello")
    attended = attending(made)
    attended._rituals.tick = lambda _now, _chance: 1 / 0
    async with started(made):
        running = asyncio.create_task(attended.run())
        await asyncio.sleep(LOOK_S * 3)
        assert not running.done()
        running.cancel()


@pytest.mark.parametrize("noted", ["", "{}", "[1]", '{"noticed_ms": "x"}', "[" * 100_000])
@in_virtual_time
async def test_whatever_was_noted_it_can_begin(noted, tmp_path):
    (tmp_path / "care.json").write_text(noted)

    attending(scene_of("hello"))
