"""What a soak holds from minute to minute: what counts of it, and of whom."""

from math import inf
from types import SimpleNamespace

import pytest

from mynah.reliability.census import Census, Children
from mynah.reliability.growth import BRIDGE, HOUR_S, Growth


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
        growth.look()
    return {each["what"]: each for each in growth.figures()}[what]


def test_of_a_minute_the_second_least_that_was_seen_counts():
    """A decode takes 20 to 40 MB for a moment, and a voice that settles gives as much back."""

    def kib(now_s):
        return 50_000 + int(now_s) * 10 * (now_s % 60 > 5) - 20_000 * (now_s % 300 == 0)

    figures = grown(kib)

    assert figures["per_hour"] == pytest.approx(0, abs=100)
    assert min(figures["first"], figures["last"]) >= 50_000


def test_a_worker_counts_once_it_is_warm_and_the_rings_interpreter_at_once():
    def kib(now_s):
        return 50_000 + min(int(now_s % 1800), 1500)

    assert grown(kib, "asr_worker, KiB", life_s=1800)["per_hour"] == 0
    assert grown(kib, "micropython, KiB", life_s=1800)["per_hour"] > 1000


def test_a_worker_that_never_lives_long_says_nothing():
    assert grown(lambda _now_s: 50_000, "asr_worker, KiB", life_s=600)["error_per_hour"] == inf


def test_a_minute_that_is_broken_off_does_not_count():
    figures = grown(lambda now_s: 50_000 + 40_000 * (now_s >= 3600))

    assert (figures["per_hour"], figures["last"]) == (0, 50_000)


def test_what_grows_by_the_minute_is_seen():
    figures = grown(lambda now_s: 50_000 + int(now_s))

    assert figures["per_hour"] == pytest.approx(3600, rel=0.01)
    assert not figures["within_noise"]
