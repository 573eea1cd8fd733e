import sys
import time
from contextlib import aclosing, asynccontextmanager
from itertools import pairwise

import numpy as np
import pytest

from mynah.audio import FULL_SCALE, SPEECH_HZ
from mynah.audio.levels import block_levels, dbfs, first_sound
from mynah.audio.trim import END_DBFS
from mynah.bench.wer import word_error_rate
from mynah.errors import ModelError
from mynah.reliability.census import census
from mynah.speech.asr import WhisperTranscriber
from mynah.speech.models import find
from mynah.speech.tts import (
    LONGEST_PIECE_CHARACTERS,
    PiperSynthesizer,
    ToneSynthesizer,
    Voice,
    pieces,
    voice_file,
)
from tests.bridge.recordings import needs_model

SENTENCES = (
    "I was thinking about you this morning.",
    "The weather is going to be warm and dry tomorrow.",
    "Would you like to hear another story?",
    "We should call your sister before dinner.",
)


@asynccontextmanager
async def started(stage):
    await stage.start()
    try:
        yield stage
    finally:
        await stage.stop()


async def spoken(voice: Voice, text: str):
    parts = [part async for part in voice.speak(text)]
    assert all(part.dtype == np.int16 and part.ndim == 1 for part in parts)
    return np.concatenate([np.zeros(0, np.int16), *parts])


def test_short_text_is_one_piece():
    assert list(pieces("  Hello\tthere, **you**!\n")) == ["Hello there, you!"]


@pytest.mark.parametrize("text", ["", " \n", "...", "😀", "\x07", "—"])
def test_what_has_no_words_is_no_piece(text):
    assert list(pieces(text)) == []


@pytest.mark.parametrize("word", ["well ", "endlessly"])
def test_long_text_is_cut_and_not_lost(word):
    text = word * 500

    cut = list(pieces(text))

    assert max(map(len, cut)) <= LONGEST_PIECE_CHARACTERS
    assert "".join(cut).replace(" ", "") == text.replace(" ", "")


async def test_a_tone_lasts_as_long_as_its_text():
    async with started(ToneSynthesizer()) as tone:
        short, long = await spoken(tone, "Yes."), await spoken(tone, "Yes, of course.")

        assert len(short) == 3 * SPEECH_HZ * 60 // 1000
        assert len(long) == 11 * SPEECH_HZ * 60 // 1000
        assert np.array_equal(await spoken(tone.reply(), "Yes."), short)
        assert first_sound(short) == 0
        assert len(await spoken(tone, "...")) == 0


def test_a_folder_without_a_voice_is_refused(tmp_path):
    with pytest.raises(ModelError, match=r"holds 0 \.onnx voices"):
        PiperSynthesizer(tmp_path)


def test_a_voice_without_its_settings_is_refused(tmp_path):
    (tmp_path / "voice.onnx").touch()

    with pytest.raises(ModelError, match=r"voice\.onnx\.json"):
        voice_file(tmp_path)


@pytest.mark.model
@needs_model("joe")
async def test_piper_begins_with_sound_and_says_nothing_for_nothing():
    async with started(PiperSynthesizer(find("joe"))) as piper:
        for text in SENTENCES:
            sound = await spoken(piper, text)
            assert first_sound(sound) in {0, SPEECH_HZ // 100}
            assert 1 < len(sound) / SPEECH_HZ < 6
            assert dbfs(sound) > -30
        assert len(await spoken(piper, "... 😀")) == 0


@pytest.mark.model
@needs_model("joe")
async def test_a_reply_is_cancelled_between_sentences():
    async with started(PiperSynthesizer(find("joe"))) as piper:
        speech = piper.speak("This is one sentence. " * 15)
        async with aclosing(speech):
            first = await anext(speech)
        after = await spoken(piper, "Fine.")

        assert len(first) < 3 * SPEECH_HZ
        assert 0 < len(after) < 2 * SPEECH_HZ


CLAUSES = (
    "Well, I was thinking",
    "about your day,",
    "and it seems long.",
    "Rest now.",
    "Good night.",
)


@pytest.mark.model
@needs_model("joe")
async def test_the_clauses_of_a_reply_join_without_a_click_and_with_short_pauses():
    async with started(PiperSynthesizer(find("joe"))) as piper:
        voice = piper.reply()
        clauses = [await spoken(voice, clause) for clause in CLAUSES]

    steps = [np.abs(np.diff(np.int32([*a[-160:], *b[:160]]))).max() for a, b in pairwise(clauses)]
    assert max(steps) < FULL_SCALE / 100
    assert first_sound(clauses[0]) <= SPEECH_HZ // 100
    whole = block_levels(np.concatenate(clauses))
    pauses = np.diff(np.flatnonzero(whole >= END_DBFS)) * 10
    assert np.sort(pauses)[-4:].min() >= 50
    assert pauses.max() <= 300


@pytest.mark.model
@needs_model("joe")
async def test_what_was_said_before_costs_no_second_synthesis():
    async with started(PiperSynthesizer(find("joe"))) as piper:
        begun = time.perf_counter()
        first = await spoken(piper, SENTENCES[1])
        made = time.perf_counter()
        again = await spoken(piper, SENTENCES[1])
        known = time.perf_counter()

    assert np.array_equal(first, again)
    assert (known - made) < (made - begun) / 4


@pytest.mark.model
@needs_model("joe")
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="there is no /proc to read")
async def test_what_is_said_a_thousand_times_takes_no_more_memory():
    """Piper's way into espeak loses 200 kB by then."""

    def held_kib():
        return census().children["piper_worker"].kib

    async with started(PiperSynthesizer(find("joe"))) as piper:
        for _ in range(100):
            await spoken(piper, "Yes.")
        before = held_kib()
        for _ in range(1000):
            await spoken(piper, "Yes.")

        assert before > 0
        assert held_kib() - before < 80


@pytest.mark.model
@needs_model("joe")
async def test_a_reply_that_nobody_wants_leaves_nothing_in_the_next():
    async with started(PiperSynthesizer(find("joe"))) as piper:
        expected = await spoken(piper, "Good morning.")
        dropped = piper.reply()
        await spoken(dropped, "You would never guess")
        speech = dropped.speak("what the cat brought in. " * 3)
        await anext(speech)
        wanted = piper.reply()
        await speech.aclose()

        assert np.array_equal(await spoken(wanted, "Good morning."), expected)


@pytest.mark.model
@needs_model("joe")
@needs_model("tiny.en")
async def test_whisper_understands_piper():
    piper, whisper = PiperSynthesizer(find("joe")), WhisperTranscriber(find("tiny.en"))
    async with started(piper), started(whisper):
        pairs = [
            (text, (await whisper.transcribe(await spoken(piper, text))).text) for text in SENTENCES
        ]

    assert word_error_rate(pairs) <= 0.12
