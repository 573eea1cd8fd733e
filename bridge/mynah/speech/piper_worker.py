"""The Piper worker: `python -m mynah.speech.piper_worker VOICE.onnx`. A reply for each sentence.

The only file that imports Piper (GPL-3.0), and never part of the process of the bridge.
"""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from piper import PiperVoice, espeakbridge
from piper.config import PiperConfig

from mynah.audio import FULL_SCALE, Samples
from mynah.audio.trim import trimmed
from mynah.speech.boundaries import ends_phrase, ends_sentence
from mynah.speech.child import ChildPipe, Reply
from mynah.speech.known import KnownSounds
from mynah.speech.messages import Message
from mynah.speech.piper_leaks import held_once, told_once
from mynah.speech.reading import language_of, read_aloud
from mynah.speech.stoppable import StoppableSession

SENTENCE_PAUSE_MS: Final = 160
PHRASE_PAUSE_MS: Final = 120
BREATH_MS: Final = 60
"""The longest silence after a sentence, after a comma, and where only the voice had to be cut.
Piper ends whatever it says with 70 to 260 ms, which between two words of a phrase is a stumble."""

SILENT: Final = 1e-8
"""A wave with no louder sample holds no sound: it is not made louder."""


class Speaker:
    """A loaded, warm voice. All that it remembers is how sentences sound."""

    def __init__(self, voice: Path, threads: int, pipe: ChildPipe) -> None:
        config = json.loads(Path(f"{voice}.json").read_text("utf-8"))
        self._session = StoppableSession(_session(voice, threads), lambda: pipe.cancelled)
        pipe.on_cancel = self._session.stop
        pipe.on_pause = self._settle
        self._voice = PiperVoice(self._session, PiperConfig.from_dict(config))
        self._rate_hz = self._voice.config.sample_rate
        self._language = language_of(self._voice.config.espeak_voice)
        self._known = KnownSounds()
        self._usual = self._voice.phonemize("Hello, how are you?")[0]
        self._make(self._usual)

    def answer(self, request: Message) -> Iterator[Reply]:
        """Lines of text in; sentences of sound out, at the voice's own rate."""
        for line in request.payload.decode().splitlines():
            spoken = read_aloud(line, self._language)
            sentences = [phonemes for phonemes in self._voice.phonemize(spoken) if phonemes]
            for number, phonemes in enumerate(sentences, 1):
                pause_ms = _pause_ms(line) if number == len(sentences) else SENTENCE_PAUSE_MS
                yield {"rate_hz": self._rate_hz}, self._sound(phonemes, pause_ms)

    def _sound(self, phonemes: list[str], pause_ms: int) -> bytes:
        said = ("\0".join(phonemes), pause_ms)  # in one piece: apart each takes 70 bytes
        sound = self._known.recall(said)
        if sound is None:
            wave = _normalised(self._make(phonemes))
            sound = trimmed(wave, self._rate_hz, pause_ms).astype("<i2").tobytes()
            self._known.learn(said, sound)
        return sound

    def _make(self, phonemes: list[str]) -> NDArray[np.float32]:
        return np.asarray(self._voice.phoneme_ids_to_audio(self._voice.phonemes_to_ids(phonemes)))

    def _settle(self) -> None:
        """In a pause: what the longest clause took goes back, and what a usual one takes is there.

        A clause of 15 s takes 100 MB, which ONNX Runtime keeps; and of what it keeps, ever more.
        """
        self._session.gives_back = True
        try:
            self._make(self._usual)
        finally:
            self._session.gives_back = False
        self._make(self._usual)


def _pause_ms(line: str) -> int:
    word = line.rsplit(maxsplit=1)[-1]
    if ends_sentence(word):
        return SENTENCE_PAUSE_MS
    return PHRASE_PAUSE_MS if ends_phrase(word) else BREATH_MS


def _normalised(wave: NDArray[np.float32]) -> Samples:
    """As loud as can be, as Piper itself does it for each sentence."""
    loudest = max(float(np.max(np.abs(wave), initial=0.0)), SILENT)
    return np.asarray(np.rint(wave * ((FULL_SCALE - 1) / loudest)), np.int16)


def _session(voice: Path, threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.inter_op_num_threads = 1
    options.intra_op_num_threads = threads
    # A plan of the memory for each length, kept for good: in a hundred clauses 50 MB, none faster.
    options.enable_mem_pattern = False
    # While a clause is made its threads wait for each other awake: 5 ms less of 60. Not after it.
    options.add_session_config_entry("session.intra_op.allow_spinning", "1")
    options.add_session_config_entry("session.force_spinning_stop", "1")
    return onnxruntime.InferenceSession(str(voice), options, providers=["CPUExecutionProvider"])


def main() -> None:
    """Run until stdin ends."""
    parser = argparse.ArgumentParser()
    parser.add_argument("voice", type=Path)
    parser.add_argument("--threads", type=int, required=True)
    options = parser.parse_args()
    vars(espeakbridge).update(
        get_phonemes=held_once(espeakbridge.get_phonemes),
        set_voice=told_once(espeakbridge.set_voice),
    )
    pipe = ChildPipe()
    pipe.serve(Speaker(options.voice, options.threads, pipe).answer)


if __name__ == "__main__":
    main()
