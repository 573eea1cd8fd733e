"""The computer's sound card: real PortAudio, which plays to a server that plays to nobody."""

import asyncio
import contextlib
import os
import subprocess
import sys
import time

import numpy as np
import pytest

from mynah.audio import SPEECH_HZ, portaudio
from mynah.audio.computer_microphone import ComputerMicrophone
from mynah.audio.sound_card import ComputerSoundCard, has_input, has_output
from mynah.errors import SoundCardError
from mynah_wire.uplink import DONE, FLUSHED, PLAYING, STARTED
from tests.bridge.speaker_contract import CLAIMS, FRAME, Bench, place, speech
from tests.end_to_end.sound_server import sound_server

SILENT_MS = 150  # from a flush on; the wearer calls that at once
AHEAD_MS = 50  # the server works so far ahead of its own clock: what is recorded sounds later
JITTER_MS = 25  # a frame, and what a busy machine adds
SOON_MS = 200  # 3 measured to a card that sleeps, 70 to one that is awake
FLUSHES = 5
MOST = 0.8  # a sound server that is short of a processor leaves holes


@pytest.fixture(scope="module")
def server():
    with sound_server() as server:
        yield server


@contextlib.asynccontextmanager
async def bench_on(server):
    with server.record() as recording:
        async with Bench(ComputerSoundCard(), recording.samples) as bench:
            bench.recording = recording
            yield bench


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.__name__)
async def test_over_portaudio(server, claim):
    async with bench_on(server) as bench:
        await claim(bench)


async def test_a_cursor_tells_when_its_sample_sounded(server):
    sound = speech(100 * FRAME)
    async with bench_on(server) as bench:
        bench.play(1, sound)
        await bench.until(1, DONE)
        heard = await bench.settled()
        began_ms = bench.recording.start_ms + (place(heard, sound[FRAME:]) - FRAME) / 16

    off_ms = [each.at_ms - each.samples / 16 - began_ms for each in bench.told]
    # Measured: all of them 10 ms after the recording.
    assert min(off_ms) > -JITTER_MS
    assert max(off_ms) < AHEAD_MS + JITTER_MS
    assert np.ptp(off_ms) < JITTER_MS


async def test_a_flush_is_silent_at_once(server):
    silent_ms = []
    async with bench_on(server) as bench:
        for reply in range(1, FLUSHES + 1):
            bench.play(reply, speech(100 * FRAME, seed=reply))
            await bench.until(reply, STARTED)
            await asyncio.sleep(0.1 + 0.037 * reply)
            flushed_ms = time.monotonic() * 1000
            bench.speaker.flush(reply)
            await bench.until(reply, FLUSHED)
            last = np.flatnonzero(await bench.settled())[-1]
            silent_ms.append(bench.recording.start_ms + last / 16 - flushed_ms)
    assert max(silent_ms) < SILENT_MS


async def test_a_reply_sounds_soon_after_it_was_pushed(server):
    async with bench_on(server) as bench:
        for reply in (1, 2):  # to a card that sleeps, and to one that is awake
            began_ms = time.monotonic() * 1000
            bench.play(reply, speech(10 * FRAME))
            await bench.until(reply, DONE)
            assert (await bench.until(reply, STARTED)).at_ms - began_ms < SOON_MS


async def test_a_card_gone_in_mid_reply_is_told_in_a_line_and_once_back_it_plays(server, capfd):
    async with bench_on(server) as bench:
        bench.play(1, speech(100 * FRAME))
        await bench.until(1, PLAYING)
        server.kill()
        try:
            await asyncio.sleep(0.4)
            gone = [each for each in bench.told if isinstance(each, SoundCardError)]
            bench.play(2, speech(10 * FRAME))
            await asyncio.sleep(0.3)
            absent = bench.told[-1]
        finally:
            server.start()
        with server.record() as recording:
            sound = speech(20 * FRAME, seed=3)
            bench.play(3, sound)
            await bench.until(3, DONE)
            await bench.settled()
            assert place(recording.samples(), sound[FRAME:]) is not None

    assert len(gone) == 1
    assert str(gone[0]).startswith("the computer's speaker is gone: plug it in again")
    assert isinstance(absent, SoundCardError)
    assert "\n" not in str(absent)
    assert capfd.readouterr().err == ""


async def test_a_card_that_was_plugged_in_after_we_looked_is_found(server):
    server.kill()
    portaudio.look_again()
    try:
        assert not has_output()
        assert not has_input()
    finally:
        server.start()
    async with bench_on(server) as bench:
        bench.play(1, speech(5 * FRAME))
        await bench.until(1, DONE)
    assert has_input()


async def test_the_microphone_hears_what_sounds_in_blocks_of_20_ms(server):
    sound = speech(50 * FRAME)
    blocks = []
    async with ComputerMicrophone(blocks.append) as microphone:
        with server.play(sound) as player:
            await asyncio.sleep(1.5)
            player.kill()

    assert {len(block) for block in blocks} == {FRAME}
    heard = np.concatenate(blocks)
    frames = [sound[start : start + FRAME] for start in range(0, len(sound), FRAME)]
    assert sum(place(heard, frame) is not None for frame in frames) >= MOST * len(frames)
    assert microphone.overflows == 0
    closed = len(blocks)
    await asyncio.sleep(0.1)
    assert len(blocks) == closed


async def test_a_microphone_gone_is_told_once(server):
    news = []
    async with ComputerMicrophone(news.append):
        await asyncio.sleep(0.3)
        server.kill()
        try:
            await asyncio.sleep(0.5)
        finally:
            server.start()
    errors = [str(each) for each in news if isinstance(each, SoundCardError)]
    assert len(errors) == 1
    assert errors[0].startswith("the computer's microphone is gone: plug it in again")


async def test_a_card_of_another_rate_is_played_at_its_own(server):
    """The server takes any rate; here it is given 44.1 kHz, in blocks of 20 ms."""
    tone = (9000 * np.sin(np.arange(SPEECH_HZ) * 2 * np.pi * 500 / SPEECH_HZ)).astype(np.int16)
    position = 0

    def fill(pcm, _in_ms):
        nonlocal position
        piece = np.resize(tone[position % len(tone) :], FRAME)
        position += FRAME
        pcm[:] = piece.astype("<i2").tobytes()

    library = portaudio.library()
    with server.record() as recording:
        stream = portaudio._started(
            library.RawOutputStream,
            portaudio.OUTPUT,
            lambda rate_hz: portaudio.CardPlays(fill, rate_hz),
            44_100,
        )
        await asyncio.sleep(1)
        stream.check()
        stream.close()
    heard = recording.samples()
    spectrum = np.abs(np.fft.rfft(heard[-8000:] * np.hanning(8000)))
    assert np.argmax(spectrum) * SPEECH_HZ / 8000 == pytest.approx(500, abs=3)


def test_there_is_a_speaker_and_a_microphone(server):
    assert has_output()
    assert has_input()


NO_CARD = """
from mynah.audio import portaudio, sound_card
assert not sound_card.has_output() and not sound_card.has_input()
try:
    portaudio.open_input(print)
except Exception as error:
    print(type(error).__name__, error)
"""


def test_without_a_card_nobody_is_troubled(tmp_path):
    config = tmp_path / "asound.conf"
    config.write_text("pcm.!default { type hw card 99 }\n")
    ran = subprocess.run(
        [sys.executable, "-c", NO_CARD],
        env=os.environ | {"ALSA_CONFIG_PATH": str(config)},
        capture_output=True,
        check=True,
        text=True,
    )
    assert ran.stdout.startswith("SoundCardError ")
    assert ran.stderr == ""
    assert ran.stdout.count("\n") == 1
