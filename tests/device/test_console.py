import pytest
from hypothesis import given
from hypothesis import strategies as st

from mynah_device.console import LINE_LIMIT_BYTES, describe, parse
from mynah_wire.handshake import fingerprint

KEY = bytes(range(32))


@pytest.mark.parametrize(
    ("line", "command", "argument"),
    [
        ("mynah id", "id", b""),
        ("  mynah   id\r\n", "id", b""),
        ("mynah forget", "forget", b""),
        (f"mynah key {KEY.hex()}", "key", KEY),
        (f"mynah key {KEY.hex().upper()}\n", "key", KEY),
    ],
)
def test_a_command_is_understood(line, command, argument):
    assert parse(line) == (command, argument)
    assert len(line) <= LINE_LIMIT_BYTES


@pytest.mark.parametrize("line", ["", "\n", ">>> import os", "mynahid", "minah id", "x mynah id"])
def test_what_is_not_for_us_has_no_answer(line):
    assert parse(line) == ("", b"")


def test_a_line_that_is_too_long_is_not_for_us():
    assert parse("mynah id" + " " * LINE_LIMIT_BYTES) == ("", b"")


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("mynah", b"use: mynah id"),
        ("mynah fly", b"use: mynah id"),
        ("mynah id please", b"use: mynah id"),
        ("mynah key", b"64 hexadecimal digits"),
        ("mynah key 00", b"64 hexadecimal digits"),
        ("mynah key " + "00" * 33, b"64 hexadecimal digits"),
        ("mynah key " + "0" * 63, b"hexadecimal"),
        ("mynah key " + "zz" * 32, b"is hexadecimal"),
        ("mynah key " + "é0" * 32, b"is hexadecimal"),
    ],
)
def test_a_bad_command_is_told_what_is_wrong(line, says):
    command, argument = parse(line)

    assert command == "error"
    assert says in argument


@given(st.text(max_size=300))
def test_any_line_is_answered_or_left_alone(line):
    for text in (line, "mynah " + line, "mynah key " + line):
        command, argument = parse(text)
        assert command in ("", "id", "forget", "key", "log", "error")
        assert (len(argument) == 32) == (command == "key") or command == "error"


def test_a_ring_says_who_it_is_and_nothing_of_its_key():
    said = describe(b"\x01\x02", 7, b"board", KEY)

    assert said == f"mynah 0102 build 7 board board paired {fingerprint(KEY)}"
    assert KEY.hex()[:8] not in said
    assert describe(b"\x01", 7, b"board", None).endswith(" unpaired")


def test_the_log_can_be_asked_for():
    assert parse("mynah log\r\n") == ("log", b"")
    assert parse("mynah log 5")[0] == "error"
