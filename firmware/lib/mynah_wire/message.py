"""A message is a kind and a body; every body is a table of fields.

Numbers are little endian. A body may be longer than its table (a newer peer knows more fields:
they are skipped), never shorter. A field with code "*" is last and takes the rest.
"""

import struct

from .errors import LocalError, MalformedError

REST = "*"
_LARGEST = {"B": 0xFF, "H": 0xFFFF, "I": 0xFFFFFFFF}


class Message:
    """Base of all messages: equality, a readable form, and the body's coding from FIELDS."""

    KIND = 0
    FIELDS: "tuple[tuple[str, str, str], ...]" = ()  # (name, struct code or REST, meaning and unit)

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and values(self) == values(other)

    def __hash__(self) -> int:
        return hash((self.KIND, values(self)))

    def __repr__(self) -> str:
        pairs = ["%s=%r" % (field[0], getattr(self, field[0])) for field in self.FIELDS]
        return "%s(%s)" % (type(self).__name__, ", ".join(pairs))


def values(message: Message) -> "tuple[object, ...]":
    """The fields' values in wire order."""
    return tuple([getattr(message, field[0]) for field in message.FIELDS])


def body_format(message_class: "type[Message]") -> str:
    """The struct format of the fixed part of a body."""
    return "<" + "".join([code for _, code, _ in message_class.FIELDS if code != REST])


def encode(message: Message) -> bytes:
    """Kind and body: the plaintext of a message; LocalError if a value does not fit its field."""
    parts = [bytes((message.KIND,))]
    for name, code, _ in message.FIELDS:
        value = getattr(message, name)
        if not _fits(code, value):
            raise LocalError("%s does not fit its field in %r" % (name, message))
        parts.append(bytes(value) if code == REST else struct.pack("<" + code, value))
    return b"".join(parts)


def decode_body(message_class: "type[Message]", body: "bytes | memoryview") -> Message:
    """The message in a body (without its kind); MalformedError if it is too short."""
    layout = body_format(message_class)
    size = struct.calcsize(layout)
    if len(body) < size:
        raise MalformedError(
            "%s has %d bytes, needs %d" % (message_class.__name__, len(body), size)
        )
    fields = list(struct.unpack_from(layout, body, 0))
    if message_class.FIELDS and message_class.FIELDS[-1][1] == REST:
        fields.append(bytes(body[size:]))
    return message_class(*fields)


def _fits(code: str, value: "int | bytes") -> bool:
    # Ours to check: MicroPython's struct wraps numbers, and both cut and pad bytes, without a word.
    if isinstance(value, int):
        return 0 <= value <= _LARGEST.get(code, -1)
    return code == REST or (code not in _LARGEST and len(value) == struct.calcsize(code))
