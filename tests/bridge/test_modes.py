"""What came of clips, in figures: waits from the reference, words once, cut-offs counted."""

import pytest

from mynah.bench.modes import Mode, ratio
from mynah.bench.wer import words
from mynah.scripted import Spoken
from tests.bridge.turns_of_a_mode import DONE_MS, WORDS, clip, record, spoken


def mode(*each, words=WORDS):
    return Mode(tuple(clip(number, words) for number, _ in enumerate(each)), each)


def said(*turns, words):
    return mode(Spoken(turns, DONE_MS), words=words)


@pytest.fixture
def three():
    return mode(
        spoken(40, 0, 700, 1, 1, 100, 30, 28),
        spoken(45, 0, 300, 1, 1, 600, 30, 23),
        spoken(50, 0, 400, 1, 1, 90, 30, 28),
    )


def test_percentiles_lie_between_two_values_in_proportion():
    two = mode(spoken(100), spoken(300))

    assert (two.percentile_ms(50), two.percentile_ms(95)) == (200, 290)


def test_there_is_no_percentile_of_nothing():
    nothing = mode(spoken(error="no words were heard"))

    assert nothing.percentile_ms(50) is None
    assert nothing.waterfall_p50 == nothing.bound_by == {}
    assert [reason for _, reason in nothing.failed] == ["no words were heard"]


def test_what_the_median_is_made_of_adds_up_to_it(three):
    assert three.percentile_ms(50) == 900
    assert sum(three.waterfall_p50.values()) == 900
    assert three.waterfall_p50["asr"] == 700


@pytest.mark.parametrize("count", [1, 2, 3, 10, 21])
def test_it_adds_up_to_about_the_median_of_however_many(count):
    waits_ms = [100 + 10 * number for number in range(count)]
    many = mode(*(spoken(20, 0, wait_ms - 20) for wait_ms in waits_ms))

    assert sum(many.waterfall_p50.values()) == pytest.approx(many.percentile_ms(50), abs=0.2)


def test_what_bound_most_often_comes_first(three):
    assert list(three.bound_by.items()) == [("asr", 2), ("tts", 1)]


def test_the_links_figures_are_of_all_turns(three):
    assert (three.counted("frames"), three.counted("lost_frames")) == (300, 3)


def test_a_wait_begins_where_the_recording_says_and_its_parts_with_it():
    """That the bridge heard the end 50 ms too soon makes nobody faster, nor slower."""
    late = mode(spoken(10, 350, 40, reference_ms=DONE_MS + 50))
    early = mode(spoken(10, 350, 40, reference_ms=DONE_MS - 50))

    assert late.percentile_ms(50) == 350
    assert late.waterfall_p50 == {"uplink": 0, "endpoint_wait": 310, "asr": 40}
    assert early.percentile_ms(50) == 450
    assert early.waterfall_p50 == {"uplink": 10, "endpoint_wait": 400, "asr": 40}


def test_a_cut_off_counts_in_the_rate_and_not_in_the_waits():
    cut = mode(spoken(100), spoken(300), spoken(5000, cut_off=True), spoken(200))

    assert cut.false_cutoff_rate == 0.25
    assert (cut.percentile_ms(50), len(cut.replies)) == (200, 3)
    assert cut.failed == []


def test_a_turn_without_its_whole_reply_is_left_out_and_named():
    broken = mode(spoken(100), spoken(5000, error="the companion went away"), spoken())

    assert (broken.percentile_ms(50), len(broken.replies)) == (100, 1)
    assert [reason for _, reason in broken.failed] == ["the companion went away", "no reply"]


def test_the_words_of_a_turn_that_failed_are_wrong_ones():
    assert mode(spoken(100), spoken(transcript="")).wer == pytest.approx(1 / 2)


def test_the_words_of_all_turns_of_a_clip_count():
    parts = said(record(90, transcript="Ten."), record(90, transcript="Of clubs."), words=WORDS)

    assert parts.wer == 0


def test_words_that_were_gone_on_with_count_once():
    unanswered = record(transcript="Den of")
    reopened = record(90, transcript="then of")
    whole = record(90, transcript="Ten of clubs.")

    assert said(unanswered, whole, words=WORDS).wer == 0
    assert said(reopened, whole, words=WORDS).wer == 0


def test_a_word_that_is_said_twice_counts_twice():
    twice = said(record(90, transcript="Stop!"), record(90, transcript="Go!"), words="stop go")

    assert twice.wer == 0
    assert len(words("Stop! Go!")) == 2


def test_a_ratio_needs_both_sides(three):
    assert ratio(mode(spoken(300)), three) == 0.333
    assert ratio(three, None) is None
    assert ratio(mode(spoken()), three) is None
