"""Who may read the local endpoint: not a web page, not another user, not another computer. Pure."""

import hmac
import re
from collections.abc import Iterable
from http import HTTPStatus
from typing import Final

PAGES: Final = ("/metrics", "/health")

_BEARER: Final = re.compile(rb"(?i:bearer) +([!-~]+) *")


class Gate:
    """Decides by a request's head alone. There is no CORS: no web page is ever told anything."""

    def __init__(self, port: int, token: str, origins: Iterable[str] = ()) -> None:
        """`origins` are the pages that may ask; a request of a program has none."""
        self._token = token.encode()
        names = ("127.0.0.1", "localhost", "[::1]")
        self._hosts = {f"{name}:{port}".encode() for name in names}
        self._origins = {origin.encode() for origin in origins}

    def verdict(
        self, method: bytes, target: bytes, headers: Iterable[tuple[bytes, bytes]]
    ) -> HTTPStatus:
        """OK, or why not; names of headers come in lower case.

        A name that a stranger's DNS points here is no Host of ours, whatever address it has.
        """
        named = list(headers)
        hosts, origins = _all(named, b"host"), _all(named, b"origin")
        if len(hosts) != 1 or hosts[0].lower() not in self._hosts:
            return HTTPStatus.FORBIDDEN
        if any(origin not in self._origins for origin in origins):
            return HTTPStatus.FORBIDDEN
        if not self._is_known(_all(named, b"authorization")):
            return HTTPStatus.UNAUTHORIZED
        if target.decode("latin-1") not in PAGES:
            return HTTPStatus.NOT_FOUND
        if method != b"GET":
            return HTTPStatus.METHOD_NOT_ALLOWED
        return _of_body(named)

    def _is_known(self, given: list[bytes]) -> bool:
        found = _BEARER.fullmatch(given[0]) if len(given) == 1 else None
        return found is not None and hmac.compare_digest(found[1], self._token)


def _of_body(headers: list[tuple[bytes, bytes]]) -> HTTPStatus:
    """A question has none."""
    lengths = _all(headers, b"content-length")
    if _all(headers, b"transfer-encoding") or any(length.strip(b"0") for length in lengths):
        return HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    return HTTPStatus.OK


def _all(headers: list[tuple[bytes, bytes]], name: bytes) -> list[bytes]:
    return [value for each, value in headers if each == name]
