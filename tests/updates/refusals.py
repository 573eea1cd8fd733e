"""Bundles that no ring may take, and why each is none."""

import hashlib
import random
import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace

from mynah.maker import bundle
from mynah.maker.bundle import Bundle
from mynah.maker.update_key import UpdateKey
from mynah_device import bundle as format_
from mynah_device.ed25519 import KEY_BYTES, SIGNATURE_BYTES
from tests.updates.rig import BOARD, KEY, NEW, OLD, bundled, slot

STRANGER = UpdateKey(bytes(32))
SMALL_ORDER_POINTS = (
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
)
ORDER = (1 << 252) + 27742317777372353535851937790883648493
ODD_PATHS = (
    "../app.py", "../../main.py", "/main.py", "/app.py", "lib/../../main.py", "lib/./x.py",
    "lib//x.py", "./app2.py", "..", ".", "", "main", "lib/x.txt", "lib/X.py", "lib/x.PY",
    "lib/x y.py", "lib\\x.py", "C:/x.py", "lib/x.py/y.py", "lib/.x.py", ".py", "lib/.py", "part",
    "head", "a/b/c/d/e.py", "x" * 60 + ".py", "lib/x\x01.py", "lib/\xe9.py", "~/x.py", "lib/x.py/",
)  # fmt: skip


@dataclass(frozen=True)
class Case:
    """A bundle, the build that it is offered as, and the kind of what is wrong with it."""

    kind: str
    bundle: Bundle
    architecture: str = ""
    """What the ring says that it is, where that matters."""


def every(count: int) -> Iterator[Case]:
    """Of each kind that has many, `count` that are spread evenly."""
    good = bundled(NEW)
    head = format_.head_bytes(good.data)
    yield from _changed(good, "a byte of the head", 0, head, count)
    yield from _changed(good, "a byte of the key", head, head + KEY_BYTES, count)
    seal = head + KEY_BYTES
    yield from _changed(good, "a byte of the signature", seal, seal + SIGNATURE_BYTES, count)
    at = head + format_.SEAL_BYTES
    for size in map(len, slot(NEW).values()):
        yield from _changed(good, "a byte of a file", at, at + size, max(2, count // 4))
        at += size
    yield from (Case("truncated", _cut(good, at)) for at in _spread(1, len(good.data), 2 * count))
    yield from (Case("too long", replace(good, data=good.data + bytes(n))) for n in (1, 100, 5000))
    yield from _wrongly_signed(good, head)
    yield from _old(count)
    yield from _elsewhere()
    yield from (Case("an odd path", _holding(path)) for path in ODD_PATHS)
    yield from _too_much()


def _changed(good: Bundle, kind: str, first: int, end: int, count: int) -> Iterator[Case]:
    chance = random.Random(first)
    for at in _spread(first, end, count):
        data = bytearray(good.data)
        data[at] ^= 1 << chance.randrange(8)
        yield Case(kind, replace(good, data=bytes(data)))


def _wrongly_signed(good: Bundle, head: int) -> Iterator[Case]:
    for seed in range(5):
        stranger = UpdateKey(bytes([seed]) * 32)
        yield Case("another key", bundled(NEW, stranger))
        theirs = bundled(NEW, stranger).data
        seal = KEY.public + theirs[head + KEY_BYTES : head + format_.SEAL_BYTES]
        yield Case("another key under our name", _sealed(good, head, seal))
    for point in SMALL_ORDER_POINTS:
        key = bytes.fromhex(point)
        yield Case("a key of small order", _sealed(good, head, key + key + bytes(32)))
    signature = good.data[head + KEY_BYTES : head + format_.SEAL_BYTES]
    scalar = int.from_bytes(signature[32:], "little")
    for times in (1, 2, 3):
        turned = signature[:32] + (scalar + times * ORDER).to_bytes(32, "little")
        yield Case("S beyond the order", _sealed(good, head, KEY.public + turned))
    files = good.data[head + format_.SEAL_BYTES :]
    elsewhere = KEY.sign(format_.MAGIC + hashlib.sha256(good.data[:head]).digest())
    seal = KEY.public + elsewhere
    yield Case("signed as something else", replace(good, data=good.data[:head] + seal + files))


def _old(count: int) -> Iterator[Case]:
    for build in (*range(OLD), *_spread(0, OLD, count // 4)):
        yield Case("an older build", bundled(build))
    yield Case("the same build", bundled(OLD))
    other = bundled(NEW)
    for build in (NEW + 1, NEW + 1000, 2**32 - 1):
        yield Case("offered as another build", replace(other, build=build))


def _elsewhere() -> Iterator[Case]:
    for names in ([], ["ring"], ["xiao_esp32c3", "xiao_esp32s3"], [BOARD + "x"], [BOARD.upper()]):
        yield Case("another board", bundle.pack(NEW, bundle.SOURCE, names, slot(NEW), KEY))
    ours = "xtensawin-6.3"
    for name in ("rv32imc-6.3", "xtensawin-6.2", "xtensawin-7.3", "x64-6.3", "", "xtensawin"):
        made = bundle.pack(NEW, name, [BOARD], slot(NEW), KEY)
        yield Case("another architecture", made, ours)


def _too_much() -> Iterator[Case]:
    files = slot(NEW)
    limits = {
        "a file too large": files | {"lib/x.py": bytes(format_.FILE_LIMIT_BYTES + 1)},
        "an empty file": files | {"lib/x.py": b""},
        "too many files": files | {f"lib/x{n}.py": b"\n" for n in range(format_.FILES_LIMIT)},
        "all too large": files | {f"lib/x{n}.py": bytes(60_000) for n in range(9)},
        "no app": {"lib/x.py": b"\n"},
    }
    for kind, held in limits.items():
        yield Case(kind, _packed(held))
    yield Case("a file twice", _twice())
    good = bundled(NEW)
    for size in (0, 15, 16, format_.HEAD_LIMIT_BYTES + 1, 2**31, 2**32 - 1):
        start = struct.pack("<8sI", format_.MAGIC, size)
        yield Case("a head of no size", replace(good, data=start + good.data[12:]))
    for magic in (b"mynahup0", b"mynahup2", b"MYNAHUP1", bytes(8), b"\x7fELF\x01\x01\x01\x00"):
        yield Case("another format", replace(good, data=magic + good.data[8:]))


def _packed(files: dict[str, bytes]) -> Bundle:
    return bundle.pack(NEW, bundle.SOURCE, [BOARD], files, KEY)


def _holding(path: str) -> Bundle:
    # latin-1 by hand: `encode` would make two bytes of a letter that is not ASCII.
    return _packed(slot(NEW) | {path: b"raise SystemExit\n"})


def _twice() -> Bundle:
    good = slot(NEW)
    head = format_.Head(NEW, bundle.SOURCE, [BOARD], [])
    for path, data in [*good.items(), ("app.py", good["app.py"])]:
        head.files.append(format_.File(path, len(data), hashlib.sha256(data).digest()))
    encoded = format_.encode(head)
    seal = KEY.public + KEY.sign(format_.signed_part([encoded]))
    data = encoded + seal + b"".join([*good.values(), good["app.py"]])
    return Bundle(data, NEW, bundle.SOURCE, KEY.public)


def _sealed(good: Bundle, head: int, seal: bytes) -> Bundle:
    files = good.data[head + format_.SEAL_BYTES :]
    return replace(good, data=good.data[:head] + seal + files)


def _cut(good: Bundle, at: int) -> Bundle:
    return replace(good, data=good.data[:at])


def _spread(first: int, end: int, count: int) -> list[int]:
    wanted = min(count, end - first)
    return [first + index * (end - first) // wanted for index in range(wanted)]
