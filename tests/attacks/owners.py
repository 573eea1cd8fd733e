"""A ring that changes hands: what was said to one owner is never told to another."""

from collections.abc import Iterator

from mynah.link.aead import Ccm
from mynah_device import actions
from mynah_wire.channel import Channel, is_sealed
from mynah_wire.downlink import Fetch
from mynah_wire.gatt import BEST_MTU
from mynah_wire.handshake import HOST
from mynah_wire.message import Message
from mynah_wire.uplink import Held, Past
from tests.attacks.cases import Case, Told
from tests.attacks.victims import KEY, NONCE, OTHER_KEY, RingVictim

UTTERANCES = 3
SAID_MS = 1000
WRITTEN_MS = 3000  # after a release: all of it is in flash by then
ASKED_MS = 500


def another_owner(told: Told) -> Iterator[Case]:
    """Paired anew by cable while it holds speech: with another key, with none, and back again."""
    for keys in ((OTHER_KEY,), (None, OTHER_KEY), (OTHER_KEY, KEY), (None, KEY)):
        ring = RingVictim(told)
        _speak(ring)
        heard = _all_that_is_held(ring, KEY)
        yield Case("the owner is told nothing", not _of(Held, heard) or not _of(Past, heard))
        for key in keys:
            ring.ring._event(actions.PAIRED, ring.now_ms, key)
            ring.wait(ASKED_MS)
        yield Case(f"it stays in flash, {len(keys)}", bool(ring.ring.flash.files))
        last = keys[-1]
        assert last is not None
        heard = _all_that_is_held(ring, last)
        yield Case(f"another owner is told of it, {len(keys)}", bool(_of(Held, heard)))
        yield Case(f"another owner hears it, {len(keys)}", bool(_of(Past, heard)))


def _speak(ring: RingVictim) -> None:
    """Away from any host."""
    for _ in range(UTTERANCES):
        ring.ring.press(ring.now_ms)
        ring.wait(SAID_MS)
        ring.ring.release(ring.now_ms)
        ring.wait(WRITTEN_MS)


def _all_that_is_held(ring: RingVictim, key: bytes) -> list[Message]:
    """What somebody with this key hears who asks for everything."""
    ring.connect()
    channel, heard = Channel(HOST, key, Ccm, NONCE, BEST_MTU), []
    todo = [channel.greet()]
    while todo:
        answers = ring.write(todo.pop())
        for record in answers + ring.wait(ASKED_MS):
            if is_sealed(record):
                heard.append(channel.receive(record))
            elif answer := channel.receive_plain(record):
                todo.append(answer)
    for stream in range(UTTERANCES + 2):
        for piece in channel.pieces(Fetch(stream, 1, stream, 0)):
            answers = ring.write(channel.seal_piece(piece))
            heard += [channel.receive(record) for record in answers + ring.wait(SAID_MS)]
    ring.disconnect()
    return [message for message in heard if message is not None]


def _of(kind: type[Message], heard: list[Message]) -> list[Message]:
    return [message for message in heard if isinstance(message, kind)]


OWNERS = [another_owner]
