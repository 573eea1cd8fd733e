import pytest

from mynah.speech.guards import goes_round, is_invented, is_thin, token_cap, unrolled


@pytest.mark.parametrize(
    "text",
    [
        "One, two, three, three, three, three, three",
        "Yes. Yes. Yes. Yes. Yes. Yes",
        "10 of clubs 10 of clubs",
        "Will we ever forget it? Will we ever forget it?",
        "in being comparatively modern, in being comparatively modern, in being compar",
        "换一首歌换一首歌",
    ],
)
def test_what_goes_round_is_noticed(text):
    assert goes_round(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "No, no, no.",
        "Bye bye.",
        "it was the best of times it was the worst of times",
        "Ever tried, ever failed. No matter. Try again, fail again, fail better.",
        "ask not what your country can do for you ask what you can do for your country",
        "very, very, very good",
    ],
)
def test_what_people_say_twice_does_not_go_round(text):
    assert not goes_round(text)
    assert unrolled(text) == text


def test_what_is_said_endlessly_is_said_once():
    assert unrolled("Yes. Yes. Yes. Yes. Yes. Yes") == "Yes"
    assert (
        unrolled("Well, 10 of clubs" + " 10 of clubs" * 6 + ", then.") == "Well, 10 of clubs, then."
    )


def test_what_is_said_twice_even_with_care_stays():
    assert unrolled("Will you come? Will you come?") == "Will you come? Will you come?"


def test_half_a_minute_may_have_more_tokens_than_a_word():
    assert token_cap(0) == 12
    assert token_cap(30) == 252


def test_a_text_that_stops_early_is_thin():
    assert is_thin(tokens=20, speech_s=10)
    assert not is_thin(tokens=3, speech_s=1.09)  # the slowest of 42 speakers: "1 2 3"


@pytest.mark.parametrize(
    ("text", "average", "no_speech"),
    [
        ("you", -0.83, 0.82),  # mains hum, tiny.en
        ("Thank you.", -1.0, 0.71),  # a cough, base
        ("Mmm.", -1.18, 0.83),
        ("", -0.1, 0.1),
        (" … ", -0.1, 0.1),
        ("and then we chant", -2.0, 0.6),
    ],
)
def test_words_of_nobody_are_dropped(text, average, no_speech):
    assert is_invented(text, average, no_speech)


@pytest.mark.parametrize(
    ("text", "average", "no_speech"),
    [
        ("Thank you.", -0.35, 0.15),
        ("Okay", -1.01, 0.57),  # in noise, base
        ("Stop.", -0.63, 0.62),
        ("you", -0.83, 0.3),
        ("好", -0.5, 0.2),
    ],
)
def test_words_of_somebody_are_kept(text, average, no_speech):
    assert not is_invented(text, average, no_speech)
