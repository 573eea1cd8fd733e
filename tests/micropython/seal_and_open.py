"""Seals and opens for the host: cases as JSON in a file, answers as JSON on standard output."""

import json
import sys

from mynah_parts.ccm import Ccm


def answer(case):
    """What this side seals, and what it finds in what the other side sealed."""
    key, nonce = bytes.fromhex(case["key"]), bytes.fromhex(case["nonce"])
    start, plain = case["start"], bytes.fromhex(case["plain"])
    mine, theirs = bytearray(plain + bytes(8)), bytearray(bytes.fromhex(case["sealed"]))
    cipher = Ccm(key)
    cipher.seal(nonce, mine, start, len(plain) - start)
    length = cipher.open(nonce, theirs, start, len(theirs) - start)
    return {"sealed": mine.hex(), "opened": theirs[: start + length].hex()}


with open(sys.argv[1]) as file:
    print(json.dumps([answer(case) for case in json.load(file)]))
