"""The tables of the protocol's specification, made from the protocol's own code."""

from collections.abc import Callable, Iterable

from mynah_wire import advertising, downlink, fragments, gatt, handshake, kinds, record, uplink
from mynah_wire.codecs import CODECS, SAMPLE_RATE_HZ
from mynah_wire.message import REST, Message

SPECIFICATION = "firmware/lib/mynah_wire/README.md"
TYPES = {"B": "u8", "H": "u16", "I": "u32", REST: "bytes, the rest"}
SIZES = {"B": "1", "H": "2", "I": "4", REST: "n"}


def table(head: Iterable[object], rows: Iterable[Iterable[object]]) -> str:
    """A Markdown table."""
    head = list(head)
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def gatt_table() -> str:
    rows = [
        ("service", gatt.SERVICE_UUID, ""),
        ("uplink", gatt.UPLINK_UUID, "notify: ring to host"),
        ("downlink", gatt.DOWNLINK_UUID, "write without response: host to ring"),
    ]
    return table(("Attribute", "UUID", "Use"), [(a, f"`{uuid}`", use) for a, uuid, use in rows])


def limits_table() -> str:
    rows = [
        ("protocol version", gatt.PROTOCOL_VERSION),
        ("smallest MTU a sealed record needs", gatt.SEALED_MTU),
        ("smallest MTU audio needs", gatt.AUDIO_MTU),
        ("longest record, bytes, at MTU 185 and at 247 or more", _record_limits()),
        ("longest message in fragments, bytes, kind included", fragments.MESSAGE_LIMIT_BYTES),
        ("last record counter", f"{record.LAST_COUNTER:,}"),
        ("key, bytes", handshake.KEY_BYTES),
        ("nonce of a HELLO, bytes", handshake.NONCE_BYTES),
        ("advertised tag changes every, s", advertising.ROTATION_MS // 1000),
        ("audio of a reply before its GO, ms", downlink.PRELOAD_LIMIT_MS),
    ]
    return table(("Limit", "Value"), rows)


def _record_limits() -> str:
    return f"{gatt.record_limit(gatt.AUDIO_MTU)}, {gatt.record_limit(gatt.LARGEST_MTU)}"


def codecs_table() -> str:
    rows = [
        (
            codec.id,
            codec.name,
            f"{codec.frame_ms} ms",
            codec.frame_samples,
            codec.state_bytes,
            codec.payload_bytes,
            codec.frame_bytes * 1000 // codec.frame_ms,
        )
        for codec in CODECS
    ]
    head = ("Id", "Codec", "Frame", "Samples", "State bytes", "Payload bytes", "Bytes a second")
    return f"{SAMPLE_RATE_HZ:,} samples a second, one channel.\n\n" + table(head, rows)


def reasons_table() -> str:
    return table(("Reason", "Meaning"), handshake.REASONS.items())


def capabilities_table() -> str:
    names = ["SPEAKER", "MICROPHONE", "BUTTON", "LIGHT", "HAPTIC", "MOTION", "BATTERY", "STORE"]
    names.append("COLOUR")
    bits = sorted((getattr(uplink, name), name.lower()) for name in names)
    return table(("Bit", "The ring has"), [(bit.bit_length() - 1, name) for bit, name in bits])


def kinds_table() -> str:
    speakers = [
        ("both, in the clear", handshake.PLAIN_MESSAGES),
        ("both", kinds.BOTH_WAYS),
        ("ring", kinds.RING_SAYS),
        ("host", kinds.HOST_SAYS),
    ]
    rows = sorted(
        (_kind(said), said.__name__, speaker, _meaning(said))
        for speaker, classes in speakers
        for said in classes
    )
    return table(("Kind", "Message", "Said by", "Meaning"), rows)


def _kind(said: type[Message]) -> str:
    return f"0x{said.KIND:02x}"


def _meaning(said: type[Message]) -> str:
    return (said.__doc__ or "").partition("\n")[0].removesuffix(".")


def fields_table(*classes: type[Message]) -> str:
    """Each message with its fields, in wire order."""
    parts = []
    for said in sorted(classes, key=lambda said: said.KIND):
        rows = [(name, _type(code), _size(code), meaning) for name, code, meaning in said.FIELDS]
        fields = table(("Field", "Type", "Bytes", "Meaning"), rows)
        parts.append(f"**{said.__name__}**, {_kind(said)}\n\n{fields}")
    return "\n\n".join(parts)


def _type(code: str) -> str:
    return TYPES.get(code) or "bytes"


def _size(code: str) -> str:
    return SIZES.get(code) or code.removesuffix("s")


TABLES: dict[str, Callable[[], str]] = {
    "gatt": gatt_table,
    "limits": limits_table,
    "reasons": reasons_table,
    "plain messages": lambda: fields_table(*handshake.PLAIN_MESSAGES),
    "codecs": codecs_table,
    "kinds": kinds_table,
    "messages of both": lambda: fields_table(*kinds.BOTH_WAYS),
    "messages of the ring": lambda: fields_table(*kinds.RING_SAYS),
    "messages of the host": lambda: fields_table(*kinds.HOST_SAYS),
    "capabilities": capabilities_table,
}
