"""Writes records.json. Run by hand, when a message is added or PROTOCOL_VERSION changes.

Vectors are a promise: what another message was before, it stays.

python -m tests.vectors.write_vectors
"""

import json
from pathlib import Path

from mynah.link.aead import Ccm
from mynah_wire import advertising, downlink, handshake, uplink
from mynah_wire.channel import GREETED, OPEN, SILENT, Channel
from mynah_wire.codecs import CODECS
from mynah_wire.errors import RefusedError
from mynah_wire.fragments import split
from mynah_wire.gatt import PROTOCOL_VERSION
from mynah_wire.handshake import HOST, RING, Hello, Proof, Refuse
from mynah_wire.kinds import BOTH_WAYS, HOST_SAYS, RING_SAYS
from mynah_wire.message import REST, Message, encode
from mynah_wire.record import LAST_COUNTER, OVERHEAD_BYTES, Sealer
from mynah_wire.uplink import Audio

FILE = Path(__file__).with_name("records.json")
KEY = bytes(range(32))
NONCES = {HOST: bytes(range(0x40, 0x50)), RING: bytes(range(0x80, 0x90))}
MTUS = {HOST: 247, RING: 185}
ROOM = 49  # of a record at the smallest MTU that is sealed
LATER_KINDS = (0x13, 0x7F)  # in nobody's table yet
SAMPLES = {
    "B": lambda number: 0xA0 + number,
    "H": lambda number: 0xB0C0 + number,
    "I": lambda number: 0xD0E0F000 + number,
    "8s": lambda number: bytes(range(0x10, 0x18)),
    "16s": lambda number: bytes(range(0x20, 0x30)),
    "32s": lambda number: bytes(range(0x40, 0x60)),
    REST: lambda number: bytes(range(0x30, 0x3C)),
}


def sample(message_class: type[Message]) -> Message:
    """A message whose fields all differ."""
    fields = message_class.FIELDS
    return message_class(*[SAMPLES[code](n) for n, (_, code, _) in enumerate(fields)])


def described(message: Message) -> dict[str, object]:
    values = {name: getattr(message, name) for name, _, _ in message.FIELDS}
    return {
        "name": type(message).__name__,
        "fields": {
            name: value.hex() if isinstance(value, bytes) else value
            for name, value in values.items()
        },
    }


def pair() -> dict[int, Channel]:
    return {role: Channel(role, KEY, Ccm, NONCES[role], MTUS[role]) for role in (HOST, RING)}


def proven() -> tuple[dict[int, Channel], list[bytes]]:
    """Both ends after the handshake, and its four records."""
    ends = pair()
    records = [ends[HOST].greet()]
    while answer := ends[len(records) & 1].receive_plain(records[-1]):
        records.append(answer)
    return ends, records


def messages() -> list[dict[str, object]]:
    speakers = [
        ("plain", handshake.PLAIN_MESSAGES),
        ("both", BOTH_WAYS),
        ("ring", RING_SAYS),
        ("host", HOST_SAYS),
    ]
    return [
        {**described(message), "from": speaker, "plaintext": encode(message).hex()}
        for speaker, classes in speakers
        for message in map(sample, classes)
    ]


def the_handshake() -> dict[str, object]:
    ends, records = proven()
    host_key, ring_key = handshake.session_keys(KEY, records[0], records[1])
    return {
        "key": KEY.hex(),
        "fingerprint": handshake.fingerprint(KEY),
        "host_nonce": NONCES[HOST].hex(),
        "ring_nonce": NONCES[RING].hex(),
        "host_mtu": MTUS[HOST],
        "ring_mtu": MTUS[RING],
        "mtu": ends[HOST].mtu,
        "records": [record.hex() for record in records],
        "host_proof": records[2][1:].hex(),
        "ring_proof": records[3][1:].hex(),
        "host_key": host_key.hex(),
        "ring_key": ring_key.hex(),
    }


def refusals() -> list[dict[str, object]]:
    records = proven()[1]
    wrong = encode(Proof(bytes(16)))
    cases = [
        ("a host of another version", "ring", SILENT, Hello(2, NONCES[HOST], 247)),
        ("an MTU that is too small", "ring", SILENT, Hello(1, NONCES[HOST], 63)),
        ("an MTU of nothing", "ring", SILENT, Hello(1, NONCES[HOST], 0)),
        ("a host with another key", "ring", GREETED, wrong),
        ("a ring that was never paired", "ring", "unpaired", records[0]),
        ("a ring of another version", "host", GREETED, Hello(9, NONCES[RING], 247)),
        ("a ring with another key", "host", "proving", wrong),
        ("a ring's refusal", "host", GREETED, Refuse(handshake.REFUSED_BUSY, 0, 0)),
        ("a refusal of a proof", "host", "proving", Refuse(handshake.REFUSED_KEY, 0, 0)),
        ("a refusal for a reason of later times", "host", GREETED, Refuse(200, 7, 5)),
    ]
    return [refusal(*case) for case in cases]


def refusal(name: str, at: str, state: str, said: Message | bytes) -> dict[str, object]:
    record = said if isinstance(said, bytes) else encode(said)
    role = {"host": HOST, "ring": RING}[at]
    channel = Channel(role, None if state == "unpaired" else KEY, Ccm, NONCES[role], MTUS[role])
    heard = proven()[1][1 - role :: 2]
    if role == HOST:
        channel.greet()
    while state not in ("unpaired", channel.state):
        channel.receive_plain(heard.pop(0))
    try:
        channel.receive_plain(record)
    except RefusedError as error:
        return {
            "name": name,
            "at": at,
            "state": state,
            "record": record.hex(),
            "reason": error.reason,
            "says": str(error),
            "farewell": channel.farewell.hex(),
        }
    raise AssertionError(name)


def sealed() -> dict[str, list[dict[str, object]]]:
    """Every message of each direction in one connection, and audio of every codec."""
    ends = proven()[0]
    audio = [Audio(7, codec.id, bytes(range(codec.frame_bytes))) for codec in CODECS]
    said = {"ring": (RING, RING_SAYS), "host": (HOST, HOST_SAYS)}
    return {
        name: [
            {
                "name": type(message).__name__,
                "counter": counter,
                "plaintext": encode(message).hex(),
                "record": ends[role].seal_piece(encode(message)).hex(),
            }
            for counter, message in enumerate([*map(sample, classes), *audio])
        ]
        for name, (role, classes) in said.items()
    }


def seal(key: bytes, role: int, counter: int, plaintext: bytes) -> bytes:
    sealer = Sealer(Ccm(key), role)
    sealer.counter = counter
    record = bytearray(len(plaintext) + OVERHEAD_BYTES)
    record[4 : 4 + len(plaintext)] = plaintext
    sealer.seal(record, len(plaintext))
    return bytes(record)


def far_counters() -> list[dict[str, object]]:
    keys = dict(zip(("host", "ring"), session_keys(), strict=True))
    plaintext = encode(uplink.Pong(1, 2))
    return [
        {
            "from": name,
            "counter": counter,
            "plaintext": plaintext.hex(),
            "record": seal(key, {"host": HOST, "ring": RING}[name], counter, plaintext).hex(),
        }
        for name, key in keys.items()
        for counter in (0xFF, 0x100, 0xFFFFFF, 0x1000000, LAST_COUNTER)
    ]


def session_keys() -> tuple[bytes, bytes]:
    records = proven()[1]
    return handshake.session_keys(KEY, records[0], records[1])


def fragments() -> list[dict[str, object]]:
    cases = [
        ("exactly one record", 48),
        ("one byte more", 49),
        ("two full fragments", 94),
        ("one byte more than two", 95),
        ("the longest message", 1023),
    ]
    plaintexts = [
        (name, bytes([0x10]) + bytes(n & 0xFF for n in range(size))) for name, size in cases
    ]
    return [
        {
            "name": name,
            "room": ROOM,
            "plaintext": plaintext.hex(),
            "pieces": [piece.hex() for piece in split(plaintext, ROOM)],
        }
        for name, plaintext in plaintexts
    ]


def advertisements() -> list[dict[str, object]]:
    salts = (b"\x00\x00\x00", b"\x01\x02\x03", b"\xff\xff\xff")
    return [
        {
            "key": KEY.hex(),
            "tag": advertising.tag(KEY, salt).hex(),
            "strange_tag": advertising.tag(KEY[::-1], salt).hex(),
            "payload": advertising.advertisement(advertising.tag(KEY, salt)).hex(),
        }
        for salt in salts
    ]


def cut(record: bytes, shortest: int) -> list[bytes]:
    """The record at every length from this one up to one byte short."""
    return [record[:length] for length in range(shortest, len(record))]


def flipped(record: bytes) -> list[bytes]:
    """The record with each of its bits changed."""
    size, number = len(record), int.from_bytes(record, "little")
    return [(number ^ 1 << bit).to_bytes(size, "little") for bit in range(8 * size)]


Bad = tuple[str, str, str, list[bytes], str, list[bytes], bytes]


def bad() -> list[dict[str, object]]:
    """(name, at, state, records, their error, good records before, a good record after)."""
    return [
        {
            "name": name,
            "at": at,
            "state": state,
            "before": [record.hex() for record in before],
            "records": [record.hex() for record in records],
            "error": error,
            "then": then.hex(),
        }
        for name, at, state, records, error, before, then in [*bad_plain(), *bad_sealed()]
    ]


def bad_plain() -> list[Bad]:
    hello, _, proof, _ = proven()[1]
    ping = seal(session_keys()[0], HOST, 0, encode(downlink.Ping(1)))
    refuse = encode(Refuse(1, 0, 0))
    cases = [
        ("nothing at all", "ring", SILENT, [b""], "MalformedError"),
        ("a HELLO cut short", "ring", SILENT, cut(hello, 1), "MalformedError"),
        ("a PROOF cut short", "ring", GREETED, cut(proof, 1), "MalformedError"),
        ("a REFUSE cut short", "host", GREETED, cut(refuse, 1), "MalformedError"),
        ("sealed before anything", "ring", SILENT, [ping], "ForgedError"),
        ("sealed before the proof", "ring", GREETED, [ping], "ForgedError"),
    ]
    return [(*case, [], b"") for case in cases]


def bad_sealed() -> list[Bad]:
    host_key, ring_key = session_keys()
    pongs = [seal(ring_key, RING, n, encode(uplink.Pong(n, 1000 + n))) for n in range(5)]
    good = pongs[0]
    flips = [record for record in flipped(good) if record[0] & 0xC0 == 0x80]
    strange = seal(bytes(16), RING, 0, encode(uplink.Pong(0, 0)))
    mirrored = [seal(key, HOST, 0, encode(uplink.Pong(0, 0))) for key in (ring_key, host_key)]
    cases = [
        ("too short to be sealed", cut(good[:13], 1), "MalformedError", [], good),
        ("cut short", cut(good, 13), "ForgedError", [], good),
        ("a byte too many", [good + b"\0"], "ForgedError", [], good),
        ("longer than any link carries", [good + bytes(244)], "MalformedError", [], good),
        ("a bit changed", flips, "ForgedError", [], good),
        ("a reserved bit set", [bytes([0xC0]) + good[1:]], "MalformedError", [], good),
        ("another key", [strange], "ForgedError", [], good),
        ("the other direction", mirrored, "ForgedError", [], good),
        ("replayed", [pongs[3]], "ForgedError", pongs[:4], pongs[4]),
        ("going back", pongs[:4], "ForgedError", [pongs[3]], pongs[4]),
    ]
    return [(name, "host", OPEN, *rest) for name, *rest in cases]


def bad_plaintexts() -> list[dict[str, object]]:
    heard = [("host", (Audio, *RING_SAYS)), ("ring", HOST_SAYS)]
    cases = [
        {
            "name": message_class.__name__,
            "at": at,
            "plaintexts": [
                plaintext[:length].hex() for length in range(1, shortest(message_class))
            ],
            "error": "MalformedError",
        }
        for at, classes in heard
        for message_class in classes
        for plaintext in [encode(sample(message_class))]
    ]
    lone = {"name": "a fragment's header cut short", "at": "host", "plaintexts": ["", "90"]}
    return [*cases, {**lone, "error": "MalformedError"}]


def shortest(message_class: type[Message]) -> int:
    message = sample(message_class)
    rest = [len(getattr(message, name)) for name, code, _ in message.FIELDS if code == REST]
    return len(encode(message)) - sum(rest)


def skipped() -> list[dict[str, object]]:
    host_key, ring_key = session_keys()
    records = proven()[1]
    hello, again = records[0], encode(Hello(1, bytes(16), 247))
    to_host = [seal(ring_key, RING, n, bytes([k]) + b"new") for n, k in enumerate(LATER_KINDS)]
    to_ring = [seal(host_key, HOST, n, bytes([k]) + b"new") for n, k in enumerate(LATER_KINDS)]
    cases = [
        ("plain kinds of later times", "ring", SILENT, [b"\x00", b"\x04abc", b"\x7f" * 20]),
        ("sealed kinds of later times", "host", OPEN, to_host),
        ("sealed kinds of later times", "ring", OPEN, to_ring),
        (
            "what the other side says",
            "ring",
            OPEN,
            [seal(host_key, HOST, 0, encode(uplink.Pong(1, 2)))],
        ),
        ("a PROOF too early", "ring", SILENT, [records[2]]),
        ("a second HELLO", "ring", GREETED, [hello, again]),
        ("a handshake after the handshake", "ring", OPEN, [hello, again, records[2]]),
        ("a PROOF before the HELLO", "host", GREETED, [records[3]]),
        ("a handshake after the handshake", "host", OPEN, [records[1], records[3]]),
    ]
    return [
        {"name": name, "at": at, "state": state, "records": [record.hex() for record in said]}
        for name, at, state, said in cases
    ]


def longer() -> list[dict[str, object]]:
    # A last field of that code takes all there is.
    return [
        {
            **described(message),
            "from": speaker,
            "plaintext": (encode(message) + b"later").hex(),
        }
        for speaker, classes in (("ring", RING_SAYS), ("host", HOST_SAYS))
        for message in map(sample, classes)
        if type(message).FIELDS[-1][1] != REST
    ]


def main() -> None:
    vectors = {
        "protocol_version": PROTOCOL_VERSION,
        "handshake": the_handshake(),
        "messages": messages(),
        "refusals": refusals(),
        "sealed": sealed(),
        "far_counters": far_counters(),
        "fragments": fragments(),
        "advertising": advertisements(),
        "bad": bad(),
        "bad_plaintexts": bad_plaintexts(),
        "skipped": skipped(),
        "longer": longer(),
    }
    FILE.write_text(json.dumps(vectors, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
