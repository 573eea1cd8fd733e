"""Two wearers talk on one bridge at once: each is heard and answered, neither waits long."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from mynah.beside import Beside, several
from mynah.companions.guest import Guest
from mynah.companions.parrot import Parrot
from mynah.emulator.simulated_ring import SimulatedRing
from mynah.errors import LinkError
from mynah.link.client import monotonic_ms
from mynah.link.keys import KeyStore, RingKey
from mynah.link.memory import MemoryLink
from mynah.link.place import Place, real_places
from mynah.live import Live
from mynah.speech.asr import ScriptedTranscriber
from mynah.turn.glimpse import Glimpse
from mynah.turn.machine import State
from mynah.view import View
from tests.bridge.scene import KEY, stages
from tests.bridge.virtual_time import in_virtual_time

TURNS = 5
HOLD_MS = 900
COSTS_S = 0.25  # what Whisper takes for a short turn, with one process for all


class Shared(ScriptedTranscriber):
    """One process's worth of hearing: one at a time, in order."""

    def __init__(self, texts, process):
        super().__init__(texts)
        self._process = process

    async def transcribe(self, samples, **_asked):
        async with self._process:
            await asyncio.sleep(COSTS_S)
            return await super().transcribe(samples)


class Watcher(View):
    def __init__(self):
        self.lines = []
        self.shown = []

    def turn(self, record, companion):
        self.lines.append(f"{companion} heard {record.transcript}")

    def tell(self, text):
        self.lines.append(text)

    def show(self, glimpse, ring, hint):
        self.shown.append(ring)


class Wearer:
    """A ring on a finger, and its place."""

    def __init__(self, name):
        self.name = name
        self.ring = SimulatedRing(KEY)
        self.link = MemoryLink(self.ring, KEY, delay_ms=20.0)

    @asynccontextmanager
    async def place(self):
        yield Place(self.name, self.link, lambda _glimpse: "", asyncio.Event().wait)

    async def talk(self, records, turns):
        await asyncio.sleep(1)
        for number in range(turns):
            self.ring.press(monotonic_ms())
            self.link.pump()
            await asyncio.sleep(HOLD_MS / 1000)
            self.ring.release(monotonic_ms())
            self.link.pump()
            while len(records) <= number:  # noqa: ASYNC110 - virtual time
                await asyncio.sleep(0.01)
            await asyncio.sleep(1)


async def converse(names, turns=TURNS):
    """All of them at once; the records of each, and who watched."""
    process = asyncio.Lock()
    wearers = [Wearer(name) for name in names]
    each = [
        stages(transcriber=Shared([f"{name} {n}" for n in range(turns)], process)) for name in names
    ]
    watcher, records = Watcher(), {name: [] for name in names}
    live = Live(each, "parrot", watcher, *(wearer.place for wearer in wearers))
    take = live._take

    def taken(record):
        records[record.transcript.split()[0]].append(record)
        take(record)

    live._take = taken
    running = asyncio.create_task(live.run(), name="run")
    await asyncio.gather(*(each.talk(records[each.name], turns) for each in wearers))
    live.end()
    await running
    return records, watcher


@in_virtual_time
async def test_both_converse_at_once_and_neither_starves():
    alone, _ = await converse(["ann"])
    both, watcher = await converse(["ann", "bob"])

    slowest_alone = max(record.v2v_ms for record in alone["ann"])
    for name in ("ann", "bob"):
        assert [record.heard for record in both[name]] == [f"{name} {n}" for n in range(TURNS)]
        assert {record.error for record in both[name]} == {None}
        assert max(record.v2v_ms for record in both[name]) <= slowest_alone + 2000 * COSTS_S
    turns = sorted(record.turn for records in both.values() for record in records)
    assert turns == list(range(1, 2 * TURNS + 1))
    assert watcher.lines[:2] in (["ann:", "parrot heard ann 0"], ["bob:", "parrot heard bob 0"])


@in_virtual_time
async def test_a_ring_that_is_lost_does_not_disturb_the_other():
    wearers = [Wearer("ann"), Wearer("bob")]
    each = [stages("one", "two"), stages("one", "two")]
    live = Live(each, "parrot", Watcher(), *(wearer.place for wearer in wearers))
    running = asyncio.create_task(live.run(), name="run")
    await asyncio.sleep(1)
    before = wearers[1].link.up.carried

    wearers[0].link.cut()
    await asyncio.sleep(5)

    assert wearers[1].link.up.carried > before
    assert not running.done()
    live.end()
    await running


def test_the_view_shows_whoever_began_to_talk_last():
    watcher = Watcher()
    beside = Beside(watcher)
    ann, bob = beside.of("ann"), beside.of("bob")
    quiet, hearing = (glimpse(state) for state in (State.LISTENING, State.HEARING))

    for view, name, seen in [
        (ann, "ann", quiet),
        (bob, "bob", quiet),
        (bob, "bob", hearing),
        (ann, "ann", quiet),
        (bob, "bob", quiet),
        (ann, "ann", hearing),
    ]:
        view.show(seen, name, "")

    assert watcher.shown == ["ann", "bob", "bob", "ann"]


def glimpse(state):
    from mynah.turn.record import LinkFigures

    return Glimpse(state, 1, "", "", "", None, None, 0.0, None, LinkFigures())


def test_lines_say_whose_they_are():
    watcher = Watcher()
    watcher.trouble = watcher.tell

    Beside(watcher).of("ann").trouble("it is asleep")

    assert watcher.lines == ["ann: it is asleep"]


def test_each_wearer_has_a_companion_and_habits_of_their_own_and_the_same_models():
    made = stages("one")
    first, second = several(made, [made.companion, Guest("parrot", Parrot())])

    assert first.companion is made.companion is not second.companion
    assert first.patience is not second.patience
    assert first.synthesizer is second.synthesizer
    assert first.pace is second.pace


def test_of_one_alone_nothing_is_made_anew():
    made = stages("one")

    assert several(made, [made.companion]) == [made]


class Ending(ScriptedTranscriber):
    stops = 0

    async def stop(self):
        self.stops += 1


@in_virtual_time
async def test_the_last_to_go_ends_the_models():
    ears = Ending([])
    made = stages(transcriber=ears)
    first, second = several(made, [made.companion, Guest("parrot", Parrot())])

    for each, stops in [(first, 0), (first, 0), (second, 1)]:
        await each.stop()
        assert ears.stops == stops


@pytest.mark.parametrize("name", ["ann", "bob"])
@in_virtual_time
async def test_one_alone_is_shown_without_a_name(name):
    _, watcher = await converse([name], turns=1)

    assert watcher.lines == [f"parrot heard {name} 0"]


@pytest.fixture
def store(tmp_path):
    store = KeyStore(tmp_path)
    for number in (1, 2):
        store.keep(RingKey(device_id(number), bytes([number] * 32)))
    return store


def device_id(number):
    return f"f09e9e{number:06x}0000"


@pytest.mark.parametrize(
    ("uris", "names"),
    [
        (["ble:"], ["ring 000001", "ring 000002"]),
        (["ble:", "ble:f09e9e0000010000"], ["ring 000001", "ring 000002"]),
        (["ble:f09e9e0000020000"], ["ring 000002"]),
        (
            ["serial:/dev/ttyACM0", "ble:"],
            ["ring serial:/dev/ttyACM0", "ring 000001", "ring 000002"],
        ),
        (["ble:unknown"], ["ring ble:unknown"]),
        ([], []),
    ],
)
async def test_each_ring_that_is_paired_and_wanted_has_one_place(store, uris, names):
    found = []
    for open_place in real_places(uris, store):
        async with open_place() as place:
            found.append(place.name)

    assert found == names


async def test_without_a_paired_ring_there_is_one_place_which_says_so(tmp_path):
    (open_place,) = real_places(["ble:"], KeyStore(tmp_path))
    async with open_place() as place:
        with pytest.raises(LinkError, match="mynah pair"):
            await place.link.open()
