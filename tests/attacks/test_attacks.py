"""Who has not the key gets nothing done and is told nothing; who has it can't break the other."""

import pytest

from mynah.inbox.key import Key
from mynah.inbox.wants import Untold
from mynah_wire.downlink import Mood, Ping
from mynah_wire.message import encode
from mynah_wire.uplink import Button
from tests.attacks import false_rings, mad_keeping, strangers, tampering
from tests.attacks.cases import BEFORE_PROOF, Tally, Told, name_of
from tests.attacks.suite import ATTACKS, carry_out_all
from tests.attacks.victims import KEY, RingVictim

LEAST_CASES = 1000


@pytest.fixture(scope="module")
def tally():
    return carry_out_all()


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_nothing_of_it_is_accepted(tally, attack):
    kind = tally.kinds[name_of(attack)]

    assert kind.tried
    assert kind.accepted == []


def test_before_proof_nothing_is_told_but_what_anybody_may_know(tally):
    assert tally.told.secrets == []
    assert tally.told.kinds == BEFORE_PROOF


def test_there_are_enough_cases_to_speak_of(tally):
    assert tally.tried >= LEAST_CASES
    assert tally.as_json()["kinds"]["wrong key"] == {"tried": 259, "accepted": 0}


# The suite itself: what it would have to find, it finds.


def test_a_key_that_is_right_counts_as_accepted(monkeypatch):
    monkeypatch.setattr(strangers, "KEY", bytes([KEY[0] ^ 1]) + KEY[1:])

    accepted = Tally().carry_out([strangers.wrong_key]).kinds["wrong key"].accepted

    assert accepted == ["a key wrong in bit 0"]  # twice wrong: the one that the ring has


def test_a_ring_that_obeys_or_answers_counts_as_accepted():
    for message in (Ping(1), Mood(1)):
        ring = RingVictim(Told())
        record = ring.owner().seal_piece(encode(message))

        assert tampering._write(ring, "a command of the owner's", record).accepted


def test_a_ring_that_says_who_it_is_counts_as_accepted():
    assert false_rings._claim(Told(), "itself", false_rings.DEVICE_ID).accepted


def test_a_host_that_listens_counts_as_accepted():
    host, channel = tampering.proven_host(Told())

    record = channel.seal_piece(encode(Button(1, 1)))
    assert tampering._hear(host, "a touch", record).accepted


def test_an_answer_that_is_wanted_twice_counts_as_accepted():
    inbox = mad_keeping._Answered()
    again = mad_keeping._said_live(mad_keeping.SAID)
    again[0].stream = again[-1].stream = 2  # another one: that is to be answered
    for audio in again[1:-1]:
        audio.stream = 2
    for message in [*again, Untold(Key(mad_keeping.DEVICE, 1, 2))]:
        inbox.handle(message)

    assert inbox.answers == 1


def test_a_word_too_much_is_a_secret_told():
    told = Told()
    told.by_ring(encode(Button(1, 1)), mtu=247)
    told.by_ring(encode(Ping(1)), mtu=247)
    hello = strangers.HELLO
    told.by_ring(hello, mtu=247)
    told.by_ring(hello, mtu=247)  # a nonce that comes again
    told.by_ring(hello + b"?", mtu=247)
    told.on_air(bytes(31))

    assert len(told.secrets) == 5
