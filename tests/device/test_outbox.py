from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from mynah_device.outbox import (
    AUDIO_PLAINTEXT_BYTES,
    ORDERED_LIMIT,
    SLOT_BYTES,
    URGENT_LIMIT,
    Outbox,
)
from mynah_wire.codecs import IMA_ADPCM, codec
from mynah_wire.gatt import AUDIO_MTU, record_limit


def commit(outbox, number):
    slot = outbox.slot()
    slot[4] = number & 0xFF
    outbox.commit()


def drain(outbox):
    """All that a sender takes, in its order: control as bytes, audio as the number in it."""
    taken = []
    while True:
        plaintext = outbox.control()
        if plaintext is not None:
            taken.append(plaintext)
        elif (slot := outbox.audio()) is not None:
            taken.append(slot[4])
            outbox.sent()
        else:
            return taken


def test_a_slot_holds_a_sealed_frame_exactly():
    assert codec(IMA_ADPCM).frame_bytes + 7 == AUDIO_PLAINTEXT_BYTES
    assert record_limit(AUDIO_MTU) == SLOT_BYTES


def test_start_and_end_keep_their_place_in_the_audio():
    outbox = Outbox()
    outbox.ordered(b"start 1")
    commit(outbox, 1)
    commit(outbox, 2)
    outbox.ordered(b"end 1")
    outbox.ordered(b"start 2")
    commit(outbox, 3)
    outbox.ordered(b"end 2")
    outbox.urgent(b"pong")

    assert drain(outbox) == [b"pong", b"start 1", 1, 2, b"end 1", b"start 2", 3, b"end 2"]


def test_a_full_outbox_loses_the_oldest_audio_and_counts_it():
    outbox = Outbox(slots=3)
    outbox.ordered(b"start")
    for number in range(5):
        commit(outbox, number)
    outbox.ordered(b"end")

    assert (len(outbox), outbox.dropped) == (3, 2)
    assert drain(outbox) == [b"start", 2, 3, 4, b"end"]


def test_a_frame_taken_for_newer_sound_is_told_by_its_count():
    outbox = Outbox(slots=2)
    commit(outbox, 0)
    commit(outbox, 1)
    frame, slot = outbox.oldest, outbox.audio()

    commit(outbox, 2)

    assert outbox.oldest != frame
    assert slot[4] == 2  # the sender must not send it as frame 0
    assert drain(outbox) == [1, 2]


def test_a_start_that_was_taken_when_the_link_went_is_sent_again():
    outbox = Outbox()
    outbox.ordered(b"start")
    commit(outbox, 1)

    assert outbox.control() == b"start"
    outbox.forget_urgent()

    assert drain(outbox) == [b"start", 1]


def test_what_was_taken_is_gone_once_the_sender_comes_for_more():
    outbox = Outbox()
    outbox.ordered(b"start")
    assert outbox.control() == b"start"
    assert outbox.control() is None

    outbox.forget_urgent()

    assert drain(outbox) == []


def test_a_frame_sealed_for_a_link_that_went_is_lost_and_counted():
    outbox = Outbox()
    commit(outbox, 1)
    commit(outbox, 2)
    outbox.audio()
    outbox.lose_sealed()

    assert (outbox.dropped, drain(outbox)) == (1, [2])


def test_too_much_urgent_control_gives_up_the_link():
    outbox = Outbox()
    for number in range(URGENT_LIMIT):
        outbox.urgent(bytes([number]))
    assert not outbox.overflowed

    outbox.urgent(b"one more")
    assert outbox.overflowed

    outbox.forget_urgent()
    assert (outbox.overflowed, drain(outbox)) == (False, [])


def test_too_many_starts_and_ends_lose_the_oldest_and_never_the_last_end():
    outbox = Outbox()
    for number in range(ORDERED_LIMIT + 3):
        outbox.ordered(bytes([number]))

    assert outbox.overflowed
    assert drain(outbox) == [bytes([number]) for number in range(3, ORDERED_LIMIT + 3)]


def test_losing_the_oldest_while_it_is_being_sent_loses_no_other():
    outbox = Outbox()
    for number in range(ORDERED_LIMIT):
        outbox.ordered(bytes([number]))
    outbox.control()
    outbox.ordered(b"new")

    assert drain(outbox) == [*[bytes([number]) for number in range(1, ORDERED_LIMIT)], b"new"]


def test_audio_that_does_not_fit_a_link_waits_for_another():
    outbox = Outbox()
    outbox.ordered(b"start")
    commit(outbox, 1)
    outbox.ordered(b"end")
    outbox.audio_fits = False

    assert drain(outbox) == [b"start"]

    outbox.audio_fits = True
    assert drain(outbox) == [1, b"end"]


def test_another_owner_gets_nothing_of_the_old_ones():
    outbox = Outbox()
    outbox.urgent(b"pong")
    outbox.ordered(b"start")
    commit(outbox, 1)

    outbox.forget()

    assert (len(outbox), drain(outbox)) == (0, [])


class Life(RuleBasedStateMachine):
    """Frames and their starts and ends, against a plain list."""

    def __init__(self):
        super().__init__()
        self.outbox = Outbox(slots=4)
        self.expected = []  # ("audio", n) and ("ordered", n), in order
        self.number = 0

    @rule()
    def a_frame_is_heard(self):
        commit(self.outbox, self.number)
        self.expected.append(("audio", self.number & 0xFF))
        self.number += 1
        heard = [item for item in self.expected if item[0] == "audio"]
        if len(heard) > 4:
            self.expected.remove(heard[0])

    @rule()
    def a_stream_starts_or_ends(self):
        waiting = [item for item in self.expected if item[0] == "ordered"]
        if len(waiting) == ORDERED_LIMIT:
            self.expected.remove(waiting[0])
        self.outbox.ordered(self.number.to_bytes(4))
        self.expected.append(("ordered", self.number.to_bytes(4)))
        self.number += 1

    @precondition(lambda self: self.expected)
    @rule()
    def something_is_sent(self):
        kind, what = self.expected.pop(0)
        control = self.outbox.control()
        if kind == "ordered":
            assert control == what
        else:
            assert control is None
            assert self.outbox.audio()[4] == what
            self.outbox.sent()

    @invariant()
    def nothing_is_left_over(self):
        assert len(self.outbox) == sum(kind == "audio" for kind, _ in self.expected)


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=100, stateful_step_count=50, deadline=None)


@given(st.lists(st.sampled_from(["frame", "sent", "lost"]), max_size=60))
def test_every_frame_is_sent_or_counted_as_dropped(steps):
    outbox, committed, sent = Outbox(slots=5), 0, 0
    for step in steps:
        if step == "frame":
            commit(outbox, committed)
            committed += 1
        elif outbox.audio() is not None:
            if step == "sent":
                outbox.sent()
                sent += 1
            else:
                outbox.lose_sealed()

    assert committed == sent + outbox.dropped + len(outbox)
