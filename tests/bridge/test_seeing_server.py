"""Metrics and health: for programs of this computer that hold the token, and for nobody else."""

import asyncio
import json
import stat
from contextlib import asynccontextmanager

import pytest

from mynah.config import parse
from mynah.errors import MynahError, UserError
from mynah.seeing import log, server
from mynah.seeing.gate import Gate
from mynah.seeing.metrics import Metrics
from mynah.seeing.seen import seen
from mynah.seeing.server import LocalServer, known_token, token_file
from mynah.turn.record import Guesses, LinkFigures, TurnRecord
from mynah.view import View

TOKEN = "t" * 64
PORT = 9100
PAGES = {"/metrics": lambda: ("text/plain", b"all"), "/health": lambda: ("application/json", b"{}")}


def head(host=f"127.0.0.1:{PORT}", token=TOKEN, **more):
    given = {"host": host, "authorization": f"Bearer {token}", **more}
    return [
        (name.replace("_", "-").encode(), value.encode())
        for name, value in given.items()
        if value is not None
    ]


def verdict(headers, method=b"GET", target=b"/metrics", origins=()):
    return int(Gate(PORT, TOKEN, origins).verdict(method, target, headers))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "LOCALHOST"])
def test_a_program_on_this_computer_with_the_token_may_ask(host):
    assert verdict(head(f"{host}:{PORT}")) == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        f"evil.example:{PORT}",
        "127.0.0.1",
        f"127.0.0.1:{PORT + 1}",
        f"127.0.0.1.nip.io:{PORT}",
        f"localhost.evil.example:{PORT}",
        f"user@127.0.0.1:{PORT}",
        f"0.0.0.0:{PORT}",
        f"[::]:{PORT}",
        "",
        None,
    ],
)
def test_a_name_that_dns_points_here_is_no_host_of_ours(host):
    assert verdict(head(host)) == 403


def test_two_hosts_are_none():
    assert verdict([*head(), *head()[:1]]) == 403


@pytest.mark.parametrize(
    "origin",
    ["null", "https://evil.example", f"http://localhost:{PORT}", f"http://127.0.0.1:{PORT}", ""],
)
def test_no_web_page_may_ask(origin):
    assert verdict(head(origin=origin)) == 403


def test_a_page_that_was_listed_may_ask():
    listed = ["http://localhost:3000"]

    assert verdict(head(origin="http://localhost:3000"), origins=listed) == 200
    assert verdict(head(origin="http://localhost:3001"), origins=listed) == 403


@pytest.mark.parametrize("token", [TOKEN[:-1], TOKEN + "t", "", "x" * 64, TOKEN.upper(), "t t"])
def test_without_the_token_nothing_is_told(token):
    assert verdict(head(token=token)) == 401


@pytest.mark.parametrize("given", [None, TOKEN, f"Basic {TOKEN}", f"Bearer{TOKEN}"])
def test_a_token_is_given_as_a_bearers(given):
    assert verdict(head(authorization=given)) == 401


@pytest.mark.parametrize(
    ("method", "target", "more", "told"),
    [
        (b"GET", b"/", {}, 404),
        (b"GET", b"/metrics/../health", {}, 404),
        (b"GET", b"http://127.0.0.1/metrics", {}, 404),
        (b"GET", b"/metrics?x=1", {}, 404),
        (b"GET", b"//[", {}, 404),
        (b"POST", b"/metrics", {}, 405),
        (b"OPTIONS", b"/metrics", {}, 405),
        (b"GET", b"/metrics", {"content_length": "1"}, 413),
        (b"GET", b"/metrics", {"content_length": "0"}, 200),
        (b"GET", b"/metrics", {"transfer_encoding": "chunked"}, 413),
    ],
)
def test_there_are_two_pages_to_be_read(method, target, more, told):
    assert verdict(head(**more), method, target) == told


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "192.168.1.4", "localhost", "", "evil"])
def test_it_listens_to_this_computer_alone(address):
    with pytest.raises(UserError, match="for this computer alone"):
        LocalServer(PAGES, TOKEN, address=address)


@asynccontextmanager
async def serving():
    async with LocalServer(PAGES, TOKEN) as it:
        yield it


async def ask(port, request):
    """Raw bytes in, everything that comes back."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(request)
        async with asyncio.timeout(10):
            return await reader.read()
    except ConnectionError:
        return b""
    finally:
        writer.close()


def request(port, target="/metrics", token=TOKEN):
    return (
        f"GET {target} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {token}\r\n\r\n"
    ).encode()


async def test_a_page_is_told_once_and_hung_up():
    async with serving() as it:
        answer = await ask(it.port, request(it.port) * 3)

    told, _, body = answer.partition(b"\r\n\r\n")
    assert told.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"access-control" not in told.lower()
    assert b"connection: close" in told.lower()
    assert body == b"all"


@pytest.mark.parametrize(
    "sent",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"\x00\x01\x02\x03\r\n\r\n",
        b"GET /metrics HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        b"GET /metrics HTTP/9.9\r\n\r\n",
        b"GET /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"HEAD /metrics HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET " + b"/" * 20_000 + b" HTTP/1.1\r\n\r\n",
        b"GET /metrics HTTP/1.1\r\n" + b"X: y\r\n" * 5000,
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ],
)
async def test_what_is_no_question_gets_a_refusal_and_the_next_one_an_answer(sent):
    async with serving() as it:
        refused = await ask(it.port, sent)
        answer = await ask(it.port, request(it.port))

    assert refused == b"" or refused.split()[1] in {b"400", b"403", b"431"}
    assert answer.endswith(b"all")


async def test_a_huge_body_is_not_read():
    async with serving() as it:
        begin = request(it.port).replace(b"\r\n\r\n", b"\r\nContent-Length: 1000000000\r\n\r\n")
        answer = await ask(it.port, begin + bytes(100_000))

    assert answer == b"" or answer.split()[1] == b"413"


async def test_whoever_says_nothing_is_hung_up_on(monkeypatch):
    monkeypatch.setattr(server, "PATIENCE_S", 0.05)
    async with serving() as it:
        assert await ask(it.port, b"GET /metrics") == b""
        assert it._tasks == set()


async def test_no_more_than_a_few_are_listened_to_at_once():
    async with serving() as it:
        held = [await asyncio.open_connection("127.0.0.1", it.port) for _ in range(8)]
        assert await ask(it.port, request(it.port)) == b""
        for _, writer in held:
            writer.close()
        await asyncio.gather(*it._tasks, return_exceptions=True)
        assert (await ask(it.port, request(it.port))).endswith(b"all")


async def test_a_port_that_is_taken_is_told_of():
    async with serving() as it:
        with pytest.raises(MynahError, match=r"set metrics\.port"):
            async with LocalServer(PAGES, TOKEN, port=it.port):
                pass


def test_the_token_is_made_once_and_for_nobody_else_to_read():
    token = known_token()

    assert known_token() == token
    assert len(token) == 64
    assert stat.S_IMODE(token_file().stat().st_mode) == 0o600


def test_a_token_that_was_cut_off_is_not_taken(tmp_path):
    path = tmp_path / "metrics.token"
    path.write_text("abc\n")
    path.chmod(0o644)

    with pytest.raises(UserError, match="not a token"):
        known_token(path)


def record(**more):
    link = LinkFigures(frames=100, lost_frames=2, underruns=1)
    waterfall = {"asr": 40.0, "companion": 110.0}
    return TurnRecord(1, link=link, waterfall=waterfall, guesses=Guesses(1, 2), **more)


async def test_a_conversation_is_counted_and_told_in_figures():
    async with LocalServer(PAGES, TOKEN) as free:
        port = free.port
    async with seen(parse({"metrics": {"port": port}}, "here"), View()) as view:
        view.turn(record(v2v_ms=350.0, transcript="a purple tractor"), "parrot")
        view.turn(record(error="the companion said 'purple'"), "parrot")
        view.trouble("the ring went out of reach")
        page = (await ask(port, request(port, token=known_token()))).decode()
        health = await ask(port, request(port, "/health", known_token()))

    for line in (
        'mynah_turns_total{outcome="answered"} 1.0',
        'mynah_turns_total{outcome="failed"} 1.0',
        'mynah_turn_errors_total{kind="companion"} 1.0',
        'mynah_troubles_total{kind="reach"} 1.0',
        "mynah_lost_frames_total 4.0",
        "mynah_guesses_wasted_total 4.0",
        'mynah_voice_to_voice_seconds_bucket{le="0.4"} 1.0',
        "mynah_rings_connected 0.0",
    ):
        assert f"\n{line}\n" in page
    assert "purple" not in page
    told = json.loads(health.partition(b"\r\n\r\n")[2])
    assert (told["status"], told["turns"]) == ("no ring", 2)


def test_rings_that_are_there_are_counted():
    metrics = Metrics()
    with log.heard_by(metrics.note), log.linked("one"):
        with log.linked("two"):
            pass
        told = metrics.health()
    log.event("link", ring="nobody listens", up=True)

    assert (told["rings"], told["status"]) == (1, "ok")
    assert metrics.health()["rings"] == 0
