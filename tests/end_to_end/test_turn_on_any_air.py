"""Nothing is assumed of the link: short and long intervals, a small MTU, a crowded room."""

import asyncio

import pytest

from tests.end_to_end.conversing import murmur, talking

RINGS_AT_ONCE = 2  # each turn is in real time, and other tests' commands run beside it

REPLY = "all of this is said back in tones"

AIR = {
    "shortest_interval": "interval=7.5",
    "long_interval": "interval=60",
    "smallest_mtu_for_audio": "mtu=185",
    "largest_mtu": "mtu=517",
    "a_fifth_is_lost": "loss=0.2&supervision=2000",
    "fast_phy": "interval=15&phy=2",
}


@pytest.fixture(scope="module")
def records(folder):
    """A turn on each kind of air. They mostly wait, so some wait together."""
    return asyncio.run(talk_everywhere())


async def talk_everywhere():
    room = asyncio.Semaphore(RINGS_AT_ONCE)

    async def talk_on(name):
        async with room, talking(REPLY, link=f"emulator:{name}?{AIR[name]}") as them:
            return await them.say(murmur(1.5))

    return dict(zip(AIR, await asyncio.gather(*map(talk_on, AIR)), strict=True))


@pytest.mark.parametrize("name", AIR)
def test_a_turn_is_whole_on_any_air(records, name):
    record = records[name]

    assert (record.error, record.heard) == (None, REPLY)
    assert (record.link.lost_frames, record.link.underruns) == (0, 0)


def test_the_link_is_reported_as_it_is(records):
    got = {name: (record.link.interval_ms, record.link.mtu) for name, record in records.items()}

    assert got == {
        "shortest_interval": (7.5, 247),
        "long_interval": (60.0, 247),
        "smallest_mtu_for_audio": (30.0, 185),
        "largest_mtu": (30.0, 247),  # the ring's own limit
        "a_fifth_is_lost": (30.0, 247),
        "fast_phy": (15.0, 247),
    }
