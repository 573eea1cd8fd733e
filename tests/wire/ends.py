"""Two ends of a connection in memory, and strategies for what they say."""

from hypothesis import strategies as st

from mynah.link.aead import Ccm
from mynah_wire import kinds
from mynah_wire.channel import Channel
from mynah_wire.handshake import HOST, PLAIN_MESSAGES, RING
from mynah_wire.message import REST

KEY = bytes(range(32))
EVERY_SEALED = (*kinds.BOTH_WAYS, *kinds.RING_SAYS, *kinds.HOST_SAYS)
EVERY_MESSAGE = (*PLAIN_MESSAGES, *EVERY_SEALED)
LONGEST_REST_BYTES = 400
FIELDS = {
    "B": st.integers(0, 0xFF),
    "H": st.integers(0, 0xFFFF),
    "I": st.integers(0, 0xFFFFFFFF),
    "8s": st.binary(min_size=8, max_size=8),
    "16s": st.binary(min_size=16, max_size=16),
    "32s": st.binary(min_size=32, max_size=32),
    REST: st.binary(max_size=LONGEST_REST_BYTES),
}


def messages_of(*classes):
    """A strategy for any message of these classes."""
    return st.one_of(
        [st.builds(each, *[FIELDS[code] for _, code, _ in each.FIELDS]) for each in classes]
    )


def pair(host_mtu=247, ring_mtu=247, host_key=KEY, ring_key=KEY):
    """A host and a ring that have not spoken yet."""
    host = Channel(HOST, host_key, Ccm, bytes(range(16)), host_mtu)
    ring = Channel(RING, ring_key, Ccm, bytes(range(16, 32)), ring_mtu)
    return host, ring


def shake_hands(host, ring):
    """Run the handshake to its end; the records that were exchanged."""
    records, turn = [host.greet()], (ring, host)
    while answer := turn[len(records) + 1 & 1].receive_plain(records[-1]):
        records.append(answer)
    return records


def proven(host_mtu=247, ring_mtu=247):
    """A host and a ring that have proved themselves to each other."""
    host, ring = pair(host_mtu, ring_mtu)
    shake_hands(host, ring)
    return host, ring
