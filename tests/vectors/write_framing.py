"""Writes framing.json. Run by hand, and only when the framing changes: vectors are a promise.

python -m tests.vectors.write_framing
"""

import json
from pathlib import Path

from mynah_wire.framing import LIMIT_BYTES, Deframer, frame

FILE = Path(__file__).with_name("framing.json")
PING = bytes.fromhex("8000000012aabbcc")
RECORDS = [b"", b"\0", b"\x03", b"\n", b"\x1b", b"\x1b; #*", bytes(range(256))[:244], bytes(244)]
GOOD = frame(PING)


def streams() -> list[tuple[str, bytes]]:
    return [
        ("a record", GOOD),
        ("two records", GOOD + GOOD),
        ("two records, one NUL between", GOOD + GOOD[1:]),
        ("text before, between and after", b"one\r\n" + GOOD + b"two\n" + GOOD + b"three\n"),
        ("half a line before a record", b"half" + GOOD + b" line\n"),
        ("a record cut short, and the next", GOOD[:9] + GOOD),
        ("a record without its end, and text", GOOD[:9] + b"text\nmore\n" + GOOD),
        ("a byte changed", GOOD[:6] + b"!" + GOOD[7:] + GOOD),
        ("a byte lost", GOOD[:6] + GOOD[7:] + GOOD),
        ("too short for a CRC", b"\0abc\0" + GOOD),
        ("NULs alone", bytes(100) + GOOD),
        ("more than a frame holds", b"\0" + b"x" * (LIMIT_BYTES + 1) + b"\0" + GOOD),
        ("a line that is too long", b"y" * (LIMIT_BYTES + 1) + b"\nnext\n"),
        ("a line that is no text", b"\xff\xfe\nnext\n" + GOOD),
    ]


def heard(stream: bytes) -> dict[str, object]:
    deframer = Deframer()
    records = deframer.feed(stream)
    return {
        "records": [record.hex() for record in records],
        "lines": deframer.take_lines(),
        "dropped": deframer.dropped,
    }


def main() -> None:
    vectors = {
        "frames": [{"record": each.hex(), "frame": frame(each).hex()} for each in RECORDS],
        "streams": [
            {"name": name, "stream": data.hex(), **heard(data)} for name, data in streams()
        ],
    }
    FILE.write_text(json.dumps(vectors, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
