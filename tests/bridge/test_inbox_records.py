"""What an inbox writes, and what of it is read again when it was torn."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mynah.inbox import journal, records
from mynah.inbox.journal import DONE, LINES_MOST, LOST, OUTCOMES_KEPT, PART, Journal
from mynah.inbox.key import Key
from mynah.inbox.records import Ending, Kept
from mynah.inbox.seen import Seen

DEVICE = "0001020304050607"
KEY = Key(DEVICE, 0xFEED, 12)
FRAMES = {place: bytes((place,)) * 163 for place in range(4)}
END = Ending(0, 4, 1)


def parts():
    frames = [records.frame(place, FRAMES[place]) for place in FRAMES]
    return [records.header(1, 1500.0, 2000.0), *frames, records.end(END)]


def test_a_file_says_all_that_was_written():
    assert records.read(b"".join(parts())) == Kept(1, 1500.0, 2000.0, FRAMES, END)
    assert records.read(records.header(1, None, 2000.0)) == Kept(1, None, 2000.0)


def test_cut_at_every_byte_what_was_whole_before_is_read():
    whole = b"".join(parts())
    ends = [len(b"".join(parts()[: n + 1])) for n in range(len(parts()))]
    for size in range(len(whole)):
        kept = records.read(whole[:size])
        count = sum(end <= size for end in ends)
        if count == 0:
            assert kept is None
        else:
            assert kept == Kept(1, 1500.0, 2000.0, dict(list(FRAMES.items())[: count - 1]), None)


@given(st.integers(1, 4), st.integers(1, 175), st.binary(max_size=40))
def test_what_is_torn_in_the_middle_costs_itself_alone(number, size, nonsense):
    pieces = parts()
    pieces[number] = pieces[number][: size % len(pieces[number])] + nonsense
    kept = records.read(b"".join(pieces))

    others = {place: FRAMES[place] for place in FRAMES if place != number - 1}
    assert kept == Kept(1, 1500.0, 2000.0, others, END)


@given(st.binary(max_size=600))
def test_nonsense_is_no_utterance(nonsense):
    assert records.read(nonsense) is None


def test_a_journal_remembers_what_became_of_each():
    written = [(KEY, PART, 120), (Key(DEVICE, 1, 2), DONE, 0), (Key(DEVICE, 1, 3), LOST, 0)]
    read = journal.read(DEVICE, b"".join(journal.line(*each) for each in written))

    assert read.parts == {KEY: 120}
    assert read.outcomes == {Key(DEVICE, 1, 2): DONE, Key(DEVICE, 1, 3): LOST}
    assert journal.read(DEVICE, read.compact()) == Journal(read.outcomes, read.parts, 3)


def test_a_torn_line_costs_itself_alone():
    first, torn, last = (journal.line(Key(DEVICE, 1, stream), DONE) for stream in (1, 2, 3))
    for size in range(len(torn)):
        read = journal.read(DEVICE, first + torn[:size] + last)
        assert [key.stream for key in read.outcomes] in ([1, 3], [1, 2, 3])
        assert len(read.outcomes) == 2 + (size == len(torn) - 1)


def test_a_journal_forgets_the_oldest():
    remembered = Journal()
    for stream in range(OUTCOMES_KEPT + 5):
        remembered.note(Key(DEVICE, 1, stream), DONE)

    assert len(remembered.outcomes) == OUTCOMES_KEPT < LINES_MOST
    assert min(key.stream for key in remembered.outcomes) == 5


def test_a_key_has_a_name_and_no_other_file_has_it():
    assert Key.of_name(DEVICE, KEY.name) == KEY
    for name in ("journal", "0000feed", "0000FEED-00012", "feed-12", "-", "0000feed-00012x"):
        assert Key.of_name(DEVICE, name) is None


@pytest.mark.parametrize(
    "key", [Key(DEVICE, 1, 0x10000), Key(DEVICE, 1, 99_999), Key(DEVICE, 1 << 32, 1)]
)
def test_what_no_ring_can_be_told_has_no_name(key):
    assert Key.of_name(DEVICE, key.name) is None


@given(st.lists(st.integers(0, 12)), st.integers(0, 12))
def test_what_is_seen_is_what_was_added(frames, told):
    seen = Seen()
    for frame in frames:
        seen.add(frame)
    seen.forget(told)
    here = {frame for frame in frames if frame >= told}

    assert seen.count == len(here)
    assert seen.first_missing(told) == next(n for n in range(told, 20) if n not in here)
    assert seen.missing(13) == len(set(range(told, 13)) - here)
    assert [seen.add(frame) for frame in range(13)] == [
        frame >= told and frame not in here for frame in range(13)
    ]
