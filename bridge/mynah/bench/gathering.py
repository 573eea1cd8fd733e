"""The turns that endpointing is measured on, heard by Whisper as the product would hear them."""

import hashlib
import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from mynah.audio import Samples
from mynah.audio.files import read_speech, write_wav
from mynah.bench import clips
from mynah.bench.evidence import Evidence, Listener
from mynah.bench.memo import Memo, memo_folder
from mynah.bench.pauses import Source, own_gaps, speaker_of, turns_of
from mynah.bench.policies import SMART_TURN
from mynah.bench.smart_turn import VARIABLE, SmartTurn, smart_turn_file
from mynah.bench.word_times import WordTimes
from mynah.errors import UserError
from mynah.speech.asr import WhisperTranscriber
from mynah.speech.models import catalogue, find, is_here
from mynah.speech.tts import PiperSynthesizer
from mynah.view import View

MODEL: Final = "tiny.en"
VOICE: Final = "joe"

EDITION: Final = 3
"""Of how Whisper is asked: another number, and nothing that was kept counts any more."""

FILLERS: Final = ("Um,", "Uh,", "Er,", "Hmm,")
DIGITS: Final = (
    "My number is five five five, one two three, four seven eight nine.",
    "The code is seven two four, nine one six.",
    "It is zero one five one, two two three, eight six four.",
    "Card number four four one two, zero zero three nine, one eight two seven.",
    "Call me at eight hundred, six four two, one one nine three.",
    "The pin is three eight, five two.",
)


@dataclass(frozen=True, slots=True)
class Gathered:
    """What all policies are told, and what could not be made."""

    evidence: list[Evidence]
    left_out: dict[str, str]


async def gather(speech: Path | None, limit: int | None, view: View) -> Gathered:
    """The turns, heard by Whisper in every pause; what was heard before is not decoded again.

    UserError if there are no recordings.
    """
    folder = speech or clips.speech_folder()
    if folder is None:
        raise UserError("there are no recordings of people; name a folder of them: --speech")
    listed = clips.listed(folder, "en", limit)
    with view.busy("looking for places to pause in"):
        word_times = WordTimes(find(MODEL))
        fillers, digits, left_out = await _synthesised()
        sources = [_source(clip, word_times) for clip in listed]
    transcriber = WhisperTranscriber(find(MODEL))
    memo = Memo(f"heard-{MODEL}-{EDITION}")
    path = smart_turn_file()
    smart_turn = None if path is None else SmartTurn(path)
    if smart_turn is None:
        left_out[SMART_TURN] = f"its model file is not here; {VARIABLE} may name it"
    listener = Listener(transcriber, memo, smart_turn)
    evidence: list[Evidence] = []
    await transcriber.start()
    try:
        for number, source in enumerate([*sources, *digits], 1):
            with view.busy(f"{source.name} ({number} of {len(sources) + len(digits)})"):
                evidence += [await listener.hear(turn) for turn in turns_of(source, fillers)]
                memo.save()
                if smart_turn is not None:
                    smart_turn.save()
    finally:
        await transcriber.stop()
    return Gathered(evidence, left_out)


def _source(clip: clips.Clip, word_times: WordTimes) -> Source:
    sound = read_speech(clip.path)
    name = clip.path.stem
    return Source(name, speaker_of(name), sound, word_times.boundaries(sound))


async def _synthesised() -> tuple[list[Samples], list[Source], dict[str, str]]:
    if importlib.util.find_spec("piper") is None or not is_here(catalogue()[VOICE]):
        return [], [], {"fillers, digits": "Piper and its voice are not installed here"}
    synthesizer = PiperSynthesizer(find(VOICE))
    try:
        fillers = [await line_of(synthesizer, line) for line in FILLERS]
        digits = [await line_of(synthesizer, line) for line in DIGITS]
    finally:
        await synthesizer.stop()
    sources = [
        Source(f"digits_{number}", VOICE, sound, own_gaps(sound), synthesised=True)
        for number, sound in enumerate(digits)
    ]
    return fillers, sources, {}


async def line_of(synthesizer: PiperSynthesizer, line: str) -> Samples:
    """Piper says a line differently each time: what it said first is kept."""
    name = hashlib.sha256(line.encode()).hexdigest()[:16]
    path = memo_folder() / "lines" / f"{VOICE}-{name}.wav"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        write_wav(path, np.concatenate([samples async for samples in synthesizer.speak(line)]))
    return read_speech(path)
