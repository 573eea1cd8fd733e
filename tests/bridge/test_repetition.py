import pytest

from mynah.prompting.repetition import MOST_PHRASES, MOST_REPLIES, habits, opening, repeats

OFTEN = "I squeeze your hand softly now"


@pytest.mark.parametrize(
    ("reply", "begins"),
    [
        ("Oh, how lovely!", "oh how"),
        ("*smiles warmly* OH HOW nice", "oh how"),
        ("(nods) It's you", "it's you"),
        ("（轻轻抱住你）今天好吗？", "今天好吗"),
        ("今天，好吗", "今天好吗"),
        ("Yes.", "yes"),
        ("…", ""),
    ],
)
def test_an_opening_is_the_first_words_without_gestures(reply, begins):
    assert opening(reply) == begins


def test_openings_of_the_last_replies_are_avoided_newest_first():
    replies = ["Old one.", *(f"Word{number} x." for number in range(MOST_REPLIES))]

    found = habits(replies)

    assert found.openings[0] == f"word{MOST_REPLIES - 1} x"
    assert len(found.openings) == MOST_REPLIES
    assert "old one" not in found.openings


def test_who_said_one_thing_has_no_habits():
    assert habits(["Oh, how lovely!"]).openings == ()


def test_a_phrase_in_three_replies_is_a_habit_and_told_once():
    found = habits([f"Reply {number}: {OFTEN}." for number in range(3)])

    assert found.phrases == ("i squeeze your hand",)
    assert habits([OFTEN, "Other.", OFTEN]).phrases == ()


def test_a_chinese_phrase_is_a_habit_too():
    found = habits([f"{sign}，我轻轻握住你的手。" for sign in "好嗯哦"])

    assert len(found.phrases) <= MOST_PHRASES
    assert found.phrases[0] in "我轻轻握住你的手"


@pytest.mark.parametrize(
    ("reply", "again"),
    [
        ("Oh how dull.", True),
        ("Well, the moon is bright above the sea", True),
        ("A different thing entirely, I would say to you", False),
        ("", False),
    ],
)
def test_a_reply_repeats_if_it_begins_alike_or_says_much_of_it_again(reply, again):
    old = ["Oh, how lovely!", "Look, the moon is bright above the sea tonight"]

    assert repeats(reply, old) is again


def test_nothing_said_is_no_habit():
    assert habits([]).openings == ()
    assert habits(["…", ""]).openings == ()
