import itertools

import pytest

from mynah.acts.touches import APART_MS, FORGOTTEN_MS, NAMES, SETTLE_MS, Touches
from mynah_wire import uplink
from mynah_wire.uplink import DOUBLE_TAPPED, SHAKEN, SQUEEZED, TAPPED

STREAM = 5


def touch(pattern, amount=1, stream=0):
    return uplink.Touch(pattern, amount, stream, 0)


def felt(*messages, **options):
    touches = Touches(**options)
    for number, message in enumerate(messages):
        touches.feel(message, 100.0 * number)
    return touches


def names(touches, until_ms):
    """What is answered, asked each 100 ms."""
    found = [touches.due(float(at_ms)) for at_ms in range(0, until_ms, 100)]
    return [each.name for each in found if each is not None]


@pytest.mark.parametrize("pattern", NAMES)
def test_each_touch_has_a_name_and_a_line_in_both_languages(pattern):
    lines = set()
    for chinese in (False, True):
        touches = felt(touch(pattern, 3000), chinese=chinese)
        due = touches.due(SETTLE_MS)
        assert due.name == NAMES[pattern]
        assert "\n" not in due.line
        assert due.line.startswith("[")
        lines.add(due.line)

    assert len(lines) == 2


def test_a_touch_is_answered_once_it_is_settled_and_once():
    touches = felt(touch(DOUBLE_TAPPED, 2))

    assert touches.deadline_ms() == SETTLE_MS
    assert touches.due(SETTLE_MS - 1) is None
    assert touches.due(SETTLE_MS).name == "double_tap"
    assert touches.due(10 * SETTLE_MS) is None
    assert touches.deadline_ms() is None


def test_a_tap_that_opened_a_turn_with_words_is_no_touch():
    touches = felt(touch(TAPPED, stream=STREAM))
    assert touches.deadline_ms() is None
    touches.ended(STREAM, words=True, now_ms=2000.0)

    assert (touches.line(3000.0), touches.deadline_ms()) == ("", None)


@pytest.mark.parametrize(("pattern", "name"), [(TAPPED, "tap"), (SQUEEZED, "hug")])
def test_one_without_words_is_a_touch_when_its_turn_is_over(pattern, name):
    touches = felt(touch(pattern, 3000, STREAM))
    touches.ended(STREAM + 1, words=False, now_ms=1000.0)
    assert touches.deadline_ms() is None
    touches.ended(STREAM, words=False, now_ms=2000.0)

    assert touches.due(2000.0 + SETTLE_MS).name == name


def test_hands_free_a_tap_is_the_microphones_and_a_hug_is_still_a_hug():
    touches = felt(touch(TAPPED), touch(SQUEEZED, 2000), taps_talk=True)

    assert names(touches, 5000) == ["hug"]


def test_of_several_at_once_one_is_told():
    touches = felt(touch(DOUBLE_TAPPED, 2), touch(SQUEEZED, 2000), touch(TAPPED))

    assert names(touches, 2000) == ["hug"]


def test_a_child_with_a_button_does_not_cost_a_reply_each_time():
    touches, answered = Touches(), []
    for at_ms in range(0, 30_000, 500):
        touches.feel(touch(DOUBLE_TAPPED, 2), float(at_ms))
        answered += [at_ms + 499] if touches.due(at_ms + 499.0) else []

    gaps = [later - earlier for earlier, later in itertools.pairwise(answered)]
    assert len(answered) >= 5
    assert min(gaps) >= APART_MS


def test_the_next_turn_is_told_in_one_line_and_then_it_is_forgotten():
    touches = felt(touch(SQUEEZED, 3200), touch(SHAKEN, 0))

    assert touches.line(200.0, keep=True) == touches.line(200.0)
    assert touches.line(200.0) == ""
    assert touches.deadline_ms() is None


def test_how_long_a_squeeze_was_is_told():
    assert "3 s" in felt(touch(SQUEEZED, 3200)).line(100.0)


def test_what_was_felt_long_ago_is_not_told():
    assert felt(touch(SQUEEZED, 3000)).line(FORGOTTEN_MS) == ""


def test_a_touch_of_later_times_is_none():
    touches = felt(touch(99))

    assert touches.line(1.0) == ""


def test_nothing_grows_without_end():
    touches = Touches()
    for number in range(1000):
        touches.feel(touch(TAPPED, 1, number + 1), 0.0)
        touches.feel(touch(DOUBLE_TAPPED, 2), 0.0)

    assert len(touches._waiting) + len(touches._sure) < 20
