"""The Wyoming pair as ears and voice: over a server of ours, and over its own."""

import asyncio
import contextlib
import importlib
import sys
import warnings

import numpy as np
import pytest

from mynah.audio import SPEECH_HZ
from mynah.audio.levels import dbfs
from mynah.bench import wyoming_server, wyoming_synthesizer, wyoming_transcriber
from mynah.bench.wer import words
from mynah.bench.wyoming_server import Address, WyomingServer
from mynah.bench.wyoming_synthesizer import WyomingSynthesizer
from mynah.bench.wyoming_transcriber import WyomingTranscriber
from mynah.errors import UserError, WorkerError
from mynah.speech.models import find
from tests.bridge.recordings import needs_model

installed = pytest.mark.skipif(
    wyoming_server.missing() is not None, reason="the extra `bench` is not installed"
)

if wyoming_server.missing() is None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # it uses audioop while there is one
        importlib.import_module("wyoming.audio")

PIPER_HZ = 22_050
TONE_S = 0.5


def tone(rate_hz, seconds=TONE_S):
    times = np.arange(round(rate_hz * seconds)) / rate_hz
    return (8000 * np.sin(2 * np.pi * 440 * times)).astype("<i2")


async def answer(reader, writer, sound):
    """One request, as the servers take it: how long the sound was, or a tone for a text."""
    from wyoming.asr import Transcript
    from wyoming.audio import AudioChunk, AudioStart, AudioStop
    from wyoming.error import Error
    from wyoming.event import async_read_event, async_write_event
    from wyoming.tts import Synthesize

    heard = 0
    while (event := await async_read_event(reader)) is not None:
        events = []
        if AudioChunk.is_type(event.type):
            heard += len(AudioChunk.from_event(event).audio) // 2
        elif AudioStop.is_type(event.type):
            events = [Transcript(f" {heard / SPEECH_HZ:g}  seconds")]
        elif Synthesize.is_type(event.type):
            if Synthesize.from_event(event).text == "hang up":
                break
            form = (PIPER_HZ, 2, 1)
            chunks = [AudioChunk(*form, sound[at : at + 2048]) for at in range(0, len(sound), 2048)]
            events = [AudioStart(*form), *chunks, AudioStop()]
            if Synthesize.from_event(event).text == "fail":
                events = [Error("no such voice")]
        for each in events:
            await async_write_event(each.event(), writer)
    writer.close()


@contextlib.asynccontextmanager
async def fake():
    """Both servers in one."""
    sound = tone(PIPER_HZ).tobytes()
    server = await asyncio.start_server(
        lambda reader, writer: answer(reader, writer, sound), wyoming_server.HOST, 0
    )
    async with server:
        yield Address(server.sockets[0].getsockname()[1])


async def spoken(synthesizer, text):
    return np.concatenate([samples async for samples in synthesizer.speak(text)])


@installed
async def test_the_server_hears_all_that_was_said():
    async with fake() as address:
        ears = WyomingTranscriber(address)
        await ears.start()
        heard = await ears.transcribe(np.ones(SPEECH_HZ * 5 // 2, np.int16))
        versions = [each async for each in ears.versions(np.ones(SPEECH_HZ, np.int16))]
        await ears.stop()

    assert (heard.text, heard.language, heard.seconds) == ("2.5 seconds", "en", 2.5)
    assert [each.text for each in versions] == ["1 seconds"]


@installed
async def test_its_sound_comes_at_our_rate_and_whole():
    async with fake() as address:
        voice = WyomingSynthesizer(address)
        await voice.start()
        sound = await spoken(voice.reply(), "hello")

    assert len(sound) == pytest.approx(TONE_S * SPEECH_HZ, abs=2)
    assert dbfs(sound) == pytest.approx(dbfs(tone(SPEECH_HZ)), abs=0.2)


@installed
@pytest.mark.parametrize(("text", "told"), [("fail", "no such voice"), ("hang up", "hung up")])
async def test_a_server_that_fails_is_told_of(text, told):
    async with fake() as address:
        with pytest.raises(WorkerError, match=told):
            await spoken(WyomingSynthesizer(address), text)


@installed
async def test_a_server_that_is_not_there_is_told_of():
    async with fake() as address:
        gone = address
    with pytest.raises(WorkerError, match="did not answer"):
        await WyomingTranscriber(gone).transcribe(np.ones(SPEECH_HZ, np.int16))


@installed
async def test_a_server_that_can_not_start_says_why_in_its_own_words():
    server = WyomingServer("wyoming_piper", ["--voice"])
    with pytest.raises(WorkerError, match="expected one argument"):
        await server.start()
    await server.stop()


def test_without_the_extra_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "wyoming_piper", None)
    monkeypatch.setattr(wyoming_server, "MODULES", ("wyoming_nowhere",))
    with pytest.raises(UserError, match=r"wyoming-nowhere: run `make setup`"):
        WyomingServer("wyoming_nowhere", [])


@installed
@pytest.mark.model
@needs_model("tiny.en")
@needs_model("joe")
async def test_the_pair_hears_what_it_said():
    voice_options = wyoming_synthesizer.options(find("joe"))
    ears_options = wyoming_transcriber.options(find("tiny.en"), "en")
    voice = WyomingSynthesizer(WyomingServer(wyoming_synthesizer.MODULE, voice_options))
    ears = WyomingTranscriber(WyomingServer(wyoming_transcriber.MODULE, ears_options))
    try:
        await asyncio.gather(voice.start(), ears.start())
        heard = await ears.transcribe(await spoken(voice, "Good morning. I saw a rainbow."))
    finally:
        await voice.stop()
        await ears.stop()

    assert words(heard.text) == words("Good morning. I saw a rainbow.")
