"""How long a pause may last before the turn is taken."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mynah.turn.delay import (
    CAP_MS,
    COUNTED_PAUSE_MS,
    LEAST_MS,
    MOST_MS,
    RHYTHM,
    RHYTHMIC_PAUSE_MS,
    TYPICAL_PAUSE_MS,
    TYPICAL_WORDS,
    Habit,
    Hints,
    Profile,
    delay_ms,
    probability,
    shipped,
    wait_ms,
)
from mynah.turn.ending import Mark, ending
from mynah.turn.prosody import Prosody

PROBABILITIES = st.floats(0, 1)
FLOORS_MS = st.floats(0, 3000)
PAUSES_MS = st.lists(st.floats(0, 5000), max_size=40)


KNOWN = Habit(turns=20)
"""A wearer of many turns, of the usual length."""


def habit_of(pauses_ms):
    """Each in a turn of its own."""
    habit = Habit()
    for pause_ms in pauses_ms:
        habit = habit.after_pause(pause_ms).after_turn(4)
    return habit


def in_a_turn(*pauses_ms, habit=KNOWN):
    for pause_ms in pauses_ms:
        habit = habit.after_pause(pause_ms)
    return habit


@given(PROBABILITIES, FLOORS_MS, PAUSES_MS)
def test_every_wait_is_between_the_least_and_the_cap(p, floor_ms, pauses_ms):
    assert LEAST_MS <= delay_ms(p, floor_ms, habit_of(pauses_ms)) <= CAP_MS


@given(PROBABILITIES, PROBABILITIES, FLOORS_MS, PAUSES_MS)
def test_the_likelier_an_end_the_shorter_the_wait(one, other, floor_ms, pauses_ms):
    habit = habit_of(pauses_ms)
    likelier, less = max(one, other), min(one, other)

    assert delay_ms(likelier, floor_ms, habit) <= delay_ms(less, floor_ms, habit)


@given(PROBABILITIES, FLOORS_MS, FLOORS_MS)
def test_more_patience_never_waits_less(p, one, other):
    assert delay_ms(p, min(one, other)) <= delay_ms(p, max(one, other))


def test_without_a_floor_or_a_habit_the_ends_are_the_least_and_the_most():
    assert delay_ms(1.0) == LEAST_MS
    assert delay_ms(0.0) == MOST_MS


@given(
    st.text(),
    st.sampled_from(["en", "de", "zh"]),
    st.floats(-2, 2),
    st.none() | PROBABILITIES,
    st.none() | PROBABILITIES,
    st.sampled_from(Profile),
)
def test_whatever_was_heard_there_is_a_wait(text, language, fall, audio, full_stop, profile):
    hints = Hints(text, language, Prosody(fall), audio, full_stop)

    assert 0 < probability(hints) < 1
    assert LEAST_MS <= wait_ms(hints, profile) <= CAP_MS


@given(st.text(), PROBABILITIES, PROBABILITIES)
def test_a_model_that_doubts_an_end_lengthens_the_wait_and_never_shortens_it(text, one, other):
    surer, less = Hints(text, audio=max(one, other)), Hints(text, audio=min(one, other))

    assert wait_ms(Hints(text)) <= wait_ms(surer) <= wait_ms(less)


@given(st.text(), PROBABILITIES, PROBABILITIES)
def test_the_likelier_a_full_stop_the_shorter_the_wait(text, one, other):
    surer, less = Hints(text, full_stop=max(one, other)), Hints(text, full_stop=min(one, other))

    assert wait_ms(surer) <= wait_ms(less)


def test_a_full_stop_that_whisper_doubts_is_none():
    doubted = Hints("And so my fellow Americans.", full_stop=0.3)
    believed = Hints("And so my fellow Americans.", full_stop=0.95)

    assert wait_ms(doubted, habit=KNOWN) > 1.5 * wait_ms(believed, habit=KNOWN)


def test_without_its_probability_a_stop_is_as_likely_as_usual():
    sure, doubted = (Hints("We went home.", full_stop=p) for p in (0.99, 0.1))

    assert probability(doubted) < probability(Hints("We went home.")) < probability(sure)


FALLS = Prosody(0.7)


@pytest.mark.parametrize(
    ("whole", "open_"),
    [
        ("I went to the market this morning.", "I went to the market this morning and"),
        ("I went to the market this morning.", "I went to the market this morning..."),
        ("I went to the market this morning.", "I went to the market this morning, um,"),
        ("I went to the market this morning.", "I went to the"),
        ("Can you tell me what time it is?", "Can you tell me, what,"),
        ("Please write down my new number now.", "My new number is 555 301."),
    ],
)
def test_what_leaves_something_open_is_waited_for(whole, open_):
    assert probability(Hints(open_)) < probability(Hints(whole)) - 0.1
    assert wait_ms(Hints(open_), habit=KNOWN) > 1.5 * wait_ms(
        Hints(whole, prosody=FALLS), habit=KNOWN
    )


def test_a_wearer_of_few_words_is_answered_as_soon():
    few, many = Habit(words=4.0, turns=20), Habit(words=12.0, turns=20)
    question = Hints("What time is it?", prosody=FALLS)

    assert wait_ms(question, habit=few) < wait_ms(question, habit=many) / 2


@pytest.mark.parametrize("answer", ["Yes.", "No, thanks.", "Thank you.", "Okay!", "Stop."])
def test_a_short_answer_is_taken_as_fast_as_a_long_sentence(answer):
    sentence = "It was the first great sorrow of his life and of hers."

    assert wait_ms(Hints(answer)) <= wait_ms(Hints(sentence))


def test_a_voice_that_falls_is_nearer_its_end():
    falls, holds = (Hints("We went home.", prosody=Prosody(fall)) for fall in (0.7, -0.7))

    assert wait_ms(falls, habit=KNOWN) < wait_ms(holds, habit=KNOWN)


def test_another_language_is_judged_by_the_voice_alone():
    open_, whole = Hints("und dann", "de"), Hints("Wir gehen nach Hause.", "de")

    assert not open_.reads_words
    assert probability(open_) == probability(whole)
    assert probability(Hints("", "de", Prosody(1.0))) > probability(open_)


def test_the_profiles_differ_in_patience():
    hints = Hints("We were on our way home when the rain began to fall.")

    assert sorted(Profile, key=lambda each: wait_ms(hints, each, KNOWN)) == [
        Profile.SNAPPY,
        Profile.BALANCED,
        Profile.PATIENT,
    ]


def test_a_wearer_who_pauses_long_is_given_more_time():
    slow, quick = habit_of([1000] * 10), habit_of([COUNTED_PAUSE_MS] * 10)

    assert delay_ms(0.6, habit=slow) > delay_ms(0.6) > delay_ms(0.6, habit=quick)


def test_who_paused_twice_in_a_turn_is_given_time_for_a_third():
    whole = 0.99

    once, twice = in_a_turn(800), in_a_turn(800, 700)

    assert delay_ms(whole, habit=once) < 400
    assert delay_ms(whole, habit=twice) == RHYTHM * 700
    assert delay_ms(whole, habit=in_a_turn(800, 700, 900, 250)) == RHYTHM * 800
    assert delay_ms(whole, habit=twice.after_turn(9)) < 400


def test_breaths_are_no_rhythm():
    breath_ms = RHYTHMIC_PAUSE_MS - 1

    assert in_a_turn(breath_ms, breath_ms, breath_ms, 2000).rhythm_ms == 0.0


def test_a_turn_in_which_nothing_was_heard_ends_its_rhythm_too():
    assert in_a_turn(800, 800).after_turn(0).rhythm_ms == 0.0


def test_a_strangers_first_words_are_waited_for():
    first, words = Hints("We were at the sea,", full_stop=0.5), 5.0

    assert wait_ms(first, habit=Habit(words=words)) > wait_ms(
        first, habit=Habit(words=words, turns=20)
    )


@given(PAUSES_MS)
def test_a_habit_stays_within_what_was_heard_of_it(pauses_ms):
    counted = [min(ms, CAP_MS) for ms in pauses_ms if ms >= COUNTED_PAUSE_MS]
    habit = habit_of(pauses_ms)
    around = [TYPICAL_PAUSE_MS, *counted]

    assert habit.pauses == len(counted)
    assert min(around) * 0.999 <= habit.pause_ms <= max(around) * 1.001


@given(st.lists(st.integers(0, 200), max_size=40))
def test_usual_turns_stay_within_what_was_heard_of_them(lengths):
    habit = Habit()
    for words in lengths:
        habit = habit.after_turn(words)
    around = [TYPICAL_WORDS, *(words for words in lengths if words)]

    assert min(around) * 0.999 <= habit.words <= max(around) * 1.001


def test_what_is_no_length_is_no_pause():
    assert Habit().after_pause(math.nan) == Habit()


def test_the_shipped_weights_say_what_they_should():
    weights = shipped(words=True)

    assert min(weights[name] for name in ("full_stop", "level_fall", "turns")) > 0
    assert weights["open_tail"] < 0
    assert shipped(words=False)["level_fall"] > 0


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("Well, I...", Mark.ELLIPSIS),
        ("Well, I\u2026", Mark.ELLIPSIS),
        ("Is it?", Mark.QUESTION),
        ('He said "no."', Mark.STOP),
        ("\u597d\u3002", Mark.STOP),
        ("and then,", Mark.COMMA),
        ("and then", Mark.NONE),
        ("", Mark.NONE),
    ],
)
def test_the_mark_at_the_end_is_read(text, mark):
    assert ending(text).mark is mark


@pytest.mark.parametrize("text", ["call 555", "one, two, three", "it's 5 5 5", "nine one one."])
def test_numbers_in_a_row_are_a_sequence(text):
    assert ending(text).numbers


@pytest.mark.parametrize("text", ["go forward ten meters", "give me two", "", "three blind mice"])
def test_a_quantity_is_none(text):
    assert not ending(text).numbers


@pytest.mark.parametrize("text", ["because", "I want to", "and the", "we don\u2019t", "so, um..."])
def test_a_tail_that_wants_a_word_is_open(text):
    assert ending(text).open_tail


@pytest.mark.parametrize("text", ["I want it", "Come in", "the small dog."])
def test_a_tail_that_wants_none_is_closed(text):
    assert not ending(text).open_tail
