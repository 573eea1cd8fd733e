import pytest

from mynah.audio import SPEECH_HZ
from mynah.speech.rolling import LEAST_NEW_MS, NEW_FOR_COST, Rolling


def samples(ms):
    return round(ms * SPEECH_HZ / 1000)


@pytest.fixture
def rolling():
    return Rolling()


def test_the_first_words_are_decoded_once_there_are_some(rolling):
    assert not rolling.due(samples(LEAST_NEW_MS - 1))
    assert rolling.due(samples(LEAST_NEW_MS))


def test_what_is_not_due_is_not_counted(rolling):
    assert not rolling.due(samples(LEAST_NEW_MS), busy=True)
    assert rolling.due(samples(LEAST_NEW_MS))


def test_the_next_decode_wants_new_sound(rolling):
    rolling.asked(samples(5000))

    assert not rolling.due(samples(5000 + LEAST_NEW_MS - 1))
    assert rolling.due(samples(5000 + LEAST_NEW_MS))


def test_a_slow_computer_decodes_more_seldom(rolling):
    rolling.asked(samples(5000))
    rolling.cost(2000)

    assert not rolling.due(samples(5000 + NEW_FOR_COST * 2000 - 1))
    assert rolling.due(samples(5000 + NEW_FOR_COST * 2000))


def test_a_shorter_sound_is_another_turn(rolling):
    rolling.asked(samples(5000))

    assert rolling.due(samples(LEAST_NEW_MS))
