"""A scripted conversation's verdicts: which turn answers a recording, and when no more can come."""

import asyncio

import pytest

from mynah.link.client import monotonic_ms
from mynah.scripted import QUIET_MS, Spoken
from mynah.turn.glimpse import Glimpse
from mynah.turn.machine import State
from mynah.turn.record import LinkFigures, TurnRecord
from mynah.view import View
from mynah.watch import Watch
from tests.bridge.virtual_time import in_virtual_time

LOOK_S = 0.1
ANSWERED = TurnRecord(1, reply_start_ms=1.0)
GONE_ON = TurnRecord(1)
FAILED = TurnRecord(1, reply_start_ms=1.0, error="the companion went away")


def glimpse(state):
    return Glimpse(state, 1, "", "", "", None, None, 0.0, None, LinkFigures())


async def quiet_after(*states):
    """Milliseconds until it is told that nothing comes any more; None if it is not."""
    told = []
    watch = Watch(View(), lambda: told.append(monotonic_ms()))
    watch.until_quiet(lambda: QUIET_MS)
    began_ms = monotonic_ms()
    for state in states:
        await asyncio.sleep(LOOK_S)
        watch.show(None if state is None else glimpse(state), "", "")
    return round(told[0] - began_ms) if told else None


LOOKS = round(QUIET_MS / 1000 / LOOK_S)


@in_virtual_time
async def test_when_it_has_been_nobodys_turn_for_a_while_none_is_to_come():
    quiet_ms = await quiet_after(*[State.LISTENING] * (2 * LOOKS))

    assert quiet_ms == pytest.approx(QUIET_MS + 1000 * LOOK_S, abs=1000 * LOOK_S)


@in_virtual_time
@pytest.mark.parametrize("state", [each for each in State if each is not State.LISTENING])
async def test_while_somebody_has_the_floor_more_may_come(state):
    pause = [State.LISTENING] * (LOOKS - 1)

    assert await quiet_after(*pause, state, *pause) is None


@in_virtual_time
async def test_without_a_ring_nothing_is_known():
    assert await quiet_after(*[None] * (2 * LOOKS)) is None


@pytest.mark.parametrize(
    ("turns", "code"),
    [
        ([ANSWERED], 0),
        ([GONE_ON, ANSWERED], 0),
        ([FAILED, ANSWERED], 0),
        ([ANSWERED, GONE_ON], 1),
        ([FAILED], 1),
    ],
)
def test_the_turn_that_took_the_end_of_it_answers_a_recording(turns, code):
    assert Spoken(tuple(turns)).exit_code == code


def test_a_recording_that_could_not_be_used_says_so_before_all():
    assert Spoken((GONE_ON,), unusable=2).exit_code == 2
