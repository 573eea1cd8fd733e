import subprocess
import sys
from contextlib import asynccontextmanager

import numpy as np
import pytest

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
        sound = np.ones(SPEECH_HZ, np.int16)
        texts = [(await transcriber.transcribe(sound)).text for _ in range(3)]

        assert texts == ["hello", "good night", ""]
        assert len(transcriber.heard) == 3


async def test_a_model_that_is_no_model_is_said_in_one_line(tmp_path):
    transcriber = WhisperTranscriber(tmp_path)

    with pytest.raises(WorkerError, match=r"model\.bin") as caught:
        await transcriber.start()

    assert "\n" not in str(caught.value)


@pytest.mark.model
@needs_model("tiny.en")
@pytest.mark.parametrize("language", ["de", "xx"])
async def test_a_language_that_the_model_does_not_know_is_said_at_the_start(language):
    transcriber = WhisperTranscriber(find("tiny.en"), language=language)

    told = rf"tiny\.en knows English alone, and hearing\.language is '{language}'; set it"
    with pytest.raises(WorkerError, match=told):
        await transcriber.start()


@pytest.mark.model
@pytest.mark.speech
@pytest.mark.slow
@needs_model("tiny.en")
@needs_recordings
async def test_people_are_understood():
    async with started(WhisperTranscriber(find("tiny.en"))) as whisper:
        pairs = [
            (each.words, (await whisper.transcribe(read_speech(each.path))).text)
            for each in recordings()[::2]
        ]

    assert len(pairs) >= 15
    assert word_error_rate(pairs) <= 0.12


@pytest.mark.model
@pytest.mark.speech
@needs_model("tiny.en")
@needs_recordings
async def test_nothing_is_lost_of_a_minute_with_pauses():
    chosen = recordings()[:16]
    pause = np.zeros(SPEECH_HZ // 2, np.int16)
    sound = np.concatenate([part for each in chosen for part in (read_speech(each.path), pause)])

    async with started(WhisperTranscriber(find("tiny.en"))) as whisper:
        heard = await whisper.transcribe(sound)

    assert heard.seconds == pytest.approx(len(sound) / SPEECH_HZ)
    assert heard.seconds > 55
    assert word_error_rate([(" ".join(each.words for each in chosen), heard.text)]) <= 0.15


@pytest.mark.model
@pytest.mark.speech
@needs_model("tiny.en")
@needs_recordings
async def test_words_come_with_figures_and_silence_with_none():
    random = np.random.default_rng(5)
    silences = [
        np.zeros(0, np.int16),
        np.zeros(2 * SPEECH_HZ, np.int16),
        random.normal(0, 30, 3 * SPEECH_HZ).astype(np.int16),
        random.normal(0, 3000, 3 * SPEECH_HZ).astype(np.int16),
    ]
    async with started(WhisperTranscriber(find("tiny.en"))) as whisper:
        words = await whisper.transcribe(read_speech(recordings()[0].path))
        silent = [await whisper.transcribe(sound) for sound in silences]

    assert words.language == "en"
    assert -1 < words.average_log_probability < 0
    assert words.no_speech_probability < 0.5
    assert [each.text for each in silent] == ["", "", "", ""]
    assert all(each.no_speech_probability == 1 for each in silent)


def test_importing_the_stages_loads_no_model_library():
    heavy = ["av", "ctranslate2", "faster_whisper", "onnxruntime", "piper", "soxr"]
    stages = "mynah.speech.asr mynah.speech.tts mynah.speech.vad mynah.audio.files mynah.audio.trim"
    imports = "; ".join(f"import {name}" for name in [*stages.split(), "mynah.audio.resample"])
    script = f"{imports}; import sys; print(*({set(heavy)} & set(sys.modules)))"

    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True)

    assert ran.stdout.split() == []
