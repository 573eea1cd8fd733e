from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mynah.errors import DeviceError
from mynah.link.aead import Ccm
from mynah.link.downlink import CODEC
from mynah.link.session import (
    ANSWER_MS,
    CONTROL_LIMIT,
    FIRST_PINGS,
    HANDSHAKE_MS,
    KEEP_PING_MS,
    PING_EVERY_MS,
    HostSession,
)
from mynah_wire.channel import Channel
from mynah_wire.downlink import THINKING, Mood, Ping
from mynah_wire.errors import RefusedError
from mynah_wire.handshake import PROTOCOL_VERSION, RING, Hello
from mynah_wire.message import encode
from mynah_wire.uplink import Battery, Counters, Credit, Pong, Ready

KEY = bytes(range(32))
NONCE = bytes(16)
EVERYTHING = 0xFF


def ready(codecs=EVERYTHING, board=b"test"):
    return Ready(bytes(8), 1, 1, 0, codecs, 2000, 0, board)


def silence(frames):
    return np.zeros(frames * CODEC.frame_samples, np.int16)


class Wire:
    """A host's session, and a ring that says what a test tells it to."""

    def __init__(self, key=KEY, ring_key=KEY, mtu=247, ring_mtu=247):
        self.now_ms = 0.0
        self.session = HostSession(key, mtu, self.now_ms, NONCE)
        self.ring = Channel(RING, ring_key, Ccm, bytes(range(16)), ring_mtu)

    def shake_hands(self):
        """Up to the proofs; a ring that refuses says so before it hangs up."""
        for _ in range(2):
            record = self.session.next()
            try:
                answer = self.ring.receive_plain(record)
            except RefusedError:
                answer = self.ring.farewell
            self.session.receive(answer, self.now_ms)

    def opened(self):
        self.shake_hands()
        self.says(ready())
        return self

    def says(self, message):
        """The ring says something; what of it concerns the conversation."""
        told = []
        for piece in self.ring.pieces(message):
            told += self.session.receive(self.ring.seal_piece(piece), self.now_ms)
        return told

    def hears(self):
        """All that the host sends now."""
        heard = []
        while (record := self.session.next()) is not None:
            heard.append(self.ring.receive(record))
        return heard

    def tick_at_deadline(self):
        self.now_ms = self.session.deadline_ms()
        self.session.tick(self.now_ms)

    def wait(self, rubbish=b""):
        """Let time pass while the ring says nothing, or rubbish."""
        for _ in range(100):
            if rubbish:
                self.session.receive(rubbish, self.now_ms)
            self.tick_at_deadline()


def test_a_handshake_ends_with_ready():
    wire = Wire()

    wire.shake_hands()
    assert wire.session.ready is None
    told = wire.says(ready())

    assert told == [ready()]
    assert wire.session.ready == ready()


def test_nothing_sealed_is_sent_before_the_ring_is_ready():
    wire = Wire()
    wire.shake_hands()

    wire.session.tell(Mood(THINKING))
    assert wire.session.next() is None
    wire.says(ready())

    assert wire.hears() == [Mood(THINKING)]


def test_every_connection_has_a_nonce_of_its_own():
    hellos = {HostSession(KEY, 247, 0.0).next() for _ in range(10)}

    assert len(hellos) == 10


@pytest.mark.parametrize(
    ("ends", "reason"),
    [
        ({"key": bytes(32)}, "the ring refused us, the keys differ: pair it by cable"),
        ({"ring_key": None}, "the ring refused us, the ring was never paired: pair it by cable"),
        ({"mtu": 63}, "the ring refused us, the link's MTU is too small: it needs 64, got 63"),
        ({"mtu": 184}, "the link's MTU is 184, audio needs 185"),
        ({"ring_mtu": 184}, "the link's MTU is 184, audio needs 185"),
    ],
    ids=["another key", "no key", "tiny MTU", "small MTU", "small MTU at the ring"],
)
def test_a_ring_that_can_not_be_talked_to_is_told_of_in_one_line(ends, reason):
    with pytest.raises(DeviceError) as caught:
        Wire(**ends).opened()

    assert reason in str(caught.value)


def test_a_ring_that_says_it_is_another_than_the_one_whose_key_it_has_is_refused():
    wire = Wire()
    wire.session = HostSession(KEY, 247, 0.0, NONCE, "00" * 7 + "01")

    with pytest.raises(DeviceError, match="ring 0000000000000001 says that it is 00000000000000"):
        wire.opened()
    assert wire.session.ready is None


def test_a_ring_of_another_version_is_refused_by_us():
    session = HostSession(KEY, 247, 0.0, NONCE)
    session.next()

    with pytest.raises(DeviceError, match=r"this bridge refused the ring, .* needs 1, got 2"):
        session.receive(encode(Hello(PROTOCOL_VERSION + 1, NONCE, 247)), 0.0)


def test_an_impostor_is_refused_by_us():
    wire = Wire()
    hello = wire.ring.receive_plain(wire.session.next())
    wire.session.receive(hello, 0.0)
    wire.session.next()

    with pytest.raises(DeviceError, match="this bridge refused the ring, the keys differ"):
        wire.session.receive(b"\x02" + bytes(16), 0.0)


def test_a_ring_without_our_codec_is_told_of():
    wire = Wire()
    wire.shake_hands()

    with pytest.raises(DeviceError, match=f"does not speak {CODEC.name}"):
        wire.says(ready(codecs=0))


def test_a_ring_that_does_not_answer_is_given_up():
    wire = Wire()

    assert wire.session.deadline_ms() == HANDSHAKE_MS
    with pytest.raises(DeviceError, match="did not answer"):
        wire.tick_at_deadline()


def test_a_ring_that_never_gets_ready_is_given_up():
    wire = Wire()
    wire.shake_hands()

    with pytest.raises(DeviceError, match="did not answer"):
        wire.wait()

    assert wire.now_ms == HANDSHAKE_MS


def test_a_ring_that_falls_silent_is_given_up():
    wire = Wire().opened()

    with pytest.raises(DeviceError, match="fell silent"):
        wire.wait()

    assert wire.now_ms == ANSWER_MS


def test_rubbish_is_no_sign_of_life():
    wire = Wire().opened()

    with pytest.raises(DeviceError, match="fell silent"):
        wire.wait(rubbish=b"\x80\0\0\x63" + bytes(20))

    assert wire.now_ms == ANSWER_MS


def test_a_ring_that_answers_is_never_given_up():
    wire = Wire().opened()

    for _ in range(200):
        wire.tick_at_deadline()
        for ping in wire.hears():
            wire.says(Pong(ping.token, 0))

    assert wire.now_ms > 10 * ANSWER_MS


def test_it_pings_often_at_first_and_then_now_and_then():
    wire = Wire().opened()
    moments = []

    for _ in range(FIRST_PINGS + 3):
        wire.tick_at_deadline()
        moments.append(wire.now_ms)
        (ping,) = wire.hears()
        assert isinstance(ping, Ping)
        wire.says(Pong(ping.token, 0))

    waits = [later - earlier for earlier, later in pairwise(moments)]
    assert waits == [PING_EVERY_MS] * (FIRST_PINGS - 1) + [KEEP_PING_MS] * 3


def test_the_clock_is_learned_from_our_own_pings_only_and_once():
    wire = Wire().opened()
    wire.tick_at_deadline()
    (ping,) = wire.hears()

    wire.says(Pong(ping.token + 1, 9))
    assert wire.session.clock.round_trip_ms is None
    wire.now_ms += 40
    wire.says(Pong(ping.token, 1000))
    assert wire.session.clock.round_trip_ms == 40
    wire.now_ms += 1
    wire.says(Pong(ping.token, 5000))

    assert wire.session.clock.host_ms(1000) == 20


def test_unanswered_pings_are_not_kept_for_ever():
    wire = Wire().opened()

    for _ in range(100):
        wire.tick_at_deadline()
        wire.hears()
        wire.says(Battery(3700, 50, 0))

    assert len(wire.session._pings) <= FIRST_PINGS + 1


def test_control_goes_before_audio():
    wire = Wire().opened()
    downlink = wire.session.downlink
    downlink.begin(1)
    downlink.go(1)
    downlink.push(1, silence(3))

    first = wire.ring.receive(wire.session.next())
    wire.session.tell(Mood(THINKING))
    names = [type(message).__name__ for message in [first, *wire.hears()]]

    assert names == ["Preload", "Mood", "Go", "Audio", "Audio", "Audio"]


def test_a_ping_waits_for_nothing_so_that_its_round_trip_is_the_links():
    wire = Wire().opened()

    wire.session.tell(Mood(THINKING))
    wire.tick_at_deadline()

    assert wire.hears() == [Ping(1), Mood(THINKING)]


def test_a_ring_that_takes_no_commands_is_told_of():
    wire = Wire().opened()

    for _ in range(CONTROL_LIMIT + 1):
        wire.session.tell(Mood(THINKING))
    with pytest.raises(DeviceError, match="the ring takes none"):
        wire.session.tell(Mood(THINKING))


def test_ready_and_credit_say_how_much_may_be_sent():
    wire = Wire().opened()
    downlink = wire.session.downlink
    downlink.begin(1)
    downlink.go(1)
    downlink.push(1, silence(120))

    wire.hears()
    assert downlink.sent_ms == 2000
    assert wire.says(Credit(2100)) == []
    wire.hears()

    assert downlink.sent_ms == 2100


def test_counters_are_kept_and_passed_on():
    wire = Wire().opened()
    counters = Counters(24, 247, 1, 2, 3, 4, 5, 6)

    assert wire.says(counters) == [counters]
    assert wire.session.counters == counters


def test_a_long_message_comes_in_fragments():
    wire = Wire().opened()
    long = ready(board=b"x" * 600)

    assert wire.says(long) == [long]


@given(st.lists(st.binary(max_size=260), max_size=20), st.booleans())
def test_no_bytes_from_a_stranger_do_more_than_be_counted(records, sealed):
    wire = Wire().opened()

    for record in records:
        first = b"\x80" if sealed else b"\x01"
        assert wire.session.receive(first + record, wire.now_ms) == []

    assert wire.session.bad_records <= len(records)
    assert wire.says(Battery(3700, 50, 0)) == [Battery(3700, 50, 0)]


def test_a_record_that_comes_again_or_was_changed_is_counted():
    wire = Wire().opened()
    record = wire.ring.seal_piece(encode(Battery(3700, 50, 0)))
    changed = record[:-1] + bytes([record[-1] ^ 1])

    told = [wire.session.receive(each, 0.0) for each in (changed, record, record)]

    assert told == [[], [Battery(3700, 50, 0)], []]
    assert wire.session.bad_records == 2


def test_a_kind_from_the_future_is_skipped():
    wire = Wire().opened()

    assert wire.session.receive(wire.ring.seal_piece(b"\x7eanything"), 0.0) == []
    assert (wire.session.channel.skipped, wire.session.bad_records) == (1, 0)
