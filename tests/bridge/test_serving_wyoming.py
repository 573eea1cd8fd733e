"""Wyoming's own client at our server, and what is no Wyoming."""

import asyncio
import warnings
from contextlib import asynccontextmanager, suppress

import numpy as np
import pytest

from mynah.audio import SPEECH_HZ
from mynah.audio.levels import dbfs
from mynah.serving.wyoming import WyomingServer
from mynah.serving.wyoming_wire import Event, read_event
from mynah.speech.tts import ToneSynthesizer
from tests.bridge.serving_scene import DOWN, services, sound, until

pytest.importorskip("wyoming")
with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # it uses audioop while there is one
    from wyoming.asr import Transcribe, Transcript
    from wyoming.audio import AudioChunk, AudioStart, AudioStop
    from wyoming.client import AsyncTcpClient
    from wyoming.error import Error
    from wyoming.handle import Handled, HandledChunk
    from wyoming.info import Describe, Info
    from wyoming.ping import Ping, Pong
    from wyoming.tts import (
        Synthesize,
        SynthesizeChunk,
        SynthesizeStart,
        SynthesizeStop,
        SynthesizeStopped,
    )


@asynccontextmanager
async def wyoming(offered=None):
    offered = offered or services()
    async with WyomingServer(offered) as server:
        async with AsyncTcpClient("127.0.0.1", server.port) as client:
            yield offered, client, server
        await until(lambda: not server._tasks)


async def told(client, last):
    """All events up to one of this kind."""
    events = []
    async with asyncio.timeout(10):
        while not (events and last.is_type(events[-1].type)):
            events.append(await client.read_event())
    return events


async def test_it_says_what_it_can_do():
    async with wyoming() as (_, client, _):
        await client.write_event(Describe().event())
        info = Info.from_event(await client.read_event())

    assert [model.name for program in info.asr for model in program.models] == ["tiny.en"]
    assert info.asr[0].models[0].languages == ["en"]
    assert info.tts[0].voices[0].name == "joe"
    assert info.tts[0].supports_synthesize_streaming
    assert info.handle[0].models[0].name == "local"


@pytest.mark.parametrize(("rate", "channels"), [(SPEECH_HZ, 1), (44_100, 2)])
async def test_it_hears_what_is_sent(rate, channels):
    times = np.arange(rate) / rate
    samples = (8000 * np.sin(2 * np.pi * 440 * times)).astype("<i2").repeat(channels).tobytes()
    async with wyoming() as (offered, client, _):
        await client.write_event(Transcribe(language="en").event())
        await client.write_event(AudioStart(rate, 2, channels).event())
        for at in range(0, len(samples), 2048):
            await client.write_event(AudioChunk(rate, 2, channels, samples[at : at + 2048]).event())
        await client.write_event(AudioStop().event())
        heard = Transcript.from_event(await client.read_event())

    assert heard.text == "a purple tractor"
    (given,) = offered.transcriber.heard
    assert len(given) == pytest.approx(SPEECH_HZ, abs=2)
    assert dbfs(given) == pytest.approx(dbfs(sound(1.0)), abs=0.2)


async def test_two_things_said_on_one_connection_are_two():
    async with wyoming(services(heard=["one", "two"])) as (offered, client, _):
        for expected in ("one", "two"):
            await client.write_event(AudioStart(SPEECH_HZ, 2, 1).event())
            await client.write_event(AudioChunk(SPEECH_HZ, 2, 1, bytes(3200)).event())
            await client.write_event(AudioStop().event())
            assert Transcript.from_event(await client.read_event()).text == expected

    assert [len(each) for each in offered.transcriber.heard] == [1600, 1600]


def length(events):
    chunks = [AudioChunk.from_event(each) for each in events if AudioChunk.is_type(each.type)]
    assert {(each.rate, each.width, each.channels) for each in chunks} == {(SPEECH_HZ, 2, 1)}
    return sum(len(each.audio) // 2 for each in chunks) / SPEECH_HZ


async def test_it_speaks():
    async with wyoming() as (_, client, _):
        await client.write_event(Synthesize("Good morning to you.").event())
        events = await told(client, AudioStop)

    assert AudioStart.is_type(events[0].type)
    assert length(events) == pytest.approx(16 * ToneSynthesizer.LETTER_MS / 1000, abs=0.01)


async def test_it_speaks_while_the_text_still_comes():
    async with wyoming() as (_, client, _):
        await client.write_event(SynthesizeStart().event())
        await client.write_event(SynthesizeChunk("Good morning to you. I s").event())
        first = await told(client, AudioChunk)
        await client.write_event(SynthesizeChunk("aw a rainbow.").event())
        # Sent for servers that know no streaming.
        await client.write_event(Synthesize("Good morning to you. I saw a rainbow.").event())
        await client.write_event(SynthesizeStop().event())
        rest = await told(client, SynthesizeStopped)

    assert AudioStart.is_type(first[0].type)
    assert [each.type for each in rest].count("audio-stop") == 1
    assert length([*first, *rest]) == pytest.approx(28 * ToneSynthesizer.LETTER_MS / 1000, abs=0.01)


async def test_the_companion_answers_a_transcript():
    async with wyoming() as (offered, client, _):
        await client.write_event(Transcript("Who are you?").event())
        events = await told(client, Handled)

    chunks = [
        HandledChunk.from_event(each).text for each in events if HandledChunk.is_type(each.type)
    ]
    assert "".join(chunks) == Handled.from_event(events[-1]).text == "Hello there."
    assert offered.companion.told == [("Who are you?", "Hello there.")]


async def test_an_error_is_told_and_the_connection_is_of_further_use():
    async with wyoming(services(DOWN)) as (_, client, _):
        await client.write_event(Transcript("Who are you?").event())
        why = Error.from_event((await told(client, Error))[-1])
        await client.write_event(Transcribe(language="zh").event())
        unheard = Error.from_event(await client.read_event())
        await client.write_event(Ping("x").event())
        pong = Pong.from_event(await client.read_event())

    assert (why.text, why.code) == ("the companion is down; start it", "CompanionError")
    assert "set hearing.language" in unheard.text
    assert pong.text == "x"


async def test_who_hangs_up_frees_the_companion():
    async with wyoming(services("Once ", None)) as (offered, client, _):
        await client.write_event(Transcript("Tell me a story.").event())
        await told(client, HandledChunk)
        await client.disconnect()
        await until(lambda: offered.companion.told)

    assert offered.companion.closed == 1


@pytest.mark.parametrize(
    "sent",
    [
        b"POST / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"[]\n",
        b'{"type": 5}\n',
        b'{"type": "describe", "data_length": -1}\n',
        b'{"type": "describe", "data_length": true}\n',
        b'{"type": "audio-chunk", "payload_length": 10000000000}\n',
        b'{"type": "describe", "data_length": 5}\n[1,2]',
        b'{"data":' * 20_000,
        b"{" * 200_000,
        bytes(range(256)),
    ],
)
async def test_what_is_no_event_is_hung_up_on(sent):
    async with wyoming() as (_, _, server):
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(sent)
        async with asyncio.timeout(10):
            with suppress(ConnectionError):
                assert await reader.read() == b""
        writer.close()


@pytest.mark.parametrize(
    "data", [{"rate": 1}, {"rate": "x"}, {"width": 4}, {"channels": 0}, {"channels": 10**9}]
)
async def test_sound_of_no_sense_is_refused(data):
    async with wyoming() as (_, _, server):
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(Event("audio-chunk", data, bytes(32)).encoded())
        async with asyncio.timeout(10):
            refused = await read_event(reader)
        writer.close()

    assert refused.type == "error"
