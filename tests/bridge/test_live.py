"""A live conversation goes on whatever happens to the ring, until the person ends it."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from mynah.emulator.simulated_ring import SimulatedRing
from mynah.errors import EmulatorError, LinkError, ModelError
from mynah.link.client import monotonic_ms
from mynah.link.keys import data_folder
from mynah.link.last_trouble import LastTrouble
from mynah.link.memory import MemoryLink
from mynah.link.place import Place
from mynah.link.supervisor import State
from mynah.link.trouble import TROUBLES, Kind, told
from mynah.live import STARTS, Live
from mynah.view import View
from mynah_device import talk
from tests.bridge.scene import HOLD_MS, KEY, stages
from tests.bridge.virtual_time import in_virtual_time

TAP_MS = 100
SOON_MS = 10_000  # with the next turn; by itself the ring would wait for 60 s


class Watcher(View):
    def __init__(self):
        self.turns = []
        self.troubles = []
        self.states = []
        self.rings = []
        self.is_ready = False

    def ready(self):
        self.is_ready = True

    def turn(self, record, companion):
        self.turns.append(record)

    def trouble(self, text):
        self.troubles.append(text)

    def show(self, glimpse, ring, hint):
        self.rings.append(ring)
        if glimpse is not None:
            self.states.append(glimpse.state)


class Far(MemoryLink):
    """A link that can't be opened for as long as there are errors for it."""

    def __init__(self, errors, *arguments, **options):
        super().__init__(*arguments, **options)
        self.errors = errors
        self.opened = 0

    async def open(self):
        self.opened += 1
        if self.errors:
            raise self.errors.pop(0)
        return await super().open()


class Room:
    """A place with a ring, to be found again and again."""

    def __init__(self, *words, errors=(), far=(), expected=False):
        self.watcher = Watcher()
        self.tidied = []  # after how many turns
        self.live = Live(
            stages(*words),
            "parrot",
            self.watcher,
            self.open,
            chance=lambda: 0.0,
            tidy=lambda: self.tidied.append(len(self.watcher.turns)),
        )
        self.ring = SimulatedRing(KEY, clock_ms=12345)
        self.errors = list(errors)
        self.far = list(far)
        self.expected = expected
        self.opened = 0
        self.gone = asyncio.get_running_loop().create_future()

    @asynccontextmanager
    async def open(self):
        self.opened += 1
        if self.errors:
            raise self.errors.pop(0)
        self.gone = asyncio.get_running_loop().create_future()
        self.link = Far(self.far, self.ring, KEY, delay_ms=20.0)
        yield Place("a ring", self.link, lambda glimpse: "talk", lambda: self.gone, self.expected)

    async def hold(self, ms):
        await self.until(lambda: self.watcher.states and self.live.states == [State.RUN])
        self.ring.press(monotonic_ms())
        self.link.pump()
        await asyncio.sleep(ms / 1000)
        self.ring.release(monotonic_ms())
        self.link.pump()

    async def say(self):
        """Hold the button for a while, and have the reply."""
        turns = len(self.watcher.turns)
        await self.hold(HOLD_MS)
        await self.until(lambda: len(self.watcher.turns) > turns)
        return self.watcher.turns[-1]

    async def until(self, condition):
        while not condition():  # noqa: ASYNC110 - virtual time: it costs nothing to look again
            await asyncio.sleep(0.01)


@asynccontextmanager
async def room(*words, **arguments):
    place = Room(*words, **arguments)
    running = asyncio.create_task(place.live.run(), name="run")
    try:
        yield place
        place.live.end()
        await running
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


@in_virtual_time
async def test_a_turn_is_told_and_all_of_it_was_seen():
    async with room("good morning") as place:
        record = await place.say()

    assert (record.turn, record.heard, record.error) == (1, "good morning", None)
    assert list(dict.fromkeys(place.watcher.states)) == [
        "listening",
        "hearing",
        "speaking",  # the answer was ready: nothing is to be seen of "committed"
    ]
    assert place.live.summary == f"1 turn, answered within {record.v2v_ms:.0f} ms"
    assert place.tidied == [1]


@in_virtual_time
async def test_a_ring_that_went_is_back_at_once_and_the_turns_are_counted_on():
    async with room("one", "two") as place:
        await place.say()
        began_ms = monotonic_ms()
        place.watcher.states.clear()
        place.link.cut("the ring went out of reach")
        await place.until(lambda: place.watcher.states)
        waited_ms = monotonic_ms() - began_ms
        record = await place.say()

    assert place.watcher.troubles == [told(Kind.AWAY)]
    assert "the ring is out of reach" in place.watcher.rings
    assert waited_ms < 500  # a handshake, and no wait
    assert (place.opened, place.link.opened) == (1, 2)
    assert (record.turn, record.heard) == (2, "two")


@in_virtual_time
async def test_a_microphone_that_a_tap_left_open_is_closed_soon_and_what_it_heard_is_answered():
    async with room("heard") as place:
        await place.hold(TAP_MS)
        await asyncio.sleep(0.5)
        assert place.ring.core.talk.state == talk.OPEN
        place.link.cut()
        await place.until(lambda: place.link.opened == 2)
        place.watcher.states.clear()
        await place.until(lambda: place.watcher.states)
        began_ms = monotonic_ms()
        await place.until(lambda: place.ring.core.talk.state == talk.QUIET)
        closed_ms = monotonic_ms()
        await place.until(lambda: place.watcher.turns and place.watcher.turns[-1].heard)

    assert closed_ms - began_ms < SOON_MS
    assert place.watcher.turns[-1].heard == "heard"


@in_virtual_time
async def test_a_stack_that_stays_stalled_is_tried_ever_more_seldom_and_told_of_once():
    errors = [LinkError("Bluetooth does not answer") for _ in range(8)]
    async with room(far=errors) as place:
        await place.until(lambda: place.watcher.states)
        waited_s = monotonic_ms() / 1000

    first_s, most_s = (
        TROUBLES[Kind.STALLED].first_ms / 1000,
        TROUBLES[Kind.STALLED].most_ms / 1000,
    )
    waits_s = [min(first_s * 2**n, most_s) for n in range(8)]
    assert waited_s == pytest.approx(sum(waits_s), abs=1)
    assert place.watcher.troubles == [told(Kind.STALLED)]


@in_virtual_time
async def test_a_ring_that_has_no_place_is_tried_ever_more_seldom():
    async with room(errors=[LinkError("the cable is used by another")] * 4) as place:
        await place.until(lambda: place.watcher.states)
        waited_s = monotonic_ms() / 1000

    assert waited_s == pytest.approx(1 + 2 + 4 + 8, abs=1)


@in_virtual_time
async def test_what_is_wrong_with_a_ring_is_kept_for_doctor_until_it_is_well():
    store = LastTrouble(data_folder())
    async with room("one", far=[LinkError("Bluetooth does not answer")]) as place:
        await place.until(lambda: place.watcher.troubles)
        before = store.read()
        await place.until(lambda: not store.read())

    assert before == {"a ring": Kind.STALLED}


@in_virtual_time
async def test_what_no_trying_mends_ends_it_at_once():
    place = Room(far=[LinkError("no key", retryable=False)])

    with pytest.raises(LinkError, match="no key"):
        await place.live.run()

    assert place.opened == 1


@in_virtual_time
async def test_a_cable_that_a_service_expects_is_told_of_once_and_waited_for():
    away = [LinkError("no port /dev/ttyACM0", retryable=False) for _ in range(5)]
    async with room("one", far=away, expected=True) as place:
        record = await place.say()

    assert (record.heard, place.link.opened) == ("one", 6)
    assert [line for line in place.watcher.troubles if "no port" in line] == [
        "no port /dev/ttyACM0: plug the ring in again"
    ]


@in_virtual_time
async def test_an_emulated_ring_that_never_starts_ends_it():
    place = Room(errors=[EmulatorError("no interpreter")] * STARTS)

    with pytest.raises(EmulatorError, match="no interpreter"):
        await place.live.run()

    assert place.opened == STARTS


@in_virtual_time
async def test_an_emulated_ring_that_dies_now_and_then_does_not():
    async with room("on and on") as place:
        for number in range(STARTS + 1):
            place.watcher.states.clear()
            await place.until(lambda: place.watcher.states)
            place.gone.set_exception(EmulatorError(f"death {number}"))
            await place.until(lambda: place.gone.done() is False)
        record = await place.say()

    assert record.heard == "on and on"


class Unloadable:
    async def start(self):
        raise ModelError("tiny.en is not here: run `mynah models get tiny.en`")

    async def stop(self):
        pass


@in_virtual_time
async def test_a_model_that_is_missing_ends_it_with_the_next_step():
    place = Room()
    place.live._rings[0].stages.transcriber = Unloadable()

    with pytest.raises(ModelError, match="mynah models get"):
        await place.live.run()


class NoWhere(MemoryLink):
    """Of a ring that sleeps until its button is pressed: it is looked for, and that takes long."""

    async def open(self):
        await asyncio.Event().wait()


@in_virtual_time
async def test_it_is_ready_when_the_models_are_though_the_ring_sleeps():
    watcher = Watcher()

    @asynccontextmanager
    async def at_home():
        yield Place(
            "a ring", NoWhere(SimulatedRing(KEY), KEY), lambda glimpse: "", asyncio.Event().wait
        )

    live = Live(stages(), "parrot", watcher, at_home)
    running = asyncio.create_task(live.run())
    await asyncio.sleep(5)
    live.end()
    await running

    assert watcher.is_ready
    assert watcher.turns == []
