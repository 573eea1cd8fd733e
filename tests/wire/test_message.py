import pytest
from hypothesis import given
from hypothesis import strategies as st

from mynah_wire import kinds, uplink
from mynah_wire.downlink import Go, Ping
from mynah_wire.errors import LocalError, MalformedError
from mynah_wire.handshake import Hello, decode_plain
from mynah_wire.message import REST, decode_body, encode, values
from tests.wire.ends import EVERY_MESSAGE, EVERY_SEALED, messages_of

DECODERS = {
    "plain": decode_plain,
    "host": lambda data: kinds.decode(kinds.FROM_RING, data[0], data[1:]),
    "ring": lambda data: kinds.decode(kinds.FROM_HOST, data[0], data[1:]),
}


@given(messages_of(*EVERY_MESSAGE))
def test_what_is_written_is_read(message):
    plaintext = encode(message)

    assert plaintext[0] == message.KIND
    assert decode_body(type(message), plaintext[1:]) == message
    assert decode_body(type(message), memoryview(plaintext)[1:]) == message


@given(messages_of(*EVERY_MESSAGE), st.binary(min_size=1, max_size=30))
def test_a_longer_body_is_accepted(message, later):
    read = decode_body(type(message), encode(message)[1:] + later)

    known = [code for _, code, _ in message.FIELDS if code != REST]
    assert values(read)[: len(known)] == values(message)[: len(known)]


@given(messages_of(*EVERY_MESSAGE), st.data())
def test_a_shorter_body_is_malformed(message, data):
    rest = [getattr(message, name) for name, code, _ in message.FIELDS if code == REST]
    fixed_bytes = len(encode(message)) - 1 - sum(map(len, rest))
    length = data.draw(st.integers(0, fixed_bytes - 1))

    with pytest.raises(MalformedError, match=f"{type(message).__name__} has {length} bytes"):
        decode_body(type(message), encode(message)[1 : 1 + length])


@pytest.mark.parametrize("listener", DECODERS)
@given(st.binary(min_size=1, max_size=300))
def test_any_bytes_are_a_message_or_none_or_malformed(listener, data):
    try:
        message = DECODERS[listener](data)
    except MalformedError:
        return

    assert message is None or data.startswith(encode(message))


@given(st.integers(0, 0xFF).filter(lambda kind: kind not in kinds.FROM_RING), st.binary())
def test_an_unknown_kind_is_none_of_ours(kind, body):
    assert kinds.decode(kinds.FROM_RING, kind, body) is None


@pytest.mark.parametrize(
    "message",
    [
        Ping(-1),
        Ping(1 << 32),
        Go(1 << 16),
        uplink.Button(256, 0),
        Hello(1, bytes(15), 23),
        Hello(1, bytes(17), 23),
        uplink.Audio(1, 2, 5),
        Ping(b"four"),
    ],
    ids=str,
)
def test_a_value_that_does_not_fit_its_field_is_our_own_mistake(message):
    with pytest.raises(LocalError, match="does not fit its field"):
        encode(message)


def test_every_kind_is_one_byte_and_nobody_elses():
    numbers = [message_class.KIND for message_class in EVERY_MESSAGE]

    assert len(set(numbers)) == len(numbers)
    assert all(0 < number < 0x80 for number in numbers)


def test_only_the_last_field_takes_the_rest():
    for message_class in EVERY_MESSAGE:
        assert message_class.FIELDS
        assert REST not in [code for _, code, _ in message_class.FIELDS[:-1]]


def test_messages_are_equal_when_kind_and_values_are():
    assert Go(1) == Go(1)
    assert hash(Go(1)) == hash(Go(1))
    assert Go(1) != Go(2)
    assert Go(1) != Ping(1)
    assert Go(1) != 1
    assert repr(uplink.Audio(1, 2, b"3")) == "Audio(stream=1, frame=2, data=b'3')"


def test_unknown_capabilities_are_kept_and_harm_nothing():
    ready = uplink.Ready(bytes(8), 1, 1, 0xFFFFFFFF, 0xFF, 2000, 0, b"new board")

    assert decode_body(uplink.Ready, encode(ready)[1:]) == ready


def test_every_message_is_in_one_direction_or_in_both():
    assert set(kinds.FROM_RING.values()) & set(kinds.FROM_HOST.values()) == set(kinds.BOTH_WAYS)
    assert set(kinds.FROM_RING.values()) | set(kinds.FROM_HOST.values()) == set(EVERY_SEALED)
