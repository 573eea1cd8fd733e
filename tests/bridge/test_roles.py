"""Chats for servers that insist on who speaks when."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mynah.companions.history import message
from mynah.companions.models.roles import OPENING, normalised

CHATS = st.lists(
    st.builds(message, st.sampled_from(["system", "user", "assistant"]), st.sampled_from("abc")),
    max_size=8,
)


def roles(chat):
    return "".join(each["role"][0] for each in chat)


@pytest.mark.parametrize(
    ("before", "alternate", "without"),
    [
        ("su", "su", "u"),
        ("u", "u", "u"),
        ("ssuau", "suau", "uau"),
        ("sau", "suau", "uau"),
        ("suuaau", "suau", "uau"),
        ("suasu", "suau", "uau"),
        ("suas", "suau", "uau"),
        ("s", "su", "u"),
        ("", "u", "u"),
    ],
)
def test_roles_come_in_turn(before, alternate, without):
    names = {"s": "system", "u": "user", "a": "assistant"}
    chat = [message(names[letter], f"{at}") for at, letter in enumerate(before)]

    assert roles(normalised(chat, "any")) == before
    assert roles(normalised(chat, "alternate")) == alternate
    assert roles(normalised(chat, "no-system")) == without


def test_a_character_who_speaks_first_was_asked_to():
    chat = [message("system", "You are Ann."), message("assistant", "Hi!"), message("user", "Yes?")]

    strict = normalised(chat, "alternate")
    bare = normalised(chat, "no-system")

    assert strict[1] == {"role": "user", "content": OPENING}
    assert bare[0] == {"role": "user", "content": f"You are Ann.\n\n{OPENING}"}


def test_a_line_of_nobodys_goes_to_the_words_after_it():
    chat = [
        message("user", "One."),
        message("assistant", "Two."),
        message("system", "the ring was squeezed"),
        message("user", "Three."),
    ]

    assert normalised(chat, "alternate")[-1]["content"] == "(the ring was squeezed)\nThree."


@given(CHATS, st.sampled_from(["any", "alternate", "no-system"]))
def test_no_words_are_lost_and_none_change_their_place(chat, strictness):
    words = "".join(each["content"] for each in chat)
    said = "".join(each["content"] for each in normalised(chat, strictness))

    assert "".join(c for c in said.replace(OPENING, "") if c in "abc") == words
