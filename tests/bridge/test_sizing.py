import pytest
from hypothesis import given
from hypothesis import strategies as st

from mynah.speech.sizing import MARGIN_MS, Pace, cut

SENTENCE = "I went to the market, which was open until six, and bought three pears for us."


@pytest.mark.parametrize(
    ("most", "head"),
    [
        (len(SENTENCE), SENTENCE),
        (60, "I went to the market, which was open until six,"),
        (30, "I went to the market,"),
        (18, "I went to the"),
        (12, ""),
    ],
)
def test_a_clause_is_cut_at_the_last_comma_that_fits(most, head):
    assert cut(SENTENCE, most) == (head, SENTENCE[len(head) :].lstrip())


@pytest.mark.parametrize(
    ("text", "head"),
    [
        ("the rain has stopped and all is", "the rain has stopped"),
        ("one two three four five", "one two three four five"),
        ("so we do", ""),
        ("I have met Mr. Smith, Dr. Jones", "I have met Mr. Smith,"),
        ("我今天很高兴见到你,我们去散步", "我今天很高兴见到你,"),
        ("", ""),
    ],
    ids=["conjunction", "any word", "too short", "abbreviation", "no spaces", "nothing"],
)
def test_of_what_there_is_the_best_beginning_is_taken(text, head):
    assert cut(text)[0] == head


def test_a_clause_is_whole_if_there_is_time_to_make_it():
    pace = Pace(character_ms=10)

    assert pace.fitting(SENTENCE, MARGIN_MS + 10 * len(SENTENCE)) == (SENTENCE, "")
    assert pace.fitting(SENTENCE, MARGIN_MS + 500)[0] == SENTENCE[:47]


@pytest.mark.parametrize("lead_ms", [-5000, 0, MARGIN_MS])
def test_when_it_is_too_late_the_shortest_beginning_comes_first(lead_ms):
    assert Pace(character_ms=10).fitting(SENTENCE, lead_ms)[0] == "I went to the"


def test_no_rest_without_words_is_left():
    assert Pace().fitting("I went to the ...", 0) == ("I went to the ...", "")


def test_the_cost_is_learned_and_what_was_remembered_does_not_count():
    pace = Pace(character_ms=4)
    for _ in range(10):
        pace.made("x" * 50, 50 * 20.0)
    assert 19 < pace.character_ms < 20

    for _ in range(10):
        pace.made("x" * 50, 2.0)
    assert 19 < pace.character_ms < 20


@given(st.text(st.sampled_from("aB7 .,…。、我é"), max_size=240), st.integers(-500, 5000))
def test_nothing_is_lost_by_cutting(text, lead_ms):
    head, rest = Pace(character_ms=10).fitting(text, lead_ms)

    assert (head + rest).replace(" ", "") == text.replace(" ", "")
    assert not rest or any(letter.isalnum() for letter in rest)
