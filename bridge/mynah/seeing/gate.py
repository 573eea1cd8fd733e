"""Who may ask on the loopback address: not a web page, not another user or computer. Pure."""

import hmac
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, TypeAlias

Headers: TypeAlias = Iterable[tuple[bytes, bytes]]
"""Names in lower case."""

SUBPROTOCOL: Final = "mynah"
OFFERED: Final = "token."
"""A browser can give a WebSocket no header of its own: the token comes as `token.…` beside it."""

MOST_FIELDS: Final = 16
"""Of a query."""

PREFLIGHT_S: Final = 600
"""How long a browser remembers that it may ask."""

_BEARER: Final = re.compile(rb"(?i:bearer) +([!-~]+) *")


@dataclass(frozen=True, slots=True)
class Route:
    """What may be asked for at one path."""

    method: str = "GET"
    most_bytes: int = 0
    """Of a body."""
    query: bool = False
    socket: bool = False
    """A WebSocket."""


METRICS: Final[Mapping[str, Route]] = {"/metrics": Route(), "/health": Route()}


class Gate:
    """Decides by a request's head alone."""

    def __init__(
        self,
        port: int,
        token: str,
        origins: Iterable[str] = (),
        routes: Mapping[str, Route] = METRICS,
    ) -> None:
        """`origins` are the pages that may ask; a request of a program has none.

        No other page is ever told anything, nor that it may ask.
        """
        self._token = token.encode()
        names = ("127.0.0.1", "localhost", "[::1]")
        self._hosts = {f"{name}:{port}".encode() for name in names}
        self._origins = {origin.encode() for origin in origins}
        self._routes = routes

    def verdict(self, method: bytes, target: bytes, headers: Headers) -> HTTPStatus:
        """OK, or why not; NO_CONTENT for a browser that asks whether a page of ours may ask.

        A name that a stranger's DNS points here is no Host of ours, whatever address it has.
        """
        named = list(headers)
        if not self._is_from_here(named):
            return HTTPStatus.FORBIDDEN
        path, mark, query = target.decode("latin-1").partition("?")
        route = self._routes.get(path)
        if method == b"OPTIONS" and _all(named, b"origin") and route is not None:
            return HTTPStatus.NO_CONTENT
        if not self._is_known(named, route):
            return HTTPStatus.UNAUTHORIZED
        if route is None or (mark and not route.query):
            return HTTPStatus.NOT_FOUND
        if method != route.method.encode():
            return HTTPStatus.METHOD_NOT_ALLOWED
        return _of_rest(query, named, route.most_bytes)

    def route(self, target: bytes) -> Route:
        """What may be asked for there; nothing where there is none."""
        return self._routes.get(target.decode("latin-1").partition("?")[0], Route())

    def allowed(self, target: bytes, headers: Headers) -> list[tuple[str, str]]:
        """What a browser has to be told, so that a page of ours can read the answer."""
        origins = _all(list(headers), b"origin")
        if len(origins) != 1 or origins[0] not in self._origins:
            return []
        route = self.route(target)
        return [
            ("Access-Control-Allow-Origin", origins[0].decode("latin-1")),
            ("Access-Control-Allow-Methods", route.method),
            ("Access-Control-Allow-Headers", "authorization, content-type"),
            ("Access-Control-Max-Age", str(PREFLIGHT_S)),
            ("Vary", "Origin"),
        ]

    def _is_from_here(self, headers: list[tuple[bytes, bytes]]) -> bool:
        hosts, origins = _all(headers, b"host"), _all(headers, b"origin")
        ours = len(hosts) == 1 and hosts[0].lower() in self._hosts
        return ours and all(origin in self._origins for origin in origins)

    def _is_known(self, headers: list[tuple[bytes, bytes]], route: Route | None) -> bool:
        given = [_BEARER.fullmatch(each) for each in _all(headers, b"authorization")]
        tokens = [found[1] if found else b"" for found in given]
        if route is not None and route.socket and not tokens:
            tokens = _offered(headers)
        return len(tokens) == 1 and hmac.compare_digest(tokens[0], self._token)


def _offered(headers: list[tuple[bytes, bytes]]) -> list[bytes]:
    """The tokens among a WebSocket's subprotocols."""
    named = b",".join(_all(headers, b"sec-websocket-protocol")).split(b",")
    begin = OFFERED.encode()
    return [each.strip().removeprefix(begin) for each in named if each.strip().startswith(begin)]


def _of_rest(query: str, headers: list[tuple[bytes, bytes]], most_bytes: int) -> HTTPStatus:
    """Whether a body is announced as larger than may be; one that isn't announced is counted."""
    if query.count("&") >= MOST_FIELDS:
        return HTTPStatus.BAD_REQUEST
    lengths = [length.strip() for length in _all(headers, b"content-length")]
    chunked = bool(_all(headers, b"transfer-encoding"))
    if not most_bytes and (chunked or any(map(_is_some, lengths))):
        return HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    if chunked and lengths:
        return HTTPStatus.BAD_REQUEST  # two ends are one too many
    if any(len(length) > len(str(most_bytes)) or int(length) > most_bytes for length in lengths):
        return HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    return HTTPStatus.OK


def _is_some(length: bytes) -> bool:
    return bool(length.strip(b"0"))


def _all(headers: list[tuple[bytes, bytes]], name: bytes) -> list[bytes]:
    return [value for each, value in headers if each == name]
