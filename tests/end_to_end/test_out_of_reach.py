"""What may go in the middle of a turn: the radio for a moment or for good, the ring, a worker."""

import asyncio
import json
import os
import signal
import sys
import time
from contextlib import contextmanager
from subprocess import PIPE, Popen

import numpy as np
import pytest

from mynah.audio.files import write_wav
from mynah.bench.wer import words
from mynah.cli import _first
from mynah.companions.guest import Guest
from mynah.companions.parrot import Parrot
from mynah.config import Settings
from mynah.emulator.emulated import emulated
from mynah.errors import EmulatorError, LinkError, MynahError
from mynah.scripted import Scene, Script
from mynah.speech.asr import ScriptedTranscriber, WhisperTranscriber
from mynah.speech.models import find
from mynah.speech.tts import ToneSynthesizer
from mynah.stages import Stages
from mynah.view import View
from tests.bridge.recordings import needs_model
from tests.end_to_end.background import GREETING, SCRIPT, voiced
from tests.end_to_end.conversing import DEADLINE_S, murmur, talking

HELD_S = 1.0
INTO_THE_CLIP_S = 0.5
AWAY_S = 0.5  # so long it may stay away
INTERRUPTED = 128 + signal.SIGINT
COMMAND = (sys.executable, "-c", SCRIPT, "talk", "--companion", "parrot")


class Watcher(View):
    """A view that does something as soon as a clip is spoken, and keeps what it is shown."""

    def __init__(self, on_speaking):
        self._on_speaking = on_speaking
        self.turns = []

    @contextmanager
    def busy(self, what):
        if what.startswith("speaking"):
            asyncio.get_running_loop().call_later(INTO_THE_CLIP_S, self._on_speaking)
        yield

    def turn(self, record, _companion):
        self.turns.append(record)


async def perform(folder, happens):
    """Two clips as `mynah talk` speaks them, until what happens to the ring in the first."""
    paths = (folder / "first.wav", folder / "second.wav")
    for path in paths:
        write_wav(path, murmur(HELD_S))
    stages = Stages(
        ScriptedTranscriber(["one", "two"]), Guest("parrot", Parrot()), ToneSynthesizer()
    )
    script = Script(paths, Settings(), folder, away_s=AWAY_S)
    async with asyncio.timeout(DEADLINE_S), emulated("emulator:") as on:
        watcher = Watcher(lambda: happens(on.ring))
        with pytest.raises((MynahError, ExceptionGroup)) as caught:
            await Scene(script, watcher, on, stages).play()
    return watcher.turns, _first(caught.value)


def kill(ring):
    os.kill(ring._interpreter._process.pid, signal.SIGKILL)


async def test_a_fade_in_the_middle_of_a_word_costs_nothing():
    async with talking("one", link="emulator:?supervision=2000") as them:
        them.ring.air.outage(INTO_THE_CLIP_S, 0.3)
        record = await them.say(murmur(1.5))

    assert (record.link.lost_frames, record.error, record.heard) == (0, None, "one")
    assert len(them.transcriber.heard[0]) == pytest.approx(1.5 * 16_000, abs=640)
    assert np.abs(them.transcriber.heard[0]).reshape(-1, 160).max(axis=1).min() > 0


async def test_a_ring_that_stays_away_ends_the_conversation_with_one_clear_line(tmp_path):
    turns, error = await perform(tmp_path, lambda ring: ring.air.silence())

    assert isinstance(error, LinkError)
    assert (str(error), error.exit_code) == ("the ring went out of reach", 1)
    (turn,) = turns
    assert turn.error.startswith("the link was lost: the ring went out of reach")

    (cut_off,) = map(json.loads, (tmp_path / "turns.jsonl").read_text().splitlines())
    assert cut_off == turns[0].as_json()
    assert cut_off["input"] == str(tmp_path / "first.wav")
    assert cut_off["link"]["frames"] > 0


async def test_a_ring_that_dies_ends_the_conversation_with_one_clear_line(tmp_path):
    turns, error = await perform(tmp_path, kill)

    assert isinstance(error, EmulatorError)
    assert (error.exit_code, str(error).count("\n")) == (1, 0)
    assert "signal 9" in str(error)
    assert len(turns) == 1
    assert turns[0].error


@pytest.mark.model
@needs_model("tiny.en")
@needs_model("joe")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_or_kill_ends_everything_at_once_and_leaves_the_recordings(tmp_path, how):
    clip, out = tmp_path / "clip.wav", tmp_path / "out"
    write_wav(clip, murmur(20))
    command = Popen(
        [*COMMAND, str(clip), "--out", str(out), "--json"],
        stdout=PIPE,
        stderr=PIPE,
        start_new_session=True,  # as a terminal does, so that all its processes hear of it
    )
    while not (out / "turns.jsonl").exists() and command.poll() is None:
        time.sleep(0.05)
    os.kill(command.pid, how) if how == signal.SIGTERM else os.killpg(command.pid, how)
    output, errors = command.communicate(timeout=DEADLINE_S)

    assert (command.returncode, output, errors) == (INTERRUPTED, b"", b"")
    assert {"microphone.wav", "speaker.wav"} < {path.name for path in out.iterdir()}


class Mortal(WhisperTranscriber):
    """Its worker dies over the first utterance."""

    killed = False

    async def versions(self, samples, **asked):
        if self.killed:
            async for version in super().versions(samples, **asked):
                yield version
            return
        self.killed = True
        os.kill(self._worker.pid, signal.SIGSTOP)  # so that it has the utterance, and no answer yet
        transcribing = asyncio.create_task(self.transcribe(samples))
        await asyncio.sleep(0.05)
        os.kill(self._worker.pid, signal.SIGKILL)
        yield await transcribing


@pytest.mark.model
@needs_model("tiny.en")
@needs_model("joe")
async def test_a_worker_that_dies_costs_one_turn():
    greeting = await asyncio.to_thread(lambda: voiced()[GREETING])
    whisper = Mortal(find("tiny.en"))
    await whisper.start()
    try:
        async with talking(transcriber=whisper, guesses=False) as them:
            first = await them.say(greeting)
            second = await them.say(greeting)
    finally:
        await whisper.stop()

    assert first.error == "whisper ended with exit code -9: it gave no reason"
    assert (first.reply, first.v2v_ms) == ("", None)
    assert (words(second.heard), second.error) == (words(GREETING), None)
