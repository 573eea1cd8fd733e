import json
import random
from pathlib import Path

import pytest

from mynah.characters import png
from mynah.characters.chats.reading import read as read_chats
from mynah.characters.home_folder import find
from mynah.characters.reading import read
from mynah.characters.rescue import FEWEST_LINES, LONGEST_EXAMPLE, MOST_EXAMPLES, rescued
from mynah.characters.rescuing import Lost, rescue
from mynah.characters.writing import written
from mynah.errors import UserError

ENGLISH = "\n".join(
    f"Ann: day {at}, {said}\nMochi: {answer}"
    for at, (said, answer) in enumerate(
        [
            ("I am tired", "*curls up beside you* Sleep then, nya~"),
            ("work was long", "Tell me all of it. *flicks tail*"),
            ("I made soup", "Soup! Is there fish in it, nya~"),
            ("it rains", "*watches the window* I like the sound, nya~"),
            ("good night", "Good night, my human. *purrs*"),
        ]
        * 5
    )
)
"""Fifty lines."""

CHINESE = "\n".join(
    f"我\uff1a今天是第{at}天\n麻薯\uff1a嗯嗯第{at}天也要加油呀\uff5e\uff08轻轻抱住你\uff09"
    for at in range(25)
)


def of(text, **names):
    return read_chats(text.encode(), "paste", **names)


def test_fifty_pasted_lines_are_a_valid_card():
    assert len(ENGLISH.splitlines()) == 50
    card = rescued(of(ENGLISH, user="Ann"), "Mochi", persona="A cat.", now=1700000000.0)
    raw = json.loads(written(card))

    assert (raw["spec"], raw["spec_version"]) == ("chara_card_v3", "3.0")
    wanted = {
        **dict.fromkeys(("name", "description", "creator", "character_version"), str),
        **dict.fromkeys(("mes_example", "system_prompt", "post_history_instructions"), str),
        **dict.fromkeys(("first_mes", "personality", "scenario", "creator_notes"), str),
        **dict.fromkeys(("tags", "alternate_greetings", "group_only_greetings", "source"), list),
        "extensions": dict,
        "creation_date": int,
    }
    assert {name: type(raw["data"][name]) for name in wanted} == wanted
    assert raw["data"]["mes_example"].count("<START>") == MOST_EXAMPLES
    assert read(written(card, "png"), "mochi.png").view.examples == card.view.examples


def test_examples_are_what_was_said_and_how_it_was_answered():
    view = rescued(of(ENGLISH, user="Ann"), "Mochi").view

    assert len(set(view.examples)) == MOST_EXAMPLES
    for said, answer in view.examples:
        assert f"Ann: {said}\nMochi: {answer}" in ENGLISH


def test_what_can_be_counted_of_their_manner_is_said():
    assert rescued(of(ENGLISH, user="Ann"), "Mochi").view.personality == (
        "How {{char}} talks: about 7 words at a time; writes actions, as in *curls up beside you*; "
        "often ends with ~."
    )
    chinese = rescued(of(CHINESE), "麻薯").view
    assert chinese.language == "zh"
    assert "会写动作" in chinese.personality
    assert "呀\uff5e" in chinese.personality


def test_examples_are_spread_over_the_whole_time_and_none_is_long():
    draw = random.Random(1)
    lines = [
        f"me: question {at}\nMo: answer {at} {'long ' * draw.choice([1, 2, 200])}"
        for at in range(400)
    ]
    view = rescued(of("\n".join(lines)), "Mo").view
    numbers = [int(said.split()[1]) for said, _ in view.examples]

    assert numbers == sorted(numbers)
    assert numbers[0] < 50
    assert numbers[-1] > 350
    assert all(len(answer) <= LONGEST_EXAMPLE for _, answer in view.examples)


def test_a_lecture_is_no_example():
    lines = [f"me: a{at}\nMo: {'b' * length}" for at, length in enumerate((3, 4, 900, 5))]

    assert len(rescued(of("\n".join(lines)), "Mo").view.examples) == 3


def test_they_begin_as_they_began():
    assert rescued(of("Mo: Oh.\nme: hi\nMo: b\nme: c\nMo: d"), "Mo").view.first_mes == "Oh."


def test_too_little_is_told():
    with pytest.raises(UserError, match=f"2 lines of Mo; {FEWEST_LINES} are needed"):
        rescued(of("me: hi\nMo: a\nme: c\nMo: d"), "Mo")


def test_a_rescue_leaves_a_character_with_a_portrait_and_a_memory(monkeypatch, tmp_path):
    monkeypatch.setenv("MYNAH_DATA", str(tmp_path))
    portrait = Path(tmp_path / "mochi.png")
    portrait.write_bytes(png.plain(2, 2, (1, 1, 1)))
    moved = rescue(Lost(tuple(of(CHINESE)), "麻薯", "一只猫"), portrait)

    assert (moved.turns, moved.facts) == (25, 0)
    card = find("麻薯").card()
    assert (card.kind, card.view.description) == ("png", "一只猫")
