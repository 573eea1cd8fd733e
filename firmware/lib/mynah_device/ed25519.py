"""Ed25519 signatures (RFC 8032) are checked here, never made: nothing in it is secret.

Strict: S below the group's order, points in their one encoding, no key of small order. So a
signature that was accepted can't be turned into another one of the same message.
"""

from .sha512 import sha512

TYPE_CHECKING = False  # type checkers take this name for True; MicroPython has no typing to ask
if TYPE_CHECKING:
    from collections.abc import Iterator

    Point = tuple[int, int, int, int]  # X, Y, Z, T: x = X/Z, y = Y/Z, xy = T/Z

KEY_BYTES = 32
SIGNATURE_BYTES = 64

_P = (1 << 255) - 19
_ORDER = (1 << 252) + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, _P - 2, _P) % _P
_ROOT_OF_MINUS_1 = pow(2, (_P - 1) // 4, _P)
_BASE_Y = 4 * pow(5, _P - 2, _P) % _P
_SIGN = 1 << 255  # of x, in an encoded point
_ZERO = (0, 1, 1, 0)
_WINDOW_BITS = 2  # of both factors at once: 16 points in RAM; 3 bits would be 64 of them


def checking(key: bytes, message: bytes, signature: bytes) -> "Iterator[bool | None]":
    """Yields None after each step, at most some 30 ms on a chip (estimated), and last the verdict.

    The message is held and hashed whole: give it a hash of what is long.
    """
    if len(key) != KEY_BYTES or len(signature) != SIGNATURE_BYTES:
        yield False
        return
    public = _decoded(key)
    factor = int.from_bytes(signature[KEY_BYTES:], "little")
    if public is None or factor >= _ORDER or _is_small(public):
        yield False
        return
    yield None
    digest = sha512(signature[:KEY_BYTES] + key + message)
    yield None
    challenge = int.from_bytes(digest, "little") % _ORDER
    minus = (_P - public[0], public[1], 1, _P - public[3])
    table = _sums(_base(), minus)
    total = _ZERO
    for shift in range(254 - _WINDOW_BITS, -1, -_WINDOW_BITS):
        yield None
        total = _doubled(_doubled(total))
        both = (factor >> shift & 3) << _WINDOW_BITS | challenge >> shift & 3
        if both:
            total = _added(total, table[both])
    yield None
    # [S]B - [k]A against R as bytes: another encoding of R, or of its x's sign, is not the same.
    yield _encoded(total) == signature[:KEY_BYTES]


def verify(key: bytes, message: bytes, signature: bytes) -> bool:
    """The verdict at once."""
    return list(checking(key, message, signature))[-1] is True


def _decoded(encoded: bytes) -> "Point | None":
    """None for what no point's one encoding is."""
    y = int.from_bytes(encoded, "little")
    sign, y = y & _SIGN != 0, y & _SIGN - 1
    if y >= _P:
        return None
    u, v = (y * y - 1) % _P, (_D * y * y + 1) % _P
    x = u * v * v * v % _P * pow(u * pow(v, 7, _P), (_P - 5) // 8, _P) % _P
    if v * x * x % _P == _P - u:
        x = x * _ROOT_OF_MINUS_1 % _P
    if v * x * x % _P != u or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = _P - x
    return x, y, 1, x * y % _P


def _encoded(point: "Point") -> bytes:
    inverse = pow(point[2], _P - 2, _P)
    x, y = point[0] * inverse % _P, point[1] * inverse % _P
    return (y | (x & 1) << 255).to_bytes(KEY_BYTES, "little")


def _is_small(point: "Point") -> bool:
    """Whether its order divides 8: such a key signs whatever one likes."""
    for _ in range(3):
        point = _doubled(point)
    return point[0] == 0


def _base() -> "Point":
    base = _decoded(_BASE_Y.to_bytes(KEY_BYTES, "little"))
    return base or _ZERO


def _sums(base: "Point", other: "Point") -> "list[Point]":
    """Of i times one and j times the other, at place 4i + j."""
    rows = [_ZERO, base, _doubled(base)]
    rows.append(_added(rows[2], base))
    table: "list[Point]" = []
    for point in rows:
        table.append(point)
        for _ in range((1 << _WINDOW_BITS) - 1):
            table.append(_added(table[-1], other))
    return table


def _added(one: "Point", two: "Point") -> "Point":
    a = (one[1] - one[0]) * (two[1] - two[0]) % _P
    b = (one[1] + one[0]) * (two[1] + two[0]) % _P
    c = 2 * one[3] * two[3] * _D % _P
    d = 2 * one[2] * two[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _doubled(point: "Point") -> "Point":
    x, y = point[0], point[1]
    a, b, c = x * x % _P, y * y % _P, 2 * point[2] * point[2]
    h, g = a + b, a - b
    e = h - (x + y) * (x + y) % _P
    f = (c + g) % _P
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P
