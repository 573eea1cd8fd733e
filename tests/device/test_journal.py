"""The log: numbered, bounded, and still there after a reset."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mynah_device.journal import LINE_BYTES, MOST_LINES, PACKED_BYTES, Journal


def lines(journal, first=0):
    found = []
    while (line := journal.line(first)) is not None:
        found.append(line)
        first = line[0] + 1
    return found


def test_lines_are_numbered_and_say_when():
    journal = Journal()
    journal.note("start", 250)
    journal.note("a host is here", 12_345)

    assert lines(journal) == [(0, b"0.2 s start"), (1, b"12.3 s a host is here")]
    assert journal.newest == "12.3 s a host is here"
    assert journal.next_number == 2


def test_the_oldest_go_first_and_who_asks_for_one_gets_the_next_that_is_there():
    journal = Journal()
    for number in range(MOST_LINES + 5):
        journal.note(f"line {number}", 0)

    assert journal.line(0) == (5, b"0.0 s line 5")
    assert len(lines(journal)) == MOST_LINES


def test_every_note_is_announced_so_that_it_can_be_kept():
    journal, packed = Journal(), []
    journal.on_note = lambda: packed.append(journal.pack())
    journal.note("one", 0)
    journal.forget()

    assert lines(Journal(packed[0])) == [(0, b"0.0 s one")]
    assert lines(Journal(packed[1])) == []


@given(st.lists(st.text(max_size=200), max_size=60))
def test_after_a_reset_the_newest_are_there_under_their_numbers(texts):
    journal = Journal()
    for text in texts:
        journal.note(text, 0)
    packed = journal.pack()
    again = Journal(packed)
    kept = lines(again)

    assert len(packed) <= PACKED_BYTES
    assert again.next_number == len(texts)
    assert kept == lines(journal)[len(texts) - len(kept) :]
    assert all(len(text) <= LINE_BYTES and text.decode() for _, text in kept)
    if texts:
        assert kept


@given(st.binary(max_size=300))
def test_what_a_loss_of_power_left_in_there_is_nothing(noise):
    journal = Journal(noise)
    assert lines(journal) == []
    assert journal.next_number == 0


def test_padding_behind_it_is_none_of_it():
    journal = Journal()
    journal.note("one", 0)
    padded = journal.pack().ljust(PACKED_BYTES, b"\0")

    assert lines(Journal(padded)) == lines(journal)


@pytest.mark.parametrize("bit", range(0, 64, 3))
def test_one_bit_that_fell_over_is_noticed(bit):
    journal = Journal()
    journal.note("one", 0)
    packed = bytearray(journal.pack())
    packed[bit // 8] ^= 1 << bit % 8

    assert lines(Journal(bytes(packed))) == []
