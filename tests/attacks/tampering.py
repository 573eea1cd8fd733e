"""Somebody between an owner and his ring, who changes, repeats, turns round or mixes records."""

from collections.abc import Iterator

from mynah.emulator.simulated_ring import DEVICE_ID
from mynah_device.session import FORGED_LIMIT
from mynah_wire.channel import Channel
from mynah_wire.codecs import IMA_ADPCM, bit
from mynah_wire.gatt import BEST_MTU, PROTOCOL_VERSION
from mynah_wire.handshake import Hello
from mynah_wire.kinds import BOTH_WAYS, HOST_SAYS, RING_SAYS
from mynah_wire.message import REST, Message, encode
from mynah_wire.uplink import Audio, Ready
from tests.attacks.cases import Case, Told
from tests.attacks.victims import KEY, NONCE, OTHER_KEY, HostVictim, RingVictim

VALUES = {"B": 2, "H": 1, "I": 1, "8s": DEVICE_ID, "32s": bytes(32), REST: b"a board"}
BY_NAME = {"codec": IMA_ADPCM, "codecs": bit(IMA_ADPCM), "data": bytes(163)}
EVERY_BIT_BYTES = 60  # of longer records, audio's, one bit of each byte
LONGEST_TAIL_BYTES = 20  # appended to a record
REORDERED = 8  # records, every pair of which changes places
AGAIN = 3  # times that a record is repeated


def sample(message_class: type[Message]) -> Message:
    """A message that is obeyed, or at least understood."""
    fields = message_class.FIELDS
    return message_class(*[BY_NAME.get(name, VALUES[code]) for name, code, _ in fields])


def bit_flips_to_the_ring(told: Told) -> Iterator[Case]:
    """Every byte of a record of every kind that a host says."""
    for message_class in HOST_SAYS + BOTH_WAYS:
        yield from _changed_to_ring(told, message_class, _flipped)


def cut_and_grown_to_the_ring(told: Told) -> Iterator[Case]:
    """The same records, shorter and longer by every number of bytes."""
    for message_class in HOST_SAYS + BOTH_WAYS:
        yield from _changed_to_ring(told, message_class, _resized)


def bit_flips_to_the_host(told: Told) -> Iterator[Case]:
    """Every byte of a record of every kind that a ring says."""
    for message_class in RING_SAYS + BOTH_WAYS:
        yield from _changed_to_host(told, message_class, _flipped)


def cut_and_grown_to_the_host(told: Told) -> Iterator[Case]:
    """The same records, shorter and longer by every number of bytes."""
    for message_class in RING_SAYS + BOTH_WAYS:
        yield from _changed_to_host(told, message_class, _resized)


def bit_flips_in_the_handshake(told: Told) -> Iterator[Case]:
    """Every bit of its four records, on the way between two honest ends."""
    lengths = [20, 20, 17, 17]
    for number, length in enumerate(lengths):
        for place in range(8 * length):
            ring, host = RingVictim(told), HostVictim(told)
            ring.connect()
            _relay(host, ring, number, place)
            fooled = host.session.ready is not None or bool(host.heard)
            # The ring's PROOF comes last: the ring has been shown the key by then.
            fooled = fooled or (ring.proven and number < len(lengths) - 1)
            yield Case(f"bit {place} of record {number}", fooled)


def replayed_records(told: Told) -> Iterator[Case]:
    """Records that were taken once: again in their connection, and in the next one."""
    ring = RingVictim(told)
    commands = [sample(each) for each in HOST_SAYS]
    for command in commands:
        records = ring.say(ring.owner(), command)
        for record in records * AGAIN:
            yield _write(ring, f"{command!r} again", record)
        ring.disconnect()
        ring.owner()
        for record in records * AGAIN:
            yield _write(ring, f"{command!r} in another connection", record)
        ring.disconnect()
    for message_class in RING_SAYS + BOTH_WAYS:
        host, other = proven_host(told), proven_host(told)
        record = host[1].seal_piece(encode(sample(message_class)))
        host[0].hear(record)
        for _ in range(AGAIN):
            yield _hear(host[0], f"{message_class.__name__} again", record)
            yield _hear(other[0], f"{message_class.__name__} in another connection", record)


def reordered(told: Told) -> Iterator[Case]:
    """A record that comes after a later one, for every pair of eight."""
    for late in range(REORDERED):
        for early in range(late):
            ring = RingVictim(told)
            channel = ring.owner()
            records = [channel.seal_piece(encode(sample(each))) for each in HOST_SAYS[:REORDERED]]
            ring.write(records[late])
            yield _write(ring, f"record {early} after {late}", records[early])
            host, channel = proven_host(told)
            records = [channel.seal_piece(encode(sample(each))) for each in RING_SAYS[:REORDERED]]
            host.hear(records[late])
            yield _hear(host, f"record {early} after {late}", records[early])


def reflection(told: Told) -> Iterator[Case]:
    """What an end said itself, said back to it."""
    ring = RingVictim(told)
    for _ in range(2):
        ring.connect()
        channel, records = ring.records_of(KEY)
        said = records[1::2] + ring.wait(200)
        for command in map(sample, HOST_SAYS):
            (piece,) = channel.pieces(command)
            said += ring.write(channel.seal_piece(piece)) + ring.wait(200)
        for record in said[:FORGED_LIMIT]:
            yield _write(ring, "the ring's own record", record)
        ring.disconnect()
    for message_class in (*HOST_SAYS, Audio):
        host, _ = proven_host(told)
        host.session.tell(sample(message_class))
        for record in host.says():
            yield _hear(host, f"the host's own {message_class.__name__}", record)


def cross_role(told: Told) -> Iterator[Case]:
    """Two hosts, or two rings, each taken for what the other looks for."""
    for number in range(10):
        first, second = HostVictim(told), HostVictim(told)
        (hello,), (other_hello,) = first.says(), second.says()
        proofs = first.hear(other_hello), second.hear(hello)
        first.hear(proofs[1][0])
        second.hear(proofs[0][0])
        fooled = any(each.session.ready or not each.gave_up for each in (first, second))
        yield Case(f"two hosts that are shown each other, {number}", fooled)
        alone = HostVictim(told)
        (proof,) = alone.hear(alone.says()[0])
        alone.hear(proof)
        yield Case(f"a host that is shown itself, {number}", not alone.gave_up)
        rings = [RingVictim(told), RingVictim(told)]
        for ring in rings:
            ring.connect()
        hello = encode(Hello(PROTOCOL_VERSION, NONCE, BEST_MTU))
        for _ in range(4):
            said = rings[0].write(hello) + rings[1].write(hello)
            hello = said[0] if said else hello
        yield Case(f"two rings that are shown each other, {number}", any(r.proven for r in rings))


def key_confusion(told: Told) -> Iterator[Case]:
    """Two rings of one owner: what is meant for one never counts for the other."""
    mine, other = RingVictim(told), RingVictim(told, OTHER_KEY)
    for command in map(sample, HOST_SAYS):
        channel, other_channel = mine.owner(), other.owner(OTHER_KEY)
        yield _write(other, f"{command!r}", channel.seal_piece(encode(command)))
        yield _write(mine, f"{command!r}", other_channel.seal_piece(encode(command)))
        mine.disconnect()
        other.disconnect()
        other.connect()
        other.records_of(KEY)
        yield Case("the other ring's key opens this one", other.proven)
        other.disconnect()
    for message_class in RING_SAYS:
        host, channel = proven_host(told)
        stranger, other_channel = proven_host(told, OTHER_KEY)
        record = encode(sample(message_class))
        yield _hear(stranger, f"{message_class.__name__}", channel.seal_piece(record))
        yield _hear(host, f"{message_class.__name__}", other_channel.seal_piece(record))


def _flipped(record: bytes) -> Iterator[bytes]:
    if len(record) > EVERY_BIT_BYTES:
        yield from (_flip(record, 8 * place + place % 8) for place in range(len(record)))
        return
    for place in range(8 * len(record)):
        yield _flip(record, place)


def _flip(record: bytes, place: int) -> bytes:
    changed = bytearray(record)
    changed[place // 8] ^= 1 << place % 8
    return bytes(changed)


def _resized(record: bytes) -> Iterator[bytes]:
    for size in range(len(record)):
        yield record[:size]
        yield record[size + 1 :]
    for size in range(1, LONGEST_TAIL_BYTES):
        yield record + bytes(size)
        yield bytes(size) + record


def _changed_to_ring(told: Told, message_class: type[Message], change) -> Iterator[Case]:
    """Changed copies of a record, then the record itself, which is still taken."""
    ring = RingVictim(told)
    record = ring.owner().seal_piece(encode(sample(message_class)))
    changed = list(change(record))
    for number in range(len(changed)):
        if number % (FORGED_LIMIT - 1) == FORGED_LIMIT - 2:
            ring.disconnect()  # one more, and it would hang up: the owner comes again
            record = ring.owner().seal_piece(encode(sample(message_class)))
            changed = list(change(record))
        yield _write(ring, f"{message_class.__name__}, change {number}", changed[number])
    before = ring.state()
    ring.write(record)
    yield Case(f"the true {message_class.__name__} is not taken", ring.state() == before)


def _changed_to_host(told: Told, message_class: type[Message], change) -> Iterator[Case]:
    host, channel = proven_host(told)
    record = channel.seal_piece(encode(sample(message_class)))
    for changed in change(record):
        yield _hear(host, f"{message_class.__name__} as {changed.hex()}", changed)
    before = host.state()
    host.hear(record)
    yield Case(f"the true {message_class.__name__} is not taken", host.state() == before)


def _write(ring: RingVictim, what: str, record: bytes) -> Case:
    """A record that an honest host never said like that: nothing may come of it."""
    before = ring.state()
    answers = ring.write(record)
    return Case(f"to the ring: {what}", bool(answers) or ring.state() != before)


def _hear(host: HostVictim, what: str, record: bytes) -> Case:
    before, heard = host.state(), len(host.heard)
    answers = host.hear(record)
    accepted = bool(answers or host.gave_up) or len(host.heard) > heard or host.state() != before
    return Case(f"to the host: {what}", accepted)


def proven_host(told: Told, key: bytes = KEY) -> tuple[HostVictim, Channel]:
    """A host, and the end of the ring that it talks to."""
    host = HostVictim(told, key)
    channel = host.ring(key)
    host.hear(channel.seal_piece(encode(sample(Ready))))
    assert host.session.ready is not None
    return host, channel


def _relay(host: HostVictim, ring: RingVictim, number: int, place: int) -> None:
    """A handshake, one bit of one record of which is flipped; then all that the ring says."""
    (record,) = host.says()
    for index in range(4):
        if index == number:
            record = _flip(record, place)
        answers = host.hear(record) if index % 2 else ring.write(record)
        if not answers:
            break
        record = answers[0]
    for late in ring.wait(200):
        host.hear(late)


TAMPERING = [
    bit_flips_in_the_handshake,
    bit_flips_to_the_ring,
    bit_flips_to_the_host,
    cut_and_grown_to_the_ring,
    cut_and_grown_to_the_host,
    replayed_records,
    reordered,
    reflection,
    cross_role,
    key_confusion,
]
