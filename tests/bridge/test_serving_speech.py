"""Speech and words for OpenAI's clients: POST /v1/audio/speech and /v1/audio/transcriptions."""

import asyncio
import io
import json
import wave

import av
import numpy as np
import pytest

from mynah.audio import SPEECH_HZ
from mynah.audio.levels import dbfs
from mynah.errors import WorkerError
from mynah.seeing import exchange
from mynah.serving.sound_out import RAW_HZ, encoder
from mynah.speech.tts import ToneSynthesizer
from tests.bridge.serving_scene import (
    TOKEN,
    body,
    coded,
    served,
    services,
    sound,
    until,
)

SAY = {"model": "tts-1", "input": "Good morning to you.", "voice": "alloy"}
LETTERS = 16


def decoded(data):
    with av.open(io.BytesIO(data)) as container:
        rate = container.streams.audio[0].rate
        return rate, sum(frame.samples for frame in container.decode(audio=0)) / rate


@pytest.mark.parametrize(
    ("form", "kind"),
    [
        ("mp3", "audio/mpeg"),
        ("opus", "audio/ogg"),
        ("aac", "audio/aac"),
        ("flac", "audio/flac"),
        ("wav", "audio/wav"),
    ],
)
async def test_words_are_spoken_in_each_form(form, kind):
    async with served() as (_, _, client):
        reply = await client.post("/v1/audio/speech", json={**SAY, "response_format": form})

    assert reply.status_code == 200, reply.text
    assert reply.headers["content-type"] == kind
    _, seconds = decoded(reply.content)
    assert seconds == pytest.approx(LETTERS * ToneSynthesizer.LETTER_MS / 1000, abs=0.12)


async def test_raw_sound_has_the_rate_that_clients_take_it_for():
    async with served() as (_, _, client):
        reply = await client.post("/v1/audio/speech", json={**SAY, "response_format": "pcm"})

    seconds = len(reply.content) / 2 / RAW_HZ
    assert seconds == pytest.approx(LETTERS * ToneSynthesizer.LETTER_MS / 1000, abs=0.02)
    assert dbfs(np.frombuffer(reply.content, "<i2")) > -20


def test_a_stream_does_not_say_how_long_it_will_be():
    data = coded("mp3", sound(1.0))

    assert b"Xing" not in data
    assert b"Info" not in data


def test_a_wave_file_without_a_known_end_is_read_by_python():
    with wave.open(io.BytesIO(coded("wav", sound(1.0)))) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (SPEECH_HZ, 1, 2)
        assert len(file.readframes(10 * SPEECH_HZ)) == 2 * SPEECH_HZ


@pytest.mark.parametrize("speed", [0.25, 0.5, 2.0, 4.0])
def test_a_speed_changes_the_length_and_not_the_pitch(speed):
    coder = encoder("wav", speed)
    parts = [coder.push(part) for part in np.array_split(sound(2.0), 7)]
    samples = np.frombuffer((b"".join(parts) + coder.finish())[44:], "<i2")

    assert len(samples) / SPEECH_HZ == pytest.approx(2.0 / speed, rel=0.05)
    crossings = np.count_nonzero(np.diff(np.signbit(samples)))
    assert crossings / 2 / (len(samples) / SPEECH_HZ) == pytest.approx(440, rel=0.05)


class Staged(ToneSynthesizer):
    """Makes one piece, then waits until it is let go on."""

    def __init__(self):
        self.go = asyncio.Event()
        self.closed = 0

    async def speak(self, text):
        try:
            async for samples in super().speak(text):
                yield samples
                await self.go.wait()
        finally:
            self.closed += 1


@pytest.mark.parametrize("form", ["pcm", "wav", "mp3", "aac"])
async def test_sound_is_sent_while_it_is_made(form):
    voice = Staged()
    asked = {**SAY, "response_format": form}
    async with (
        served(services(synthesizer=voice)) as (_, _, client),
        client.stream("POST", "/v1/audio/speech", json=asked) as reply,
    ):
        parts = reply.aiter_raw()
        first = b""
        while len(first) < 100:
            first += await anext(parts)
        assert not voice.go.is_set()
        voice.go.set()
        rest = b"".join([part async for part in parts])

    assert first
    assert rest


async def test_who_hangs_up_stops_the_voice():
    voice = Staged()
    async with served(services(synthesizer=voice)) as (_, _, client):
        asked = {**SAY, "response_format": "pcm"}
        async with client.stream("POST", "/v1/audio/speech", json=asked) as reply:
            await anext(reply.aiter_raw())
        await until(lambda: voice.closed)

    assert voice.closed == 1


class Broken(ToneSynthesizer):
    async def speak(self, text):
        raise WorkerError("piper ended with exit code 1: no memory")
        yield


@pytest.mark.parametrize(
    ("more", "status", "told"),
    [
        ({"input": ""}, 400, "input says nothing"),
        ({"input": "😀 ***"}, 400, "nothing in it that can be spoken"),
        ({"input": "a" * 4097}, 400, "longer than 4096 characters"),
        ({"input": 5}, 400, "input has to be a text"),
        ({"response_format": "midi"}, 400, "response_format is none of: mp3, opus"),
        ({"speed": 9}, 400, "speed has to be from 0.25 to 4"),
        ({"speed": "fast"}, 400, "speed has to be a number"),
        ({"stream_format": "sse"}, 400, "stream_format can only be audio"),
        ({"voice": ["x"]}, 400, "voice has to be a name"),
    ],
)
async def test_what_can_not_be_spoken_is_told_in_openais_shape(more, status, told):
    async with served() as (_, _, client):
        reply = await client.post("/v1/audio/speech", json=SAY | more)

    error = body(reply)["error"]
    assert (reply.status_code, error["type"]) == (status, "invalid_request_error")
    assert told in error["message"]


async def test_a_voice_that_fails_is_told_of():
    async with served(services(synthesizer=Broken())) as (_, _, client):
        reply = await client.post("/v1/audio/speech", json=SAY)

    assert reply.status_code == 503
    assert "no memory" in body(reply)["error"]["message"]


class Torrent(ToneSynthesizer):
    """More at once than any socket holds, for ever."""

    async def speak(self, text):
        while True:
            yield np.zeros(1_000_000, np.int16)


async def test_who_takes_no_sound_is_not_spoken_to_for_ever(monkeypatch):
    monkeypatch.setattr(exchange, "TAKE_S", 0.05)
    asked = json.dumps({**SAY, "response_format": "wav"})
    async with served(services(synthesizer=Torrent())) as (_, server, _):
        _, writer = await asyncio.open_connection("127.0.0.1", server.port, limit=1024)
        head = f"POST /v1/audio/speech HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n"
        head += f"Authorization: Bearer {TOKEN}\r\nContent-Length: {len(asked)}\r\n\r\n"
        writer.write((head + asked).encode())
        await until(lambda: server._tasks)
        await until(lambda: not server._tasks)
        writer.close()


async def test_without_a_ring_nothing_is_played_on_it():
    async with served() as (_, _, client):
        reply = await client.post("/v1/audio/speech?play=ring", json=SAY)
        odd = await client.post("/v1/audio/speech?play=drum", json=SAY)

    assert (reply.status_code, odd.status_code) == (503, 400)
    assert "no ring" in body(reply)["error"]["message"]


async def test_the_ring_speaks_it_and_the_player_gets_silence():
    spoken = []

    def begin(reply):
        async def consume():
            spoken.extend([piece async for piece in reply])

        tasks.append(asyncio.create_task(consume()))

    tasks = []
    async with served(services(begin=lambda: begin)) as (_, _, client):
        asked = {**SAY, "response_format": "wav"}
        reply = await client.post("/v1/audio/speech?play=ring", json=asked)
    await asyncio.gather(*tasks)

    assert "".join(spoken).strip() == SAY["input"]
    assert reply.status_code == 200
    assert not np.frombuffer(reply.content[44:], "<i2").any()


async def test_a_ring_that_is_busy_refuses():
    tasks = []

    def begin(reply):
        tasks.append(asyncio.create_task(reply.aclose()))

    async with served(services(begin=lambda: begin)) as (_, _, client):
        reply = await client.post("/v1/audio/speech?play=ring", json=SAY)
    await asyncio.gather(*tasks)

    assert reply.status_code == 409
    assert "has the floor" in body(reply)["error"]["message"]


async def transcribed(client, data, name="a.wav", **fields):
    files = {"file": (name, data, "audio/wav")}
    return await client.post("/v1/audio/transcriptions", files=files, data=fields)


@pytest.mark.parametrize("form", ["wav", "mp3", "opus", "flac", "aac"])
async def test_a_file_is_heard_whatever_it_is_called(form):
    offered = services()
    async with served(offered) as (_, _, client):
        reply = await transcribed(client, coded(form, sound(1.0)), "voice.bin", model="whisper-1")

    assert body(reply) == {"text": "a purple tractor"}
    (heard,) = offered.transcriber.heard
    assert len(heard) / SPEECH_HZ == pytest.approx(1.0, abs=0.12)
    assert dbfs(heard) == pytest.approx(dbfs(sound(1.0)), abs=1.0)


async def test_words_come_as_text_and_at_length():
    async with served(services(heard=["one", "two"])) as (_, _, client):
        plain = await transcribed(client, coded("wav", sound(0.5)), response_format="text")
        told = await transcribed(
            client, coded("wav", sound(0.5)), response_format="verbose_json", language="en-GB"
        )

    assert plain.text == "one\n"
    at_length = body(told)
    assert (at_length["text"], at_length["language"], at_length["duration"]) == ("two", "en", 0.5)
    assert [each["text"] for each in at_length["segments"]] == ["two"]


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"response_format": "srt"}, "none of: json, text, verbose_json"),
        ({"language": "zh"}, "set hearing.language"),
        ({"stream": "true"}, "words can't be streamed"),
    ],
)
async def test_what_is_not_known_of_words_is_said(fields, told):
    async with served() as (_, _, client):
        reply = await transcribed(client, coded("wav", sound(0.1)), **fields)

    assert reply.status_code == 400
    assert told in body(reply)["error"]["message"]
