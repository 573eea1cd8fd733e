"""A loaded Whisper: sound in, one decode out, the fast way or the careful one."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

import numpy as np
from faster_whisper.tokenizer import Tokenizer
from faster_whisper.transcribe import WhisperModel, get_ctranslate2_storage

from mynah.audio import SPEECH_HZ
from mynah.speech.full_stop import full_stop
from mynah.speech.guards import GUESS, token_cap
from mynah.speech.splice import Floats, Sound, Splice, padded

TIME_STAMPS_FROM_S: Final = 10.0
"""Without time stamps tiny.en forgets what follows a pause: over 16 s of joined recordings 19 %
of the words are wrong, with them 6 %. Short sound loses nothing, and is decoded 100 ms sooner."""

AT_ONCE: Final = 2
"""Decodes that may run side by side: one that can't wait takes 66 ms beside one that is left
behind, and 268 after it. CTranslate2 keeps one copy of the model for both."""

_NAME: Final = slice(len("<|"), -len("|>"))


@dataclass(frozen=True, slots=True)
class Heard:
    """One decode of one sound."""

    text: str
    tokens: int
    average: float
    """Log-probability of a token: 0 is certain, below -1 is a guess."""
    no_speech: float
    """The probability that there are no words; 0 of a spliced decode that is sure of its own."""
    language: str
    full_stop: float | None = None
    """The probability of a sentence's end after the words; a careful decode does not know it."""


class Decoder(Protocol):
    """What a worker needs of a model; a language of "" is detected."""

    def spliced(self, sound: Sound, language: str) -> Heard:
        """One beam over the sound alone."""

    def whole(self, sound: Sound, language: str) -> Heard:
        """Several beams over Whisper's own 30 s: slower by far, a little better."""


class Whisper:
    """faster-whisper's, on CTranslate2."""

    def __init__(self, model: Path, *, threads: int, beams: int) -> None:
        self._beams = beams
        self._whisper = WhisperModel(
            str(model),
            device="cpu",
            compute_type="int8",
            cpu_threads=threads,
            num_workers=AT_ONCE,
        )
        self.languages = frozenset(self._whisper.supported_languages)
        self._features = self._whisper.feature_extractor
        self._splice = Splice(self._encode, self._whisper.model.n_mels)
        self._tokenizers: dict[str, Tokenizer] = {}

    def spliced(self, sound: Sound, language: str) -> Heard:
        features = self._features(padded(sound), padding=0)
        encoded = get_ctranslate2_storage(self._splice.encoded(features))
        language = language or self._detected(encoded)
        tokenizer = self._tokenizer(language)
        prompt = [*tokenizer.sot_sequence, tokenizer.no_timestamps]
        result = self._whisper.model.generate(
            encoded,
            [prompt],
            beam_size=1,
            max_length=len(prompt) + token_cap(len(sound) / SPEECH_HZ),
            return_scores=True,
            return_logits_vocab=True,
        )[0]
        tokens = result.sequences_ids[0]
        # The score is a mean over the tokens; the end of the text counts as one, as elsewhere.
        average = result.scores[0] * len(tokens) / (len(tokens) + 1)
        # The last character of a script of many bytes may be cut in two.
        text = tokenizer.decode(tokens).strip().removesuffix("\ufffd")
        # Asked for with every decode it costs 1.5 ms; only of doubtful words does anybody ask.
        no_speech = self._no_speech(encoded, prompt) if average < GUESS else 0.0
        stop = full_stop(tokens, result.logits[0], tokenizer)
        return Heard(text, len(tokens), average, no_speech, language, stop)

    def whole(self, sound: Sound, language: str) -> Heard:
        seconds = len(sound) / SPEECH_HZ
        found, info = self._whisper.transcribe(
            sound,
            language=language or None,
            beam_size=self._beams,
            # No second try at higher temperatures: it is seconds late, and invents.
            temperature=0.0,
            condition_on_previous_text=False,
            without_timestamps=seconds < TIME_STAMPS_FROM_S,
            max_new_tokens=token_cap(seconds),
        )
        segments = list(found)
        return Heard(
            " ".join(segment.text.strip() for segment in segments),
            sum(len(segment.tokens) for segment in segments),
            _mean((segment.avg_logprob for segment in segments), 0.0),
            _mean((segment.no_speech_prob for segment in segments), 1.0),
            info.language,
        )

    def _encode(self, features: Floats) -> Floats:
        return np.array(self._whisper.encode(features.astype(np.float32)))

    def _no_speech(self, encoded: object, prompt: list[int]) -> float:
        model, longest = self._whisper.model, len(prompt) + 1
        result = model.generate(
            encoded, [prompt], beam_size=1, max_length=longest, return_no_speech_prob=True
        )[0]
        return float(result.no_speech_prob)

    def _detected(self, encoded: object) -> str:
        """From what is encoded already: a token's time, where a second window would double it."""
        name: str = self._whisper.model.detect_language(encoded)[0][0][0]
        return name[_NAME]

    def _tokenizer(self, language: str) -> Tokenizer:
        if language not in self._tokenizers:
            self._tokenizers[language] = Tokenizer(
                self._whisper.hf_tokenizer,
                self._whisper.model.is_multilingual,
                task="transcribe",
                language=language,
            )
        return self._tokenizers[language]


def _mean(values: Iterable[float], otherwise: float) -> float:
    return float(np.mean(list(values) or [otherwise]))
