import pytest
from hypothesis import given
from hypothesis import strategies as st

from mynah.turn.record import STAGES, Stopwatch

moments = st.floats(-100, 5000)


def test_each_stage_ends_where_the_next_begins():
    watch = Stopwatch(1000.0)

    for number, stage in enumerate(STAGES, 1):
        watch.mark(stage, 1000.0 + number * number)

    assert watch.waterfall() == dict(zip(STAGES, [1, 3, 5, 7, 9, 11, 13, 15], strict=True))


def test_a_stage_that_was_skipped_took_no_time():
    watch = Stopwatch(0.0)

    watch.mark("uplink", 30)
    watch.mark("asr", 130)

    assert watch.waterfall() == {"uplink": 30, "endpoint_wait": 0, "asr": 100}


def test_only_the_first_mark_of_a_stage_counts():
    watch = Stopwatch(0.0)

    watch.mark("uplink", 30)
    watch.mark("uplink", 90)

    assert watch.waterfall() == {"uplink": 30}


def test_before_anything_ended_there_is_no_waterfall():
    assert Stopwatch(0.0).waterfall() == {}


def test_sound_that_was_heard_before_all_of_it_was_sent_ends_the_sending():
    watch = Stopwatch(0.0)

    watch.mark("tts", 100)
    watch.mark("device_buffer", 150)
    watch.mark("downlink", 400)

    assert watch.waterfall()["downlink"] == 50
    assert watch.waterfall()["device_buffer"] == 0


def test_a_stage_that_nobody_knows_is_refused():
    with pytest.raises(ValueError, match="'coffee'"):
        Stopwatch(0.0).mark("coffee", 1)


@given(st.dictionaries(st.sampled_from(STAGES[:-1]), moments), st.floats(0, 5000))
def test_the_parts_add_up_to_the_whole_whatever_the_clocks_say(marks, whole_ms):
    watch = Stopwatch(0.0)

    for stage, at_ms in marks.items():
        watch.mark(stage, at_ms)
    watch.mark("device_buffer", whole_ms)

    assert sum(watch.waterfall().values()) == pytest.approx(whole_ms, abs=0.5)
    assert min(watch.waterfall().values()) >= 0
