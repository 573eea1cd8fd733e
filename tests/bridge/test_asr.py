import asyncio
import subprocess
import sys
from contextlib import asynccontextmanager

import numpy as np
import pytest
import pytest_asyncio

from mynah.audio import SPEECH_HZ
from mynah.audio.files import read_speech
from mynah.bench.wer import word_error_rate
from mynah.errors import WorkerError
from mynah.speech.asr import ScriptedTranscriber, Transcriber, WhisperTranscriber
from mynah.speech.models import find
from tests.bridge.recordings import needs_model, needs_recordings, recordings


@asynccontextmanager
async def started(transcriber: Transcriber):
    await transcriber.start()
    try:
        yield transcriber
    finally:
        await transcriber.stop()


async def test_the_scripted_one_hears_what_it_was_told():
    async with started(ScriptedTranscriber(["hello", "good night"])) as transcriber:
        sounds = [np.ones(count * SPEECH_HZ, np.int16) for count in (1, 2, 3)]
        texts = [(await transcriber.transcribe(sound)).text for sound in sounds]

        assert texts == ["hello", "good night", ""]
        assert len(transcriber.heard) == 3


async def test_a_model_that_is_no_model_is_said_in_one_line(tmp_path):
    transcriber = WhisperTranscriber(tmp_path)

    with pytest.raises(WorkerError, match=r"model\.bin") as caught:
        await transcriber.start()

    assert "\n" not in str(caught.value)


@pytest.mark.model
@needs_model("tiny.en")
async def test_a_language_that_the_model_does_not_know_is_said_at_the_start():
    transcriber = WhisperTranscriber(find("tiny.en"), language="de")

    told = r"tiny\.en knows English alone, and hearing\.language is 'de'; set it"
    with pytest.raises(WorkerError, match=told):
        await transcriber.start()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def whisper():
    """Loaded once for all that listen with it."""
    async with started(WhisperTranscriber(find("tiny.en"))) as transcriber:
        yield transcriber


@pytest.mark.model
@pytest.mark.speech
@needs_model("tiny.en")
@needs_recordings
@pytest.mark.asyncio(loop_scope="module")
async def test_people_are_understood(whisper):
    chosen = recordings()[::3]
    heard = [await whisper.transcribe(read_speech(each.path)) for each in chosen]

    assert len(chosen) >= 14
    texts = [(each.words, found.text) for each, found in zip(chosen, heard, strict=True)]
    assert word_error_rate(texts) <= 0.12
    assert {each.language for each in heard} == {"en"}
    assert all(-1 < each.average_log_probability < 0 for each in heard)
    assert all(each.no_speech_probability < 0.5 and each.cost_ms > 0 for each in heard)
    assert all(0 < each.full_stop < 1 for each in heard if each.full_stop is not None)
    assert sum(each.full_stop is not None for each in heard) > len(heard) / 2
    assert not whisper.busy


@pytest.mark.model
@pytest.mark.speech
@needs_model("tiny.en")
@needs_recordings
@pytest.mark.asyncio(loop_scope="module")
async def test_a_long_turn_loses_nothing_and_costs_its_end_if_it_was_followed(whisper):
    chosen = recordings()[:8]
    pause = np.zeros(SPEECH_HZ // 2, np.int16)
    sound = np.concatenate([part for each in chosen for part in (read_speech(each.path), pause)])
    at_once = await whisper.transcribe(sound, patience_ms=0)
    again = sound[1:]  # another sound: nothing of it is known yet
    for end in range(SPEECH_HZ, len(again), SPEECH_HZ):
        assert await whisper.follow(again[:end], captions=False) is None
    followed = await whisper.transcribe(again, patience_ms=0)

    assert at_once.seconds == pytest.approx(len(sound) / SPEECH_HZ)
    assert at_once.seconds > 35
    words = " ".join(each.words for each in chosen)
    assert word_error_rate([(words, at_once.text)]) <= 0.15
    assert word_error_rate([(words, followed.text)]) <= 0.15
    assert followed.cost_ms < at_once.cost_ms / 2


@pytest.mark.model
@pytest.mark.speech
@needs_model("tiny.en")
@needs_recordings
@pytest.mark.asyncio(loop_scope="module")
async def test_what_was_said_is_shown_while_it_goes_on_and_never_waited_for(whisper):
    turn = read_speech(recordings()[0].path)
    caption = await whisper.follow(turn[: 6 * SPEECH_HZ])
    too_soon = await whisper.follow(turn[: 6 * SPEECH_HZ + SPEECH_HZ // 10])
    rolling = asyncio.create_task(whisper.follow(turn))
    await asyncio.sleep(0)
    beside = await whisper.follow(turn)
    words = await whisper.transcribe(turn, patience_ms=0)

    assert caption is not None
    assert "fellow Americans" in caption.text
    assert too_soon is beside is None
    assert await rolling is None
    assert words.text.startswith("And so my fellow Americans")


def seconds(count):
    return np.arange(round(count * SPEECH_HZ)) / SPEECH_HZ


def hum(mains_hz):
    """A bad cable."""
    return sum(np.sin(2 * np.pi * mains_hz * each * seconds(2)) / each for each in (1, 2, 3, 5, 7))


def clicks(random):
    """A thumb on the ring."""
    sound = np.zeros(2 * SPEECH_HZ)
    for start in random.integers(0, len(sound) - 300, 8):
        sound[start : start + 300] += random.normal(0, 1, 300) * np.exp(-np.arange(300) / 50)
    return sound


def cough(random):
    """Two bursts of breath, with a little voice in them."""
    burst_s = seconds(0.2)
    voice = sum(np.sin(2 * np.pi * 120 * each * burst_s) / each for each in range(1, 20))
    burst = (random.normal(0, 1, len(burst_s)) + 0.3 * voice) * np.exp(-12 * burst_s)
    silence = np.zeros(SPEECH_HZ // 8)
    return np.concatenate([np.zeros(SPEECH_HZ), burst, silence, burst, np.zeros(SPEECH_HZ)])


@pytest.mark.model
@needs_model("tiny.en")
@pytest.mark.asyncio(loop_scope="module")
async def test_no_words_are_made_of_sounds_that_are_none(whisper):
    random = np.random.default_rng(5)
    silences = {
        "nothing": np.zeros(0),
        "zeros": np.zeros(2 * SPEECH_HZ),
        "a quiet room": random.normal(0, 0.001, 3 * SPEECH_HZ),
        "a waterfall": random.normal(0, 0.1, 3 * SPEECH_HZ),
        "50 Hz": 0.1 * hum(50),
        "60 Hz": 0.1 * hum(60),
        "150 Hz": 0.1 * hum(150),
        "clicks": 0.3 * clicks(random),
        "a cough": 0.2 * cough(random),
    }
    heard = {}
    for name, sound in silences.items():
        heard[name] = await whisper.transcribe((sound * 32000).clip(-32768, 32767).astype(int))

    assert {name: each.text for name, each in heard.items() if each.text} == {}
    assert all(each.no_speech_probability == 1 for each in heard.values())


def test_importing_the_stages_loads_no_model_library():
    heavy = ["av", "ctranslate2", "faster_whisper", "onnxruntime", "piper", "soxr"]
    stages = "mynah.speech.asr mynah.speech.tts mynah.speech.vad mynah.audio.files mynah.audio.trim"
    imports = "; ".join(f"import {name}" for name in [*stages.split(), "mynah.audio.resample"])
    script = f"{imports}; import sys; print(*({set(heavy)} & set(sys.modules)))"

    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True)

    assert ran.stdout.split() == []
