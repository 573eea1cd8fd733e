"""Good mornings, whispers, coming when called: seldom, softly, and never at night."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from mynah.care.quiet import quiet_hours
from mynah.companions.base import Touch
from mynah.rituals.rituals import WHISPER, Rituals, words_of

QUIET = quiet_hours("22:00-08:00")
TAP, TWICE = Touch("tap", "[ring] a tap"), Touch("double_tap", "[ring] two taps")
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def rituals(whispers=3, *, speaks=False, language="en"):
    return Rituals(QUIET, whispers, speaks=speaks, words=words_of(language))


def test_a_touch_is_answered_by_the_ring_alone_unless_words_are_wanted():
    assert rituals().touch(TAP, NOON) is None
    assert rituals(speaks=True).touch(TAP, NOON).touch == TAP


def test_two_taps_call():
    stir = rituals().touch(TWICE, NOON)

    assert (stir.cause, stir.touch.name) == ("summon", "summon")
    assert "tapped twice" in stir.touch.line


def test_the_first_touch_after_a_night_is_a_good_morning_in_the_wearers_language():
    woke = datetime(2026, 11, 24, 7, 12, tzinfo=UTC)
    each = rituals(language="zh")
    each.turn(datetime(2026, 11, 23, 23, 30, tzinfo=UTC))

    assert each.touch(TAP, woke).touch.line.startswith("[ring] 现在是07:12")
    assert each.touch(TAP, woke + timedelta(hours=6)) is None


def test_who_is_still_up_after_midnight_has_not_woken():
    each = rituals()
    each.turn(datetime(2026, 11, 23, 23, 30, tzinfo=UTC))

    assert each.touch(TAP, datetime(2026, 11, 24, 1, tzinfo=UTC)) is None
    assert each.touch(TAP, datetime(2026, 11, 24, 4, 30, tzinfo=UTC)) is None


def test_a_tap_after_a_whisper_asks_why_and_a_later_one_does_not():
    each, now = rituals(), NOON
    each.turn(NOON - timedelta(hours=3))
    while (stir := each.tick(now, 0.5)) is None:
        now += timedelta(minutes=1)

    assert stir.act == WHISPER
    assert each.touch(TAP, now + timedelta(minutes=9)).cause == "whisper"
    assert each.touch(TAP, now + timedelta(minutes=9, seconds=1)) is None


@given(
    st.integers(0, 5),
    st.lists(st.tuples(st.integers(1, 90), st.floats(0, 1), st.booleans()), max_size=300),
)
def test_whatever_happens_nobody_is_disturbed_at_night_or_too_often(most, minutes):
    each, now = rituals(most), NOON
    each.turn(NOON)
    whispers = []
    for wait, chance, turns in minutes:
        now += timedelta(minutes=wait)
        if each.tick(now, chance) is not None:
            whispers.append(now)
        if turns:
            each.turn(now)

    assert not any(QUIET.holds(at) for at in whispers)
    days = [at.date() for at in whispers]
    assert all(days.count(day) <= most for day in days)


def test_whoever_is_left_alone_all_day_is_whispered_to():
    each = rituals()
    each.turn(NOON - timedelta(days=1))
    now = [NOON + timedelta(minutes=minute) for minute in range(8 * 60)]

    assert sum(each.tick(at, 0.5) is not None for at in now) == 3
