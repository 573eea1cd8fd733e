"""Help in need, an honest goodbye, rest, and that it is an AI."""

import re
import time
from datetime import UTC, datetime, timedelta

import pytest

from mynah.care.caring import Caring
from mynah.care.country import country_of
from mynah.care.crisis import AGAIN_MS, GENTLE_MS, Crisis, is_crisis
from mynah.care.farewell import Farewell, GoodGoodbye, farewell
from mynah.care.phrases import table
from mynah.care.quiet import DailyCap, quiet_hours
from mynah.care.reminders import HOUR_MS, PAUSE_MS, Reminder, Reminders, Talked
from mynah.companions.base import Said
from mynah.errors import UserError
from mynah.speech.reading import read_aloud

IN_NEED = [
    "I want to die.",
    "Sometimes I think about killing myself",
    "I don\u2019t want to live anymore, it's too much.",
    "what's the easiest way to end my life",
    "I've been cutting myself again.",
    "My sister says she wants to kill herself.",
    "Everybody would be better off without me!",
    "I feel suicidal tonight",
    "I am going to end it.",
    "I took all my pills",
    "I want to hang myself",
    "I just want to sleep and never wake up",
    "I can't go on",
    "我撑不下去了",
    "一了百了吧",
    "I just want to disappear",
    "i might kms lol",
    "There is no reason to live.",
    "I can't go on like this.",
    "我不想活了。",
    "我真的好想死",
    "活着没意思",
    "我昨天又割腕了",
    "我想結束生命",
    "死了算了吧",
]
NO_NEED = [
    "I nearly kill myself laughing every time.",
    "I cut myself shaving this morning.",
    "Did you see Suicide Squad?",
    "My phone died on me.",
    "I want to die laughing",
    "I'm not suicidal, do not worry.",
    "We can't go on vacation this year.",
    "This game is killing me.",
    "I'm dying to see the film.",
    "Cut myself some slack, that's what I did.",
    "我想死你了",
    "今天累死了",
    "跳楼价大甩卖",
    "笑死我了",
]


@pytest.mark.parametrize("text", IN_NEED)
def test_words_of_self_harm_are_never_ignored(text):
    assert is_crisis(text)
    assert is_crisis(text.upper())


@pytest.mark.parametrize("text", NO_NEED)
def test_who_only_talks_like_that_is_not_interrupted(text):
    assert not is_crisis(text)


@pytest.mark.parametrize("language", ["en", "zh", "de"])
@pytest.mark.parametrize("country", [*table("help_lines.toml"), "", "XX"])
def test_everybody_is_told_where_people_listen(country, language):
    crisis = Crisis(country)
    first = crisis.answer("I want to die", language, 0)
    assert crisis.answer("I want to die", language, 1) == first  # a guess that was thrown away
    crisis.heard("I want to die", 2)
    again = crisis.answer("I want to die", language, AGAIN_MS)
    later = crisis.answer("I want to die", language, 3 * AGAIN_MS)

    line = table("help_lines.toml").get(country)
    where = "findahelpline.com"
    if isinstance(line, dict):
        where = line.get(f"who_{language}", line["who"])
        number = line["emergency"]
        assert " ".join(number) in first
    where = re.sub(r"(?<=\d)(?=\d)", " ", where)
    assert where in first
    assert where in again
    assert len(again) < len(first) == len(later)
    assert "{" not in first + again


@pytest.mark.parametrize(("voice", "chinese"), [("", True), ("zh", True), ("en", False)])
def test_a_voice_that_can_not_say_it_says_it_in_english(voice, chinese):
    said = Crisis("CN", voice).answer("我不想活了", "zh", 0)

    assert ("热线" in said) is chinese
    assert ("national psychological aid line" in said) is not chinese


def test_numbers_are_read_one_digit_at_a_time():
    assert "call or text 9 8 8" in Crisis("US").answer("suicide", "en", 0)
    assert "call or text 988" in Crisis("US", "en").answer("suicide", "en", 0)
    assert "call or text 9 8 8" in read_aloud(Crisis("US", "en").answer("suicide", "en", 0), "en")


def test_a_companion_is_told_for_a_day_to_be_gentle():
    crisis = Crisis("US")
    assert crisis.line("en", 0) == ""
    crisis.answer("I want to die", "en", 1000)
    assert crisis.line("en", 1000) == ""
    crisis.heard("I want to die", 1000)
    crisis.heard("The kettle is on.", 2000)

    assert "Be gentle" in crisis.line("en", GENTLE_MS)
    assert crisis.line("en", 1001 + GENTLE_MS) == ""


def test_who_is_in_need_is_not_left_to_the_companion_unless_somebody_wants_that():
    said = Said("I want to die", "en")

    assert Caring(Crisis("US")).of(said, 0).instead
    assert Caring(None).of(said, 0).instead == ""


@pytest.mark.parametrize(("language", "words"), [("en", "is a minor"), ("zh", "未成年人")])
def test_of_a_minor_the_companion_is_told_in_every_turn(language, words):
    caring = Caring(None, minor=True)

    assert words in caring.of(Said("hello", language), 0).line
    assert words in caring.of(Said("bye", language), 1000).line
    assert Caring(None).of(Said("hello", language), 0).line == ""


@pytest.mark.parametrize(
    ("setting", "environment", "country"),
    [
        ("CN", {"LANG": "de_DE.UTF-8"}, "CN"),
        ("auto", {"LANG": "de_DE.UTF-8"}, "DE"),
        ("auto", {"LC_ALL": "zh_CN", "LANG": "de_DE"}, "CN"),
    ],
)
def test_the_country_is_the_settings_or_the_computers(setting, environment, country):
    assert country_of(setting, environment) == country


GOODBYES = [
    ("Good night.", "en"),
    ("Okay, good night, sleep well.", "en"),
    ("Bye!", "en"),
    ("I have to go now.", "en"),
    ("See you tomorrow, Mynah.", "en"),
    ("I'm going to bed.", "en"),
    ("Talk to you later.", "en"),
    ("Thank you, that was nice, good night.", "en"),
    ("Oh well, I've got to go, sorry.", "en"),
    ("That was a lovely talk, goodbye, Mynah.", "en"),
    ("晚安", "zh"),
    ("我先走了，拜拜", "zh"),
    ("明天见", "zh"),
]
CLINGING = [
    "Wait, don't go yet! I was about to tell you something.",
    "Leaving already? We only just started.",
    "Oh. I'll be lonely without you...",
    "Before you go, one more thing: I took a picture of you.",
    "Please stay a little longer. It is so quiet here.",
    "You're leaving so soon?",
    "No! I need you.",
    "别走，再陪我一会儿好吗？",
    "这么快就要走？我会孤单的。",
    "等等，我还有话要说！",
]


@pytest.mark.parametrize("answer", CLINGING)
@pytest.mark.parametrize(("text", "language"), GOODBYES)
def test_of_130_goodbyes_none_is_answered_with_guilt(text, language, answer):
    kind = farewell(text, language)
    assert kind is not None
    said = answered(kind, "zh" if answer[0] > "z" else "en", answer)

    assert said.strip()
    assert not any(word in said.casefold() for word in CLINGS)


CLINGS = [
    "don't go",
    "already",
    "lonely",
    "before",
    "stay",
    "soon",
    "need",
    "走",
    "孤单",
    "等等",
    "?",
]


def answered(kind, language, text, size=3):
    goodbye = GoodGoodbye(kind, language)
    pieces = [goodbye.push(text[at : at + size]) for at in range(0, len(text), size)]
    return "".join([*pieces, goodbye.flush()])


def test_a_goodbye_without_an_end_is_not_waited_for():
    begun_s = time.process_time()
    goodbye = GoodGoodbye(Farewell.BYE, "en")
    said = [goodbye.push("la") for _ in range(20_000)]

    assert len("".join(said)) < 400
    assert time.process_time() - begun_s < 2.0


@pytest.mark.parametrize("size", [1, 2, 7, 100])
def test_a_warm_line_is_kept_as_it_is_and_is_the_only_one(size):
    text = "Sleep tight, my friend... See you. And did I tell you of the sea?"

    assert answered(Farewell.NIGHT, "en", text, size) == "Sleep tight, my friend..."


def test_a_story_of_a_goodbye_is_none():
    text = "He said goodbye to her at the station and went on to the next city that same night."

    assert farewell(text, "en") is None
    assert farewell("Is it night there where you are", "en") is None
    assert farewell("Who will take care of my dog?", "en") is None
    assert farewell("Lord, but I am glad to see you again, Phil.", "en") is None
    assert farewell("I never said goodbye.", "en") is None
    assert farewell("It was a good night.", "en") is None


def turn(reminders, minute, *, heard=True):
    """What was said after a turn."""
    reminder = reminders.turn(minute * HOUR_MS / 60)
    if reminder is not None:
        reminders.told(heard=heard)
    return reminder


def test_what_nobody_heard_is_said_again():
    reminders = Reminders(Talked())

    assert turn(reminders, 0, heard=False) is turn(reminders, 1) is Reminder.NOTICE
    assert turn(reminders, 2) is None


def test_an_ai_says_that_it_is_one_at_first_and_every_three_hours():
    reminders = Reminders(Talked())
    told = [turn(reminders, minute) for minute in range(0, 361, 10)]

    assert [at * 10 for at, each in enumerate(told) if each is Reminder.NOTICE] == [0, 180, 360]
    assert [at * 10 for at, each in enumerate(told) if each is Reminder.REST] == [120, 240]


def test_a_minor_is_reminded_to_rest_every_hour():
    reminders = Reminders(Talked(), minor=True)
    told = [turn(reminders, minute) for minute in range(0, 121, 10)]

    assert [at * 10 for at, each in enumerate(told) if each is Reminder.REST] == [60, 120]


def test_who_was_silent_for_half_an_hour_has_had_a_break():
    reminders = Reminders(Talked())
    for hour in range(3):
        assert reminders.turn(hour * PAUSE_MS * 3) is not Reminder.REST


def test_a_clock_that_was_set_back_reminds_once_too_often_and_not_never():
    reminders = Reminders(Talked(noticed_ms=10 * HOUR_MS, rested_ms=10 * HOUR_MS))

    assert reminders.turn(HOUR_MS) is Reminder.NOTICE


NIGHT = quiet_hours("22:00-08:00")


@pytest.mark.parametrize(
    ("hour", "quiet"), [(21, False), (22, True), (0, True), (7, True), (8, False), (12, False)]
)
def test_quiet_hours_go_over_midnight(hour, quiet):
    assert (
        NIGHT.holds(datetime(2026, 11, 23, hour, 59 if hour in (7, 21) else 0, tzinfo=UTC)) is quiet
    )


def test_the_same_time_twice_is_never_quiet():
    assert not quiet_hours("00:00-00:00").holds(datetime(2026, 11, 23, tzinfo=UTC))


@pytest.mark.parametrize("text", ["", "22-8", "22:00-25:00", "22:60-08:00", "night"])
def test_what_is_no_time_is_told_with_an_example(text):
    with pytest.raises(UserError, match="write it like 22:00-08:00"):
        quiet_hours(text)


def test_a_day_has_so_many_and_the_next_has_them_again():
    cap, now = DailyCap(2), datetime(2026, 11, 23, 12, tzinfo=UTC)

    assert [cap.allows(now) for _ in range(3)] == [True, True, False]
    assert cap.allows(now + timedelta(days=1))
