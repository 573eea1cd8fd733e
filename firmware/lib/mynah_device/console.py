"""The serial console's commands, line by line. Whoever holds the cable owns the ring.

mynah id             who this is, and the fingerprint of its key
mynah key HEX        pair: take this 32-byte key
mynah forget         unpair
mynah log            what the ring did, and what is wrong with it
anything else        is not for us: no answer
"""

from mynah_wire.handshake import KEY_BYTES, fingerprint

LINE_LIMIT_BYTES = 200  # the longest command has 74


def describe(device_id: bytes, build: int, board: bytes, key: "bytes | None") -> str:
    """The answer to `mynah id`."""
    owner = "unpaired" if key is None else "paired %s" % fingerprint(key)
    return "mynah %s build %d board %s %s" % (device_id.hex(), build, board.decode(), owner)


def parse(line: str) -> "tuple[str, bytes]":
    """A line as (command, argument): "" if the line is not for us, "error" if it is bad."""
    words = line.strip().split()
    if words[:1] != ["mynah"] or len(line) > LINE_LIMIT_BYTES:
        return "", b""
    if words[1:] in (["id"], ["forget"], ["log"]):
        return words[1], b""
    if words[1:2] == ["key"]:
        return _parse_key("".join(words[2:]))
    return "error", b"use: mynah id | mynah key HEX | mynah forget | mynah log"


def _parse_key(digits: str) -> "tuple[str, bytes]":
    try:
        key = bytes.fromhex(digits)
    except ValueError:
        return "error", b"a key is hexadecimal"
    if len(key) != KEY_BYTES:
        return "error", b"a key has 64 hexadecimal digits"
    return "key", key
