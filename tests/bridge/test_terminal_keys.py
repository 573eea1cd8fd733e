from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mynah.terminal.keys import FocusLost, Key, KeyParser, Kind, Mouse

PRESS, REPEAT, RELEASE, TYPED = Kind.PRESS, Kind.REPEAT, Kind.RELEASE, Kind.TYPED

ANSWER = b"\x1b[?15u"  # of a terminal that tells of releases

PIECES = [
    b" ", b"q", b"\x03", b"\x1b", b"[", b"O", b"M", b"\xd0", b"\xb9", b"\xf0\x9f", b"\xff",
    b"\x1b[32;1:3u", b"\x1b[99;5u", b"\x1b[<0;10;5M", b"\x1b[200~", b"\x1b[201~", b"\x1b[I",
    b"\x1b[O", b"\x1b[M !!", b"\x1b[0000000;", b"\x1b[<0;1", b"\x1b[?15u", b"\x1bOP", b"9" * 70,
]  # fmt: skip
streams = st.lists(st.sampled_from(PIECES) | st.binary(max_size=4), max_size=12).map(b"".join)


def parsed(*pieces):
    parser = KeyParser()
    return [event for piece in pieces for event in parser.push(piece)]


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b" ", "space"),
        (b"q", "q"),
        (b"Q", "q"),
        (b"\x03", "ctrl-c"),
        (b"\x04", "ctrl-d"),
        (b"\x1a", "ctrl-z"),
        (b"\r", "ctrl-m"),
        ("й".encode(), "й"),
        ("🐦".encode(), "🐦"),
    ],
)
def test_a_plain_terminal_types_its_keys(data, name):
    assert parsed(data) == [Key(name, TYPED)]


def test_an_escape_may_be_the_key_or_the_begin_of_more():
    parser = KeyParser()

    assert parser.push(b"\x1b") == []
    assert parser.waiting
    assert parser.flush() == [Key("escape", TYPED)]
    assert not parser.waiting
    assert parser.push(b"[") == [Key("[", TYPED)]


def test_a_sequence_that_comes_in_time_is_no_escape():
    parser = KeyParser()

    assert parser.push(b"\x1b") + parser.push(b"[A") + parser.flush() == []


def test_a_terminal_that_tells_escapes_apart_is_not_hurried():
    parser = KeyParser()
    parser.push(ANSWER + b"\x1b")

    assert not parser.waiting
    assert parser.flush() == []
    assert parser.push(b"[32;1:3u") == [Key("space", RELEASE)]


@pytest.mark.parametrize("data", [b"\x1b\x1b", b"\x1b\x03", b"\x1b "])
def test_an_escape_before_another_key_is_one(data):
    assert parsed(data)[0] == Key("escape", TYPED)


@pytest.mark.parametrize(
    ("data", "name", "kind"),
    [
        (b"\x1b[32u", "space", PRESS),
        (b"\x1b[32;1:1u", "space", PRESS),
        (b"\x1b[32;1:2u", "space", REPEAT),
        (b"\x1b[32;1:3u", "space", RELEASE),
        (b"\x1b[32;5:3u", "space", RELEASE),  # control was pressed meanwhile
        (b"\x1b[32;5u", "ctrl-space", PRESS),
        (b"\x1b[32;9u", "alt-space", PRESS),
        (b"\x1b[32;129u", "space", PRESS),  # num lock
        (b"\x1b[27;1:1u", "escape", PRESS),
        (b"\x1b[99;5u", "ctrl-c", PRESS),
        (b"\x1b[99;197u", "ctrl-c", PRESS),  # both locks
        (b"\x1b[1089::99;5u", "ctrl-c", PRESS),  # a Cyrillic keyboard
        (b"\x1b[97::113u", "a", PRESS),  # a French one has its q elsewhere
        (b"\x1b[113:81;2u", "q", PRESS),
        (b"\x1b[113;;113u", "q", PRESS),
        (b"\x1b[113;0u", "q", PRESS),
    ],
)
def test_kittys_protocol_tells_what_became_of_a_key(data, name, kind):
    assert parsed(ANSWER, data) == [Key(name, kind)]


def test_without_the_terminals_word_a_key_is_only_typed():
    assert parsed(b"\x1b[32u", b"\x1b[32;1:3u") == [Key("space", TYPED), Key("space", RELEASE)]


@pytest.mark.parametrize(("data", "flags"), [(b"", 0), (b"\x1b[?0u", 0), (b"\x1b[?11u", 11)])
def test_the_terminals_answer_is_kept(data, flags):
    parser = KeyParser()

    assert parser.push(data) == []
    assert parser.flags == flags


@pytest.mark.parametrize(
    ("data", "events"),
    [
        (b"\x1b[<0;10;5M", [Mouse(PRESS, 10, 5)]),
        (b"\x1b[<0;300;5m", [Mouse(RELEASE, 300, 5)]),
        (b"\x1b[<20;1;1M", [Mouse(PRESS, 1, 1)]),  # with shift and control
        (b"\x1b[<2;1;1M", []),  # another button
        (b"\x1b[<64;1;1M", []),  # the wheel
        (b"\x1b[<32;1;1M", []),  # moved
        (b"\x1b[M !!", []),  # as it was told in 1990
        (b"\x1b[I", []),
        (b"\x1b[O", [FocusLost()]),
    ],
)
def test_the_first_button_and_the_focus_are_understood(data, events):
    assert parsed(data) == events


@pytest.mark.parametrize(
    "data",
    [b"\x1b[A", b"\x1b[3~", b"\x1bOP", b"\x1b[1;5C", b"\x1b[?62;4c", b"\x1b[57441;2u", b"\x1b[0 q",
     b"\x1bq", b"\x1b[M\x7f\x21\x21", b"\x1b[9999999999u", b"\x1b[;u", b"\x1b[<;;M"],
)  # fmt: skip
def test_what_is_not_known_is_skipped_whole(data):
    assert parsed(data + b" ") == [Key("space", TYPED)]


def test_what_is_pasted_is_not_typed():
    assert parsed(b"\x1b[200~quit  it \x1b\x1b[201~", b" ") == [Key("space", TYPED)]


def test_control_c_ends_a_paste_that_never_ends():
    assert parsed(b"\x1b[200~ab", b"\x03 ") == [Key("ctrl-c", TYPED), Key("space", TYPED)]


def test_control_c_is_heard_within_a_broken_sequence():
    assert parsed(b"\x1b[12;\x03") == [Key("ctrl-c", TYPED)]


def test_a_sequence_without_an_end_holds_nothing_back_for_long():
    parser = KeyParser()
    parser.push(b"\x1b[" + b"0" * 10_000)

    assert parser.push(b" ") == [Key("space", TYPED)]
    assert len(parser._text) == 0


@example(b"\x1b[" + b"0" * 64 + b"1" * 6 + b"u ", [66, 67])
@given(streams, st.lists(st.integers(0, 60)))
def test_bytes_cut_anywhere_give_the_same_events(data, cuts):
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    pieces = [data[start:end] for start, end in pairwise(edges)]

    assert parsed(*pieces) == parsed(data)


@given(streams)
def test_control_c_is_always_heard(data):
    """A character may be unfinished, a click of the old kind may want more: never a signal."""
    assert parsed(data + b"\x03")[-1] == Key("ctrl-c", TYPED)
