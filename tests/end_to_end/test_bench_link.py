"""`mynah bench link`: sealed speech both ways at once, half a minute, over air that loses 2 %."""

import json

import pytest

from tests.end_to_end.background import LOAD_S

pytestmark = pytest.mark.slow

FRAMES = LOAD_S * 50
RADIO_QUEUE = 12
# A connection event brings four frames at most, and a busy computer keeps the bridge from three.
HOST_QUEUE = 16
# A connection interval: on a busy computer a frame now and then misses its event and waits for the
# next. A queue that took in one frame in a hundred would have grown by 200 ms.
GROWTH_MS = 30


@pytest.fixture(scope="module")
def loaded(_started):
    return _started["loaded"].result()


@pytest.fixture(scope="module")
def figures(loaded):
    assert loaded.code == 0, loaded.errors + loaded.output
    (line,) = loaded.output.splitlines()
    return json.loads(line)


def test_the_air_is_as_bad_as_it_was_asked_for(figures):
    assert (figures["seconds"], figures["interval_ms"], figures["mtu"]) == (LOAD_S, 30.0, 247)


def test_every_frame_upwards_arrives_once_and_in_order(figures):
    assert figures["up_frames"] in (FRAMES, FRAMES + 1)  # the release may fall into one more
    assert (figures["up_lost"], figures["up_in_order"]) == (0, True)


def test_every_frame_downwards_is_played_and_the_speaker_never_runs_dry(figures):
    assert (figures["down_frames"], figures["down_played"]) == (FRAMES, FRAMES)
    assert figures["underruns"] == 0


def test_nothing_is_dropped_in_the_ring(figures):
    assert figures["ring_dropped"] == 0
    assert figures["whole"] is True


def test_no_queue_is_deep(figures):
    assert figures["deepest_radio_queue"] <= RADIO_QUEUE
    assert figures["deepest_host_queue"] <= HOST_QUEUE


def test_no_queue_grows(figures):
    assert figures["up_growth_ms"] <= GROWTH_MS
