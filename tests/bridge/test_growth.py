"""What a soak holds from minute to minute: what counts of it, and of whom."""

from math import inf
from random import Random
from types import SimpleNamespace

import pytest

from mynah.faults.plan import parse
from mynah.reliability.census import Census, Children
from mynah.reliability.growth import BRIDGE, HOUR_S, RING, RING_WARM_S, WARM_S, WARM_SHARE, Growth
from mynah.reliability.soak import FAULTS


async def test_growth_is_told_of_everything_that_may_not_grow():
    growth = Growth()
    for _ in range(6):
        growth.look(1000)
    figures = {each["what"]: each for each in growth.figures()}

    assert {BRIDGE, "tasks", "open files", "sockets"} <= set(figures)
    assert figures["tasks"]["within_noise"]


def grown(kib_at, what=BRIDGE, life_s=HOUR_S):
    """Figures of an hour, looked at every five seconds; a child lives for so long."""
    moment = SimpleNamespace(now_s=0.0)

    def look():
        kib, process = kib_at(moment.now_s), 1 + int(moment.now_s // life_s)
        names = ("micropython", "asr_worker")
        return Census(kib, {name: Children(kib, (process,)) for name in names}, 1, 1, 1)

    growth = Growth(lambda: moment.now_s, look)
    for second in range(0, 3610, 5):  # the last minute is broken off after two looks
        moment.now_s = float(second)
        growth.look(kib_at(moment.now_s))
    return {each["what"]: each for each in growth.figures()}[what]


def test_of_a_minute_neither_the_least_nor_the_most_that_was_seen_counts():
    """A decode takes 20 to 40 MB for a moment, and a voice that settles gives as much back."""

    def kib(now_s):
        return 50_000 + 20_000 * (now_s % 60 > 20) - 20_000 * (now_s % 60 < 10)

    figures = grown(kib)

    assert (figures["per_hour"], figures["first"], figures["last"]) == (0, 50_000, 50_000)


def test_a_minute_that_is_broken_off_does_not_count():
    figures = grown(lambda now_s: 50_000 + 40_000 * (now_s >= 3600))

    assert (figures["per_hour"], figures["last"]) == (0, 50_000)


def test_what_grows_by_the_minute_is_seen():
    figures = grown(lambda now_s: 50_000 + int(now_s))

    assert figures["per_hour"] == pytest.approx(3600, rel=0.01)
    assert not figures["within_noise"]


def test_each_minute_can_be_looked_at_afterwards():
    minutes = grown(lambda now_s: 50_000 + int(now_s) // 60)["minutes"]

    assert [(each["minute"], each["held"]) for each in minutes] == [
        (minute, 50_000 + minute) for minute in range(61)
    ]
    assert [each["minute"] for each in minutes if each["counts"]] == list(range(30, 60))


def test_what_is_found_in_the_first_half_is_no_growth_and_what_goes_on_is():
    settles = grown(lambda now_s: 50_000 + 10 * min(int(now_s) // 60, 29))
    goes_on = grown(lambda now_s: 50_000 + 10 * (int(now_s) // 60))

    assert settles["within_noise"]
    assert not goes_on["within_noise"]


@pytest.mark.parametrize(
    "kib_at",
    [
        lambda now_s: 50_000 + 20_000 * (now_s > 2000),
        lambda now_s: 50_000 + max(0, int(now_s) - 2600) * 20,
    ],
    ids=["a jump", "late"],
)
def test_what_noise_would_hide_is_not_said_to_be_flat(kib_at):
    figures = grown(kib_at)

    assert not (figures["within_noise"] and figures["seen"])


def test_a_worker_counts_once_it_is_warm_and_the_rings_interpreter_at_once():
    def kib(now_s):
        return 50_000 + min(int(now_s % 1800), 1500)

    assert grown(kib, "asr_worker, KiB", life_s=1800)["per_hour"] == 0
    assert grown(kib, "micropython, KiB", life_s=1800)["per_hour"] > 1000


def test_a_worker_that_never_lives_long_says_nothing():
    assert grown(lambda _now_s: 50_000, "asr_worker, KiB", life_s=600)["error_per_hour"] == inf


def test_a_leak_of_the_rings_heap_is_seen_though_its_power_is_cut():
    """It begins anew each time."""
    figures = grown(lambda now_s: 966_000 + 40 * int(now_s % 1500), RING, life_s=1500)

    assert figures["per_hour"] == pytest.approx(40 * 3600, rel=0.05)
    assert not figures["within_noise"]


def test_the_more_lines_move_the_surer_each_must_be():
    def noise(tasks_at):
        moment = SimpleNamespace(now_s=0.0)
        chance = Random(1)
        growth = Growth(
            lambda: moment.now_s,
            lambda: Census(50_000 + chance.randrange(20), {}, tasks_at(moment.now_s), 1, 1),
        )
        for second in range(0, 3610, 5):
            moment.now_s = float(second)
            growth.look()
        return growth.figures()[0]["noise_per_hour"]

    alone, beside = noise(lambda _now_s: 7), noise(lambda now_s: 7 + int(now_s) // 60 % 2)

    assert beside > 1.1 * alone > 0


@pytest.mark.parametrize(("ends", "warm_s"), [("power_cut", RING_WARM_S), ("worker_kill", WARM_S)])
def test_of_two_hours_the_half_that_is_judged_is_one_life_of_each(ends, warm_s):
    ended_s = [fault.when.at / 1000 for fault in parse(FAULTS).named(ends)]

    assert ended_s
    assert max(ended_s) + warm_s < WARM_SHARE * 2 * HOUR_S
