"""A web page, a stranger and a madman at the bridge as a server: its ears, voice and companion."""

import asyncio
import io
import json
import wave
from collections.abc import Iterator
from contextlib import asynccontextmanager

import numpy as np

from mynah.audio import SPEECH_HZ
from mynah.companions.guest import Guest
from mynah.companions.parrot import Parrot
from mynah.seeing import exchange
from mynah.seeing.loopback import LOOPBACK, LoopbackServer
from mynah.serving import sound_in
from mynah.serving.api import ROUTES, house
from mynah.serving.services import Names, Services
from mynah.serving.sound_out import encoder
from mynah.serving.tabs import Tabs
from mynah.speech.asr import ScriptedTranscriber
from mynah.speech.tts import ToneSynthesizer
from tests.attacks.cases import Case, Told
from tests.attacks.local_api import CREDENTIALS, HOSTS, ORIGINS, TOKEN

HEARD = "these words were heard"
ALLOWED = "http://127.0.0.1:8000"
ANSWER_S = 10.0  # a busy machine is no finding
SLOW_S = 0.05  # instead of a minute: what waits for it must not make the tests wait
BODY = json.dumps({"input": "hello there", "messages": [{"role": "user", "content": "hi"}]})
SOCKET = (
    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
)
BORDER = "xyz"
FORM = f"multipart/form-data; boundary={BORDER}"


def serving_wrong_host(told: Told) -> Iterator[Case]:
    """DNS rebinding, with the right token all the same."""
    yield from _refused([_asked(path, host=host) for path in ROUTES for host in HOSTS])


def serving_wrong_origin(told: Told) -> Iterator[Case]:
    """A page that is not listed, also in its preflight, and for the WebSocket."""
    pages = [origin for origin in ORIGINS if origin != ALLOWED]
    for method in (None, "OPTIONS"):
        asked = [
            _asked(path, more=f"Origin: {page}\r\n", method=method)
            for path in ROUTES
            for page in pages
        ]
        yield from _refused(asked)


def serving_no_token(told: Told) -> Iterator[Case]:
    """None, or nearly; a listed page needs it too."""
    yield from _refused([_asked(path, credential=each) for path in ROUTES for each in CREDENTIALS])
    page = f"Origin: {ALLOWED}\r\n"
    asked = [_asked(path, credential=None, more=page) for path in ROUTES]
    yield from _refused(asked, may_read=True)
    offered = ["mynah", "token.", f"token.{TOKEN[:-1]}", f"token.{TOKEN}, token.{TOKEN}", TOKEN]
    sockets = [
        _asked("/ring", credential=None, more=f"{SOCKET}Sec-WebSocket-Protocol: {each}\r\n")
        for each in offered
    ]
    yield from _refused(sockets)
    elsewhere = [_asked("/v1/models", credential=None, more=f"X-Api-Key: {TOKEN}\r\n")]
    elsewhere += [_asked(f"/v1/models?token={TOKEN}", credential=None)]
    elsewhere += [
        _asked(path, credential=None, more=f"Sec-WebSocket-Protocol: token.{TOKEN}\r\n")
        for path in ROUTES
        if path != "/ring"
    ]
    yield from _refused(elsewhere)


def serving_huge(told: Told) -> Iterator[Case]:
    """Bodies without end, announced or not, and numbers that are none."""
    for path in ROUTES:
        sizes = ("1000000000", "9" * 400, "-1", "+5", "0x10", "1, 2")
        announced = [_asked(path, more=f"Content-Length: {size}\r\n", body="") for size in sizes]
        smuggled = "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"
        yield from _refused([*announced, _asked(path, more=smuggled, body="")])
    endless = b"10000\r\n" + b"x" * 65_536 + b"\r\n"
    for path in ("/v1/audio/speech", "/v1/chat/completions", "/mcp"):
        chunked = _asked(path, more="Transfer-Encoding: chunked\r\n", body="")
        yield from _refused([chunked + endless * 40])


def serving_slow(told: Told) -> Iterator[Case]:
    """A body that comes a byte now and then."""
    before, exchange.BODY_S = exchange.BODY_S, SLOW_S
    try:
        begun = [
            _asked(path, more="Content-Length: 100\r\n", body="{")
            for path, (route, _) in ROUTES.items()
            if route.most_bytes
        ]
        yield from _refused(begun)
    finally:
        exchange.BODY_S = before


def serving_bad_forms(told: Told) -> Iterator[Case]:
    """Uploads that are no form, or more than one."""
    whole = _form(("file", "a.wav", _wav(0.1)))
    forms = [
        b"", b"\r\n", b"--xyz", b"--xyz--", b"--xyz\r\n\r\n", whole[:-8],
        whole.replace(b"xyz", b"zyx"),
        whole.replace(b'name="file"', b""), whole.replace(b'name="file"', b'name="fil"'),
        b"x" * 10_000 + whole, b"--xyz\r\n" + b"A: b\r\n" * 2000 + b"\r\n\r\n--xyz--",
        _form(*[("a", "", b"1")] * 40), _form(("prompt", "", b"x" * 100_000)),
        _form(("model", "", b"\xff\xfe")), _form(*[("file", "a.wav", _wav(0.1))] * 2),
        whole.replace(b"--xyz\r\n", b"--xyzw\r\n", 1), _form(("model", "a.txt", b"x")),
    ]  # fmt: skip
    kinds = ["", "multipart/form-data", "multipart/form-data; boundary=", "application/json"]
    kinds += ["text/plain; boundary=xyz", f"multipart/form-data; boundary={'b' * 300}"]
    yield from _refused([_upload(form) for form in forms])
    yield from _refused([_upload(whole, kind) for kind in kinds])


def serving_bad_sound(told: Told) -> Iterator[Case]:
    """What is no sound, what names other files, and hours of silence in a few kB."""
    playlist = b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n"
    concat = b"ffconcat version 1.0\nfile '/etc/passwd'\n"
    texts = [b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\n"]
    cut = [_wav(0.1)[:20], b"RIFF", b"OggS" * 50, b"fLaC" + bytes(90), b"\x1a\x45\xdf\xa3" * 9]
    cut += [b"ID3" + bytes(40), b"\xff\xfb" * 200, b"\0\0\0\x20ftypM4A " + bytes(64), b"FORM" * 9]
    wide = io.BytesIO()
    with wave.open(wide, "wb") as file:
        file.setnchannels(64)
        file.setsampwidth(2)
        file.setframerate(SPEECH_HZ)
        file.writeframes(bytes(128 * 1600))
    none = [playlist, concat, *texts, *cut, wide.getvalue(), bytes(5000), b"PK\x03\x04" + bytes(99)]
    yield from _refused([_upload(_form(("file", "a.wav", each))) for each in none])
    before, sound_in.LONGEST_S = sound_in.LONGEST_S, 60
    try:
        bombs = [_bomb(name, 70) for name in ("flac", "opus", "mp3", "aac")]
        yield from _refused([_upload(_form(("file", "a.wav", each))) for each in bombs])
    finally:
        sound_in.LONGEST_S = before


def serving_bad_sockets(told: Told) -> Iterator[Case]:
    """Requests for a WebSocket that are none, and frames that are none."""
    partial = SOCKET.split("\r\n")[:-1]
    lines = ["\r\n".join([*partial[:n], *partial[n + 1 :], ""]) for n in range(len(partial))]
    yield from _refused([_asked("/ring", more=each) for each in [*lines, ""]])
    frames = [
        bytes(range(256)),
        b"\x81\xff" + b"\xff" * 8,
        b"\x88\x80" * 9,
        b"\x81\x05hello",
        b"\xf1",
    ]
    yield from _survived([_asked("/ring", more=SOCKET) + each * 20 for each in frames])


def _asked(
    path: str,
    *,
    host: str = "127.0.0.1:{port}",
    credential: str | None = f"Bearer {TOKEN}",
    more: str = "",
    method: str | None = None,
    body: str | None = None,
) -> bytes:
    route = ROUTES.get(path.partition("?")[0])
    body = (BODY if route and route[0].most_bytes else "") if body is None else body
    known = "" if credential is None else f"Authorization: {credential}\r\n"
    sized = f"Content-Length: {len(body)}\r\n" if body and "Content-Length" not in more else ""
    method = method or (route[0].method if route else "GET")
    head = f"{method} {path} HTTP/1.1\r\nHost: {host}\r\n{known}{sized}{more}\r\n"
    return (head + body).replace("{token}", TOKEN).encode("latin-1")


def _upload(form: bytes, kind: str = FORM) -> bytes:
    more = f"Content-Type: {kind}\r\nContent-Length: {len(form)}\r\n"
    return _asked("/v1/audio/transcriptions", more=more, body="") + form


def _form(*parts: tuple[str, str, bytes]) -> bytes:
    whole = b""
    for name, file, content in parts:
        named = f'; filename="{file}"' if file else ""
        head = f'--{BORDER}\r\nContent-Disposition: form-data; name="{name}"{named}\r\n\r\n'
        whole += head.encode() + content + b"\r\n"
    return whole + f"--{BORDER}--\r\n".encode()


def _wav(seconds: float) -> bytes:
    return _bomb("wav", seconds)


def _bomb(name: str, seconds: float) -> bytes:
    coder = encoder(name)
    parts = [coder.push(np.zeros(SPEECH_HZ // 10, np.int16)) for _ in range(round(seconds * 10))]
    return b"".join([*parts, coder.finish()])


def _refused(asked: list[bytes], *, may_read: bool = False) -> Iterator[Case]:
    return iter(asyncio.run(_ask_all(asked, may_read=may_read)))


def _survived(asked: list[bytes]) -> Iterator[Case]:
    return iter(asyncio.run(_ask_all(asked, opens=True)))


async def _ask_all(
    asked: list[bytes], *, may_read: bool = False, opens: bool = False
) -> list[Case]:
    """Each on its own connection; then once as it should be."""
    cases, broken = [], list[str]()
    asyncio.get_running_loop().set_exception_handler(
        lambda _loop, context: broken.append(repr(context.get("exception")))
    )
    async with _serving() as (server, services):
        for raw in asked:
            answer = await _ask(server.port, raw)
            named = answer if may_read else answer.replace(b"access-control", b"ACCESS-CONTROL")
            allowed = b"access-control" in answer.lower() and named is not answer
            accepted = (_tells(answer) and not opens) or allowed or b" 500 " in answer[:20]
            cases.append(Case(repr(raw[:160]), accepted))
        used = [*services.transcriber.heard]  # type: ignore[attr-defined]
        good = _asked("/v1/chat/completions")
        served = _tells(await _ask(server.port, good))
        async with asyncio.timeout(ANSWER_S):
            await asyncio.gather(*server._tasks, return_exceptions=True)
    cases.append(Case("something was heard", bool(used)))
    cases.append(Case("it breaks: " + ", ".join(broken), bool(broken)))
    return [*cases, Case("who may ask is not answered", not served)]


@asynccontextmanager
async def _serving():
    services = Services(
        ScriptedTranscriber([HEARD] * 100),
        ToneSynthesizer(),
        Guest("parrot", Parrot()),
        Names(),
        tabs=Tabs(),
    )
    async with LoopbackServer(house(services, TOKEN, (ALLOWED,))) as server:
        yield server, services


async def _ask(port: int, raw: bytes) -> bytes:
    """All that is answered, until they hang up."""
    async with asyncio.timeout(ANSWER_S):
        reader, writer = await asyncio.open_connection(LOOPBACK, port)
        try:
            writer.write(raw.replace(b"{port}", str(port).encode()))
            await writer.drain()
            return await reader.read()
        except ConnectionError:
            return b""
        finally:
            writer.close()


def _tells(answer: bytes) -> bool:
    return answer.split(b" ")[1:2] in ([b"200"], [b"101"], [b"202"], [b"204"])


SERVING_API = [
    serving_wrong_host,
    serving_wrong_origin,
    serving_no_token,
    serving_huge,
    serving_slow,
    serving_bad_forms,
    serving_bad_sound,
    serving_bad_sockets,
]
