"""Which words stand at which sound."""

import numpy as np
import pytest

from mynah.audio import SPEECH_HZ
from mynah.companions.voices.captioned import MOST_S, Captioned
from mynah.errors import CompanionError

RATE_HZ = 24_000
TENTH = np.zeros(RATE_HZ // 10, np.float32)


def captioned():
    return Captioned("the companion", RATE_HZ)


def pushed(reply, sound=TENTH):
    return list(reply.push(sound))


def test_words_stand_at_the_first_sound_after_them():
    reply = captioned()
    reply.tell("Good morning. ")
    first, second = pushed(reply), pushed(reply)
    reply.tell("And you? ")

    assert [piece.text for piece in first + second] == ["Good morning. ", ""]
    assert [piece.text for piece in pushed(reply)] == ["And you? "]


def test_a_word_that_is_not_whole_waits_for_its_end():
    reply = captioned()
    reply.tell("Good mor")
    assert pushed(reply)[0].text == "Good "
    reply.tell("ning, Ann")
    assert pushed(reply)[0].text == "morning, "
    assert [piece.text for piece in reply.finish()] == ["Ann"]


def test_chinese_is_cut_where_a_voice_would_pause():
    reply = captioned()
    reply.tell("你好，我在")
    assert pushed(reply)[0].text == "你好，"
    reply.tell("。")
    assert pushed(reply)[0].text == "我在。"


def test_no_sound_is_lost_by_changing_its_rate():
    reply = captioned()
    pieces = [piece for _ in range(10) for piece in pushed(reply)] + list(reply.finish())

    assert sum(len(piece.samples) for piece in pieces) == SPEECH_HZ


def test_words_that_got_no_sound_are_left_for_another_voice():
    reply = captioned()
    reply.tell("Nobody says this. ")

    assert list(reply.finish()) == []
    assert reply.silent() == "Nobody says this. "
    assert reply.silent() == ""


def test_sound_without_end_is_stopped():
    reply = captioned()
    for _ in range(MOST_S // 30):
        pushed(reply, np.zeros(30 * RATE_HZ, np.float32))

    with pytest.raises(CompanionError, match=r"spoke without end and was stopped after 10 min"):
        pushed(reply)


def test_control_characters_are_no_words():
    reply = captioned()
    reply.tell("Hello \x1b[2J\x07there. ")

    assert pushed(reply)[0].text == "Hello there. "
