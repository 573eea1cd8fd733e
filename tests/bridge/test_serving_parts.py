"""Forms, uploads and the gate: what is taken apart, what is let in, and what is neither."""

import asyncio
import gc
import io
import socket
import stat
import sys
import threading

import av
import httpx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mynah.audio import SPEECH_HZ
from mynah.config import Serving, parse
from mynah.errors import AudioError, MynahError
from mynah.seeing import exchange
from mynah.seeing.gate import Gate, Route
from mynah.serving import sound_in
from mynah.serving.api import MOST_JSON_BYTES, ROUTES
from mynah.serving.multipart import FormParser
from mynah.serving.refusals import RequestError
from mynah.serving.running import names_of, serving, token_file
from mynah.serving.sound_in import speech_of
from tests.bridge.serving_scene import ORIGIN, TOKEN, body, coded, served, services, sound

BORDER = "----WebKitFormBoundary7MA4YWxkTrZu0gW"
KIND = f"multipart/form-data; boundary={BORDER}"


def form(fields, file=None, border=BORDER):
    parts = [(f'name="{name}"', value.encode()) for name, value in fields.items()]
    if file is not None:
        parts.append(('name="file"; filename="a.wav"\r\nContent-Type: audio/wav', file))
    whole = b"".join(
        f"--{border}\r\nContent-Disposition: form-data; {head}\r\n\r\n".encode() + content + b"\r\n"
        for head, content in parts
    )
    return whole + f"--{border}--\r\n".encode()


def parsed(data, kind=KIND, cuts=()):
    parser = FormParser(kind)
    for begin, end in zip([0, *cuts], [*cuts, len(data)], strict=True):
        parser.push(data[begin:end])
    return parser.finish()


names = st.text("abcdefgh_", min_size=1, max_size=8)
# What looks like a border, and is none.
tricky = st.lists(
    st.sampled_from([b"\r\n", b"--", BORDER.encode()[:-1], b"\r\n--", b"x", b"\0", b"\r"]),
    max_size=12,
).map(b"".join)


@given(st.dictionaries(names, st.text(max_size=20), max_size=4), tricky, st.data())
@settings(max_examples=150)
def test_a_form_is_the_same_wherever_it_is_cut(fields, file, data):
    fields.pop("file", None)
    whole = form(fields, file)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=6)))
    found = parsed(whole, cuts=cuts)

    assert found.fields == fields
    assert found.file == file


def test_a_form_a_byte_at_a_time_and_a_preamble_and_an_epilogue():
    whole = b"\r\n" + form({"model": "x"}, b"\r\n--sound") + b"whatever"

    found = parsed(whole, cuts=range(1, len(whole)))

    assert (found.fields, found.file) == ({"model": "x"}, b"\r\n--sound")


def test_a_quoted_boundary_and_one_with_more_behind_it():
    for kind in (f'multipart/form-data; boundary="{BORDER}"', f"{KIND}; charset=utf-8"):
        assert parsed(form({"a": "b"}), kind).fields == {"a": "b"}


def test_no_more_of_a_form_is_held_than_is_allowed():
    parser = FormParser(KIND)
    parser.push(f"--{BORDER}\r\n".encode())
    parser.push(b"X-Y: z\r\n" * 200)
    with pytest.raises(RequestError, match="no end to its head"):
        parser.push(b"X-Y: z\r\n" * 100)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (form({"prompt": "x" * 9000}), "the part prompt is too long"),
        (form({str(number): "" for number in range(20)}), "more than 16 parts"),
        (form({}, b"") + b"", None),
        (form({}, b"1").replace(b'name="file"', b""), "has no name"),
        (form({"a": "b"}).replace(b'name="a"', b'name="a"; filename="x"'), "in the part file"),
        (form({"a": "b"}).replace(b"\r\n", b"xx", 1), "broken boundary"),
        (form({"a": "b"}).replace(b"\r\n\r\nb", b"\r\n\r\n\xff"), "is not UTF-8"),
        (form({"a": "b"})[:-6], "ends in the middle"),
        (b"hello" + form({"a": "b"}), "does not begin with its boundary"),
    ],
)
def test_what_is_no_form_is_refused(data, told):
    if told is None:
        assert parsed(data).file == b""
        return
    with pytest.raises(RequestError, match=told):
        parsed(data)


def written(container, codec, rate, layout, samples):
    file = io.BytesIO()
    with av.open(file, "w", format=container) as output:
        stream = output.add_stream(codec, rate=rate, layout=layout)
        frame = av.AudioFrame.from_ndarray(samples, format="s16", layout=layout)
        frame.sample_rate = rate
        output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return file.getvalue()


@pytest.mark.parametrize(
    ("container", "codec"), [("ipod", "aac"), ("webm", "libopus"), ("aiff", "pcm_s16be")]
)
def test_sound_in_other_containers_is_read(container, codec):
    samples = np.repeat(sound(0.5), 3).repeat(2)[None, :]
    data = written(container, codec, 48_000, "stereo", samples)

    assert len(speech_of(data)) / SPEECH_HZ == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize("rate", [1, 2000])
def test_sound_that_would_become_a_thousand_times_as_much_is_refused(rate):
    data = bytearray(coded("wav", sound(0.5)))
    data[24:28] = rate.to_bytes(4, "little")

    with pytest.raises(AudioError, match="no speech"):
        speech_of(data)


@pytest.mark.parametrize("name", ["flac", "opus"])
def test_hours_of_silence_in_a_small_file_are_not_unpacked(monkeypatch, name):
    monkeypatch.setattr(sound_in, "LONGEST_S", 60)
    bomb = coded(name, np.zeros(120 * SPEECH_HZ, np.int16))

    assert len(bomb) < 120_000
    with pytest.raises(AudioError, match="longer than 1 minutes"):
        speech_of(bomb)


def test_who_has_gone_waits_for_no_more_of_it():
    given_up = threading.Event()
    given_up.set()
    with pytest.raises(AudioError, match="took longer"):
        speech_of(coded("wav", sound(1.0)), given_up)


def test_a_file_that_names_other_files_is_no_sound():
    with pytest.raises(AudioError, match="none of wav"):
        speech_of(b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n")


def test_a_file_is_read_as_what_it_begins_as_and_as_nothing_else():
    film = written("avi", "pcm_s16le", 16_000, "mono", sound(0.1)[None, :])

    assert film.startswith(b"RIFF")
    with pytest.raises(AudioError, match="not wav"):
        speech_of(film)


def test_silence_is_no_error():
    assert not speech_of(coded("wav", np.zeros(SPEECH_HZ, np.int16))).any()


def verdict(path, *headers, method=b"GET", routes=None):
    named = [(b"host", b"127.0.0.1:80"), *headers]
    routes = routes or {name: route for name, (route, _) in ROUTES.items()}
    gate = Gate(80, TOKEN, (ORIGIN,), routes)
    return int(gate.verdict(method, path, named))


KNOWN = (b"authorization", f"Bearer {TOKEN}".encode())
PAGE = (b"origin", ORIGIN.encode())


@pytest.mark.parametrize(
    ("offered", "told"),
    [
        (f"mynah, token.{TOKEN}", 200),
        (f"token.{TOKEN},mynah", 200),
        ("mynah", 401),
        (f"token.{TOKEN}, token.{TOKEN}", 401),
        (f"token.{TOKEN}x", 401),
    ],
)
def test_a_browsers_websocket_brings_the_token_as_it_can(offered, told):
    header = (b"sec-websocket-protocol", offered.encode())
    assert verdict(b"/ring", header, PAGE) == told
    assert verdict(b"/v1/models", header, PAGE) == 401


def test_a_body_with_two_ends_is_refused():
    both = (b"content-length", b"5"), (b"transfer-encoding", b"chunked")
    routes = {"/x": Route("POST", 10)}
    assert verdict(b"/x", KNOWN, *both, method=b"POST", routes=routes) == 400
    assert verdict(b"/x", KNOWN, both[0], method=b"POST", routes=routes) == 200
    assert verdict(b"/x?a=b", KNOWN, method=b"POST", routes=routes) == 404


async def test_a_listed_page_is_told_that_it_may_ask_and_another_is_not():
    async with served() as (_, _, client):
        before = await client.options("/v1/audio/speech", headers={"Origin": ORIGIN})
        asked = await client.get("/v1/models", headers={"Origin": ORIGIN})
        other = await client.options("/v1/audio/speech", headers={"Origin": "http://evil.example"})
        nobody = await client.options("/v1/audio/speech")

    assert before.status_code == 204
    assert before.headers["access-control-allow-methods"] == "POST"
    assert "authorization" in before.headers["access-control-allow-headers"]
    assert asked.headers["access-control-allow-origin"] == ORIGIN
    assert asked.headers["vary"] == "Origin"
    assert (other.status_code, nobody.status_code) == (403, 405)
    assert "access-control-allow-origin" not in other.headers


MANY = "&".join(f"a{number}=1" for number in range(17))


@pytest.mark.parametrize(
    ("head", "told"),
    [
        (f"GET /v1/models?{MANY} HTTP/1.1\r\nHost: evil", 403),
        (f"GET /v1/models?{MANY} HTTP/1.1\r\nHost: HERE", 401),
        (f"POST /v1/audio/speech?{MANY} HTTP/1.1\r\nHost: HERE\r\nAuthorization: TOKEN", 400),
        ("GET //[ HTTP/1.1\r\nHost: HERE", 401),
        ("GET //[ HTTP/1.1\r\nHost: HERE\r\nAuthorization: TOKEN", 404),
        (f"OPTIONS /mcp HTTP/1.1\r\nHost: HERE\r\nOrigin: {ORIGIN}", 204),
    ],
)
async def test_no_head_of_a_stranger_costs_more_than_a_refusal(head, told):
    failed = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: failed.append(context))
    async with served() as (_, server, _):
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        here = f"127.0.0.1:{server.port}"
        head = head.replace("HERE", here).replace("TOKEN", f"Bearer {TOKEN}")
        writer.write(f"{head}\r\n\r\n".encode())
        answer = await reader.read()
        writer.close()
    gc.collect()  # what a task raised is told when nobody can ask for it any more

    assert answer.startswith(f"HTTP/1.1 {told} ".encode())
    assert answer.endswith(b"\r\n\r\n") == (told == 204)
    assert failed == []


async def test_a_body_that_grows_too_large_is_refused():
    async def endless():
        for _ in range(2 * MOST_JSON_BYTES // 65_536):
            yield bytes(65_536)

    async with served() as (_, _, client):
        announced = await client.post("/mcp", content=bytes(MOST_JSON_BYTES + 1))
        grown = await client.post("/mcp", content=endless())

    assert (announced.status_code, grown.status_code) == (413, 413)
    assert "send less" in body(grown)["error"]["message"]


async def test_who_asks_whether_to_go_on_is_told_so():
    async with served() as (_, server, _):
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(
            f"POST /mcp HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nContent-Length: 2\r\n"
            f"Authorization: Bearer {TOKEN}\r\nExpect: 100-continue\r\n\r\n".encode()
        )
        assert (await reader.readline()).startswith(b"HTTP/1.1 100")
        writer.write(b"{}")
        assert b"HTTP/1.1 400" in await reader.read()
        writer.close()


async def test_a_body_that_does_not_come_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(exchange, "BODY_S", 0.05)
    async with served() as (_, server, _):
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(
            f"POST /mcp HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nContent-Length: 2\r\n"
            f"Authorization: Bearer {TOKEN}\r\n\r\n".encode()
        )
        async with asyncio.timeout(10):
            assert await reader.read() == b""
        writer.close()


async def test_a_fault_of_ours_is_told_as_one_and_the_next_request_is_answered():
    class Faulty:
        def __getattr__(self, name):
            raise ZeroDivisionError(name)

    async with served(services(transcriber=Faulty())) as (_, _, client):
        files = {"file": ("a.wav", coded("wav", sound(0.1)))}
        failed = await client.post("/v1/audio/transcriptions", files=files)
        fine = await client.get("/v1/models")

    assert (failed.status_code, fine.status_code) == (500, 200)
    assert body(failed)["error"]["type"] == "server_error"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


async def test_the_settings_say_what_is_served():
    port, wyoming_port = free_port(), free_port()
    wanted = Serving(port=port, wyoming_port=wyoming_port)
    async with serving(wanted, services()) as lines:
        token = token_file().read_text().strip()
        async with httpx.AsyncClient(trust_env=False) as client:
            reply = await client.get(
                f"http://127.0.0.1:{port}/v1/models", headers={"Authorization": f"Bearer {token}"}
            )
        with pytest.raises(MynahError, match=r"set serving\.port"):
            async with serving(Serving(port=port), services()):
                pass
        with pytest.raises(MynahError, match=r"set serving\.wyoming_port"):
            async with serving(Serving(wyoming_port=wyoming_port), services()):
                pass

    assert reply.status_code == 200
    assert [line.split(",")[0] for line in lines] == [
        f"serving at http://127.0.0.1:{port}",
        f"Wyoming at tcp://127.0.0.1:{wyoming_port}",
    ]
    if sys.platform != "win32":
        assert stat.S_IMODE(token_file().stat().st_mode) == 0o600
    async with serving(Serving(), services()) as lines:
        assert lines == []


def test_the_parts_are_called_as_the_settings_call_them():
    names = names_of(parse({"hearing": {"language": "auto"}, "companion": "parrot"}, "here"))

    assert (names.companion, names.hearing, names.voice) == ("parrot", "tiny.en", "joe")
    assert (names.language, names.written) == ("auto", "en")
