"""A web page, and other programs, at the metrics and health of the bridge on this computer."""

import asyncio
from collections.abc import Iterator

from mynah.seeing import server
from tests.attacks.cases import Case, Told

TOKEN = "0123456789abcdef" * 4
CONTENT = b"mynah_turns_total 7"
ANSWER_S = 5.0  # it answers within a millisecond; a busy machine is no finding
PATIENCE_S = 0.05  # instead of its own: what waits for it must not make the tests wait
SQUATTERS = 30
STREAMS = 40  # pieces of something that does not end
HOSTS = [
    "",
    "evil.example",
    "evil.example:{port}",
    "127.0.0.1",
    "localhost",
    "127.0.0.1:1",
    "0.0.0.0:{port}",
    "[::]:{port}",
    "127.0.0.2:{port}",
    "127.1:{port}",
    "2130706433:{port}",
    "0x7f.1:{port}",
    "localhost.:{port}",
    "localhost.evil.example:{port}",
    "127.0.0.1.evil.example:{port}",
    "evil.example, 127.0.0.1:{port}",
    "127.0.0.1:{port}@evil.example",
    "evil.example#127.0.0.1:{port}",
    "127.0.0.1:{port}/",
    "127.0.0.1:0{port}",
    "[::ffff:127.0.0.1]:{port}",
    "user@127.0.0.1:{port}",
]
ORIGINS = [
    "null",
    "http://evil.example",
    "https://evil.example",
    "http://127.0.0.1",
    "http://127.0.0.1:{port}",
    "http://localhost:{port}",
    "file://",
    "chrome-extension://abc",
    "http://localhost.evil.example",
    "",
    "*",
]
CREDENTIALS = [
    None,
    "",
    "Bearer",
    "Bearer ",
    f"Basic {TOKEN}",
    TOKEN,
    f"Token {TOKEN}",
    f"Bearer {TOKEN[:-1]}",
    f"Bearer {TOKEN}0",
    f"Bearer {TOKEN.upper()}",
    f"Bearer {TOKEN} {TOKEN}",
    f"Bearer,{TOKEN}",
    f"Bearer \t{TOKEN}",
    f"BearerBearer {TOKEN}",
    "Bearer *",
    f"Bearer {'0' * 64}",
]
TARGETS = [
    "/",
    "/metrics/",
    "/metrics?token={token}",
    "//metrics",
    "/./metrics",
    "/../metrics",
    "/%6detrics",
    "/metrics%00",
    "/etc/passwd",
    "/../../etc/passwd",
    "http://127.0.0.1:{port}/metrics",
    "*",
    "/keys",
    "/metrics#",
    "/METRICS",
]
METHODS = ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "HEAD", "get", "GETS"]


def api_wrong_host(told: Told) -> Iterator[Case]:
    """DNS rebinding: a name that points here, with the right token all the same."""
    asked = [{"host": host} for host in HOSTS] + [{"more": "Host: evil.example\r\n"}]
    yield from _refused(asked)


def api_wrong_origin(told: Told) -> Iterator[Case]:
    """A page in a browser, with the right token all the same; nor is one told that it may ask."""
    yield from _refused([{"more": f"Origin: {origin}\r\n"} for origin in ORIGINS])
    preflight = "Origin: http://evil.example\r\nAccess-Control-Request-Method: GET\r\n"
    yield from _refused([{"method": "OPTIONS", "more": preflight}])


def api_no_token(told: Told) -> Iterator[Case]:
    """None, or nearly the right one, or the right one in the wrong place."""
    yield from _refused([{"credential": credential} for credential in CREDENTIALS])
    for place in range(len(TOKEN)):
        wrong = TOKEN[:place] + ("0" if TOKEN[place] != "0" else "1") + TOKEN[place + 1 :]
        yield from _refused([{"credential": f"Bearer {wrong}"}])
    elsewhere = [f"Cookie: token={TOKEN}\r\n", f"X-Token: {TOKEN}\r\n", "Authorization : x\r\n"]
    yield from _refused([{"credential": None, "more": more} for more in elsewhere])
    yield from _refused([{"more": f"Authorization: Bearer {TOKEN}\r\n"}])


def api_other_requests(told: Told) -> Iterator[Case]:
    """Other pages, other methods, and what is no request at all."""
    yield from _refused([{"target": target} for target in TARGETS])
    yield from _refused([{"method": method} for method in METHODS])
    raw = [b"\r\n\r\n", b"GET /metrics\r\n\r\n", bytes(range(256)) * 8, b"\x16\x03\x01\x02\x00\x01"]
    raw += [b"GET /metrics HTTP/9.9\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"]
    yield from _cases([(f"raw {each[:12]!r}", each) for each in raw])


def api_huge(told: Told) -> Iterator[Case]:
    """Bodies, heads, lines and numbers without end: nothing is read that nobody needs."""
    sizes = ("1", "1000000000", "9" * 400, "-1", "+5", "0x10", "1, 2")
    yield from _refused([{"more": f"Content-Length: {size}\r\n"} for size in sizes])
    smuggled = "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"
    yield from _refused([{"more": "Transfer-Encoding: chunked\r\n"}, {"more": smuggled}])
    yield from _refused([{"target": "/" + "a" * 70_000}, {"more": "X: " + "a" * 70_000 + "\r\n"}])
    yield from _refused([{"more": "X: a\r\n" * 9_000}])
    endless = [b"a" * 4096, b"GET /metrics HTTP/1.1\r\n" + b"X: y\r\n" * 700, b"0\r\n" * 1000]
    yield from _cases([("it does not end", each * STREAMS) for each in endless])


def api_slow(told: Told) -> Iterator[Case]:
    """Many who say nothing, or a byte now and then: they are hung up on, and others are served."""
    return iter(asyncio.run(_squat()))


def _request(port: int, **parts: str | None) -> bytes:
    asked: dict[str, str | None] = {
        "method": "GET", "target": "/metrics", "host": "127.0.0.1:{port}",
        "credential": f"Bearer {TOKEN}", "more": "", **parts,
    }  # fmt: skip
    credential = asked["credential"]
    known = "" if credential is None else f"Authorization: {credential}\r\n"
    first = f"{asked['method']} {asked['target']} HTTP/1.1\r\nHost: {asked['host']}\r\n"
    head = f"{first}{known}{asked['more']}\r\n"
    return head.replace("{port}", str(port)).replace("{token}", TOKEN).encode("latin-1")


def _refused(asked: list[dict[str, str | None]]) -> Iterator[Case]:
    return iter(asyncio.run(_ask_all([(str(parts)[:90], parts) for parts in asked])))


def _cases(asked: list[tuple[str, bytes]]) -> Iterator[Case]:
    return iter(asyncio.run(_ask_all(asked)))


async def _ask_all(asked: "list[tuple[str, bytes | dict[str, str | None]]]") -> list[Case]:
    """Each on its own connection; then once as it should be."""
    cases, broken = [], list[str]()
    asyncio.get_running_loop().set_exception_handler(
        lambda _loop, context: broken.append(repr(context.get("exception")))
    )
    async with _serving() as serving:
        port = serving.port
        for what, question in asked:
            raw = question if isinstance(question, bytes) else _request(port, **question)
            cases.append(Case(what, _tells(await _ask(port, raw))))
        served = _tells(await _ask(port, _request(port)))
        await _quiet(serving)
    cases.append(Case("it breaks: " + ", ".join(broken), bool(broken)))
    return [*cases, Case("who may ask is not answered", not served)]


async def _quiet(serving: server.LocalServer) -> None:
    """Until it has noticed that everybody hung up."""
    async with asyncio.timeout(ANSWER_S):
        await asyncio.gather(*serving._tasks, return_exceptions=True)


async def _squat() -> list[Case]:
    before, server.PATIENCE_S = server.PATIENCE_S, PATIENCE_S
    try:
        async with _serving() as serving:
            port = serving.port
            beginnings = [b"", b"G", b"GET /metrics HTTP/1.1\r\nHost:", _request(port)[:-2]]
            waiting = [_ask(port, beginnings[n % len(beginnings)]) for n in range(SQUATTERS)]
            answers = await asyncio.gather(*waiting)
            cases = [Case("a squatter is answered", _tells(answer)) for answer in answers]
            cases.append(Case("squatters stay", bool(serving._tasks)))
            served = _tells(await _ask(port, _request(port)))
            await _quiet(serving)
    finally:
        server.PATIENCE_S = before
    return [*cases, Case("who may ask is not answered", not served)]


def _serving() -> server.LocalServer:
    pages = {
        "/metrics": lambda: ("text/plain", CONTENT),
        "/health": lambda: ("text/plain", CONTENT),
    }
    return server.LocalServer(pages, TOKEN)


async def _ask(port: int, raw: bytes) -> bytes:
    """All that is answered, until they hang up."""
    async with asyncio.timeout(ANSWER_S):
        reader, writer = await asyncio.open_connection(server.LOOPBACK, port)
        try:
            writer.write(raw)
            await writer.drain()
            return await reader.read()
        except ConnectionError:
            return b""
        finally:
            writer.close()


def _tells(answer: bytes) -> bool:
    """Whether it was let in, or a page told that it may read."""
    allowed = b"access-control" in answer.lower()
    return CONTENT in answer or allowed or answer.split(b" ")[1:2] == [b"200"]


LOCAL_API = [
    api_wrong_host,
    api_wrong_origin,
    api_no_token,
    api_other_requests,
    api_huge,
    api_slow,
]
