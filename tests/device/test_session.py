import pytest
from hypothesis import given
from hypothesis import strategies as st

from mynah_device import actions
from mynah_device.session import (
    BACKOFF_LIMIT_MS,
    BACKOFF_MS,
    FORGED_LIMIT,
    LOST_MS,
    UNPROVEN_MS,
    Session,
)
from mynah_wire.advertising import ROTATION_MS, is_tag_of
from mynah_wire.clock import PERIOD_MS, after_ms, elapsed_ms
from mynah_wire.downlink import Ping
from mynah_wire.errors import RefusedError
from mynah_wire.handshake import REFUSED_NO_KEY, decode_plain
from tests.device.rings import KEY, Host, Shell, connected, identity

OTHER_KEY = bytes(32)
MOMENTS = st.integers(0, PERIOD_MS - 1)


def tag_of(payload):
    return payload[-6:]


def advertised(done):
    return [value for name, value in done if name == actions.ADVERTISE]


@given(MOMENTS)
def test_a_ring_advertises_at_boot_whatever_its_clock_says(now_ms):
    session = Session(identity(), KEY)

    assert session.deadline_ms(now_ms) == now_ms
    assert len(advertised(session.tick(now_ms))) == 1
    assert session.tick(now_ms) == []
    assert elapsed_ms(session.deadline_ms(now_ms), now_ms) == ROTATION_MS


def test_the_tag_is_the_owners_and_rotates():
    session = Session(identity(), KEY)
    first = advertised(session.tick(0))[0]
    second = advertised(session.tick(ROTATION_MS))[0]

    assert is_tag_of(KEY, tag_of(first))
    assert is_tag_of(KEY, tag_of(second))
    assert tag_of(first) != tag_of(second)
    assert not is_tag_of(OTHER_KEY, tag_of(first))


def test_a_ring_without_an_owner_has_a_tag_of_nobodys():
    payload = advertised(Session(identity(), None).tick(0))[0]

    assert len(payload) == 31
    assert not is_tag_of(KEY, tag_of(payload))


@given(MOMENTS)
def test_a_host_that_proves_nothing_is_dropped_in_five_seconds_and_again_until_it_goes(now_ms):
    session = Session(identity(), KEY)
    session.tick(now_ms)
    session.connected(now_ms)
    due_ms = session.deadline_ms(now_ms)

    assert elapsed_ms(due_ms, now_ms) == UNPROVEN_MS
    assert session.tick(after_ms(due_ms, -1)) == []
    assert session.tick(due_ms) == [(actions.DISCONNECT, None)]
    assert session.tick(after_ms(due_ms, UNPROVEN_MS)) == [(actions.DISCONNECT, None)]
    assert session.refused == 2


def test_a_proven_host_may_stay():
    shell, _ = connected()
    shell.done.clear()
    shell.pass_time(10 * UNPROVEN_MS)

    assert shell.done == []


def silent(shell):
    shell.pass_time(UNPROVEN_MS)


def guesses(shell):
    with pytest.raises(RefusedError, match="the keys differ"):
        Host(shell, key=OTHER_KEY).shake_hands()


def makes_noise(shell):
    shell.event(actions.RECEIVED, b"\x80" + bytes(30))


def says_hello(shell):
    shell.event(actions.RECEIVED, Host(shell).channel.greet())


def hidden_ms(shell, does):
    """For how long, after somebody was there who did that."""
    shell.connect()
    does(shell)
    shell.disconnect()
    wait_ms = elapsed_ms(shell.ring.session.deadline_ms(shell.now_ms), shell.now_ms)
    shell.pass_time(wait_ms)
    return wait_ms


@pytest.mark.parametrize("does", [silent, guesses, makes_noise])
def test_after_failures_the_ring_hides_longer_and_longer_up_to_a_limit(does):
    shell = Shell()
    waits_ms = [hidden_ms(shell, does) for _ in range(20)]

    assert waits_ms[:4] == [BACKOFF_MS, 2 * BACKOFF_MS, 4 * BACKOFF_MS, 8 * BACKOFF_MS]
    assert set(waits_ms[6:]) == {BACKOFF_LIMIT_MS}


def test_a_host_that_was_lost_in_the_handshake_finds_the_ring_soon_however_often_that_happens():
    shell = Shell()

    assert {hidden_ms(shell, says_hello) for _ in range(100)} == {LOST_MS}


def test_a_guess_costs_no_less_for_a_link_that_was_lost_before_it():
    shell = Shell()
    waits_ms = [hidden_ms(shell, does) for does in [guesses, says_hello] * 3]

    assert waits_ms == [BACKOFF_MS, LOST_MS, 2 * BACKOFF_MS, LOST_MS, 4 * BACKOFF_MS, LOST_MS]


def test_an_owner_who_comes_back_is_found_at_once_again():
    shell = Shell()
    for _ in range(3):
        hidden_ms(shell, guesses)
    shell.pass_time(BACKOFF_LIMIT_MS)
    shell.connect()
    Host(shell).shake_hands()
    shell.disconnect()

    assert shell.ring.session.deadline_ms(shell.now_ms) == shell.now_ms


def test_a_stranger_without_the_key_is_told_why_dropped_and_counted():
    shell = Shell()
    shell.connect()
    with pytest.raises(RefusedError, match="the keys differ"):
        Host(shell, key=OTHER_KEY).shake_hands()

    assert shell.done[-1] == (actions.DISCONNECT, None)
    assert shell.ring.session.refused == 1
    assert not shell.ring.session.proven


def test_a_ring_without_an_owner_refuses_everyone():
    shell = Shell(key=None)
    shell.connect()
    with pytest.raises(RefusedError, match="never paired"):
        Host(shell).shake_hands()

    assert decode_plain(shell.said[0]).reason == REFUSED_NO_KEY
    assert shell.done[-1] == (actions.DISCONNECT, None)


@given(
    st.binary(max_size=300).filter(
        lambda record: not record or record[0] in (1, 2, *range(128, 256))
    )
)
def test_a_strangers_bad_record_ends_its_connection(record):
    shell = Shell()
    shell.connect()
    shell.event(actions.RECEIVED, record)

    assert not shell.ring.session.proven
    assert shell.ring.next_plaintext(bytearray(244), 0) == 0


def test_a_proven_hosts_bad_records_are_counted_and_end_it_when_there_are_too_many():
    shell, _ = connected()
    forged = b"\x80" + bytes(30)
    for number in range(1, FORGED_LIMIT):
        assert shell.event(actions.RECEIVED, forged) == []
        assert shell.ring.session.forged == number

    assert shell.event(actions.RECEIVED, forged) == [actions.DISCONNECT]


def test_a_new_connection_forgives_the_old_ones_noise():
    shell, _ = connected()
    for _ in range(FORGED_LIMIT - 1):
        shell.event(actions.RECEIVED, b"\x80" + bytes(30))
    shell.disconnect()
    shell.connect()
    Host(shell).shake_hands()

    assert shell.event(actions.RECEIVED, b"\x80" + bytes(30)) == []


def test_a_recorded_session_opens_nothing():
    shell, host = connected()
    host.tell(Ping(1))
    recorded = list(shell.received)
    shell.disconnect()
    shell.pass_time(0)
    shell.connect()
    for record in recorded:
        shell.event(actions.RECEIVED, record)

    assert len(recorded) == 3
    assert not shell.ring.session.proven
    assert shell.done[-1] == (actions.DISCONNECT, None)
    assert (shell.ring.session.refused, shell.ring.session.forged) == (1, 1)


def test_what_comes_after_the_disconnection_is_not_heard():
    shell, host = connected()
    record = host.channel.seal_piece(b"\x12\x01\0\0\0")
    shell.disconnect()

    assert shell.event(actions.RECEIVED, record) == []
    assert shell.event(actions.RECEIVED, host.channel._hello) == []
    assert shell.ring.session.channel is None
    assert shell.ring.session.forged == 0


def test_a_new_key_hangs_up_on_the_old_owner_and_is_the_only_one():
    shell, _ = connected()

    assert shell.event(actions.PAIRED, OTHER_KEY) == [actions.FORGET, actions.DISCONNECT]
    assert not shell.ring.session.proven  # what is said until it is gone is not for the old owner

    shell.disconnect()
    shell.pass_time(0)
    assert is_tag_of(OTHER_KEY, tag_of(advertised(shell.done)[-1]))
    shell.connect()
    Host(shell, key=OTHER_KEY).shake_hands()
    assert shell.ring.session.proven


def test_pairing_a_ring_that_nobody_holds_shows_the_new_tag_at_once():
    shell = Shell(key=None)
    shell.pass_time(1000)

    assert shell.event(actions.PAIRED, KEY) == [actions.FORGET]

    shell.pass_time(0)
    assert is_tag_of(KEY, tag_of(advertised(shell.done)[-1]))


def test_pairing_while_a_stranger_is_connected_leaves_its_time_limit():
    shell = Shell(key=None)
    shell.connect()

    assert shell.event(actions.PAIRED, KEY) == [actions.FORGET, actions.DISCONNECT]
    assert shell.ring.deadline_ms(0) == UNPROVEN_MS


def test_forgetting_the_key_refuses_the_old_owner():
    shell, _ = connected()
    shell.event(actions.PAIRED, None)
    shell.disconnect()
    shell.connect()

    with pytest.raises(RefusedError, match="never paired"):
        Host(shell).shake_hands()


@pytest.mark.parametrize(("mtu", "carries"), [(64, False), (184, False), (185, True), (517, True)])
def test_a_link_carries_audio_from_an_mtu_of_185_on(mtu, carries):
    shell, _ = connected(mtu)

    assert shell.ring.session.carries_audio == carries
