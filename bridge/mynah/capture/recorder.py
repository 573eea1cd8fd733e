"""The recording end: wraps the link and the stages of a conversation, and writes what they give."""

import itertools
import json
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Final, Self, TypeVar

from mynah.audio import Samples
from mynah.capture.tap import TappedLink
from mynah.companions.around import Around
from mynah.companions.base import Companion, Piece, Reply, Said, Sound
from mynah.errors import MynahError, one_line
from mynah.link.client import monotonic_ms
from mynah.link.keys import make_private
from mynah.link.place import Place
from mynah.seeing.redaction import REDACTION
from mynah.speech.asr import PATIENCE_MS, Transcriber, Transcript
from mynah.speech.tts import Synthesizer, Voice
from mynah.stages import Stages
from mynah.turn.endpoint import Detector
from mynah.turn.patience import Patience
from mynah.turn.record import TurnRecord
from mynah_wire.message import Message, values

VERSION: Final = 1
"""Of the file; a newer one is refused by who can't read it."""

UNHEARD: Final = {"Audio": "data", "Past": "data"}
"""The fields that hold a voice; kept only if that was asked for."""

Item = TypeVar("Item")
OnTurn = Callable[[TurnRecord], None]


class Recorder:
    """One file; use it as `with Recorder(path) as recorder`, and as a conversation's witness."""

    def __init__(self, path: Path, *, audio: bool = False) -> None:
        """UserError if it can't be written. It holds words, and is for its owner alone."""
        self.path = path
        self._audio = audio
        self._calls = itertools.count(1)
        make_private(path)
        self._file = path.open("w", encoding="utf-8")
        self._put({"mynah_capture": VERSION, "audio": audio})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def __call__(
        self, place: Place, stages: Stages, on_turn: OnTurn
    ) -> tuple[Place, Stages, OnTurn]:
        """The same, each watched, for one connection."""
        tape = Tape(self._put, self._calls, audio=self._audio)
        tape.note(
            "began",
            hands_free=stages.hands_free,
            profile=stages.profile,
            attempts=stages.attempts,
            captions=stages.captions,
            volume=stages.volume,
        )
        watched = replace(
            stages,
            transcriber=_WatchedTranscriber(stages.transcriber, tape),
            companion=_WatchedCompanion(stages.companion, tape),
            synthesizer=_WatchedSynthesizer(stages.synthesizer, tape),
            new_detector=lambda: _WatchedDetector(stages.new_detector(), tape),
        )
        watched.patience = _WatchedPatience(stages.patience, tape)

        def told(record: TurnRecord) -> None:
            tape.note("turn", **record.as_json())
            self._file.flush()
            on_turn(record)

        return replace(place, link=TappedLink(place.link, tape.heard)), watched, told

    def _put(self, line: object) -> None:
        if not self._file.closed:  # a stage may still say its last word
            self._file.write(json.dumps(line) + "\n")


class Tape:
    """One connection's lines: when, what, and what of it."""

    def __init__(
        self, put: Callable[[object], None], calls: "itertools.count[int]", *, audio: bool
    ) -> None:
        self._put = put
        self._audio = audio
        self._calls = calls
        self._begun_ms = monotonic_ms()
        self.connection = next(calls)
        self.detectors = itertools.count()

    def note(self, what: str, **fields: Any) -> None:
        """Something happened now."""
        at_ms = round(monotonic_ms() - self._begun_ms, 2)
        self._put([self.connection, at_ms, what, fields])

    def heard(self, message: Message) -> None:
        """The ring said something."""
        name = type(message).__name__
        given = zip([field[0] for field in message.FIELDS], values(message), strict=True)
        fields = {key: _hex(value) for key, value in given}
        if not self._audio and name in UNHEARD:
            del fields[UNHEARD[name]]
        self.note("ring", is_=name, **fields)

    async def given(
        self, kind: str, key: str, items: AsyncGenerator[Item, None], told: Callable[[Item], Any]
    ) -> AsyncGenerator[Item, None]:
        """What a stage gives, in pieces, when it was asked `key`."""
        call = next(self._calls)
        self.note("asked", kind=kind, key=key, call=call)
        try:
            async with aclosing(items) as each:
                async for item in each:
                    self.note("gave", call=call, item=told(item))
                    yield item
        except MynahError as error:
            told_error = REDACTION.redacted(one_line(error), words=False)  # it may quote a server
            self.note("failed", call=call, error=told_error)
            raise
        self.note("was done", call=call)


class _WatchedTranscriber:
    def __init__(self, transcriber: Transcriber, tape: Tape) -> None:
        self._transcriber = transcriber
        self._tape = tape

    async def start(self) -> None:
        await self._transcriber.start()

    async def stop(self) -> None:
        await self._transcriber.stop()

    async def transcribe(self, samples: Samples, *, patience_ms: float = PATIENCE_MS) -> Transcript:
        async with aclosing(self.versions(samples, patience_ms=patience_ms)) as versions:
            return [version async for version in versions][-1]

    def versions(
        self, samples: Samples, *, patience_ms: float = PATIENCE_MS
    ) -> AsyncGenerator[Transcript, None]:
        heard = self._transcriber.versions(samples, patience_ms=patience_ms)
        return self._tape.given("words", "", heard, asdict)

    async def follow(self, samples: Samples, *, captions: bool = True) -> Transcript | None:
        async def once() -> AsyncGenerator[Transcript | None, None]:
            yield await self._transcriber.follow(samples, captions=captions)

        followed = self._tape.given("caption", "", once(), lambda each: each and asdict(each))
        async with aclosing(followed) as answers:
            return [answer async for answer in answers][-1]


class _WatchedCompanion(Around):
    def __init__(self, companion: Companion, tape: Tape) -> None:
        super().__init__(companion)
        self._tape = tape

    def reply(self, said: Said) -> Reply:
        return self._tape.given("reply", said.text, self.companion.reply(said), _spoken)


def _spoken(piece: Piece) -> str:
    """What of a piece is played again: words."""
    if isinstance(piece, Sound):
        return piece.text
    return piece if isinstance(piece, str) else ""


class _WatchedSynthesizer:
    def __init__(self, synthesizer: Synthesizer, tape: Tape) -> None:
        self._synthesizer = synthesizer
        self._tape = tape

    async def start(self) -> None:
        await self._synthesizer.start()

    async def stop(self) -> None:
        await self._synthesizer.stop()

    def reply(self) -> Voice:
        return _WatchedVoice(self._synthesizer.reply(), self._tape)

    def speak(self, text: str) -> AsyncGenerator[Samples, None]:
        return self.reply().speak(text)


class _WatchedVoice:
    def __init__(self, voice: Voice, tape: Tape) -> None:
        self._voice = voice
        self._tape = tape

    def speak(self, text: str) -> AsyncGenerator[Samples, None]:
        return self._tape.given("sound", text, self._voice.speak(text), len)


class _WatchedDetector:
    def __init__(self, detector: Detector, tape: Tape) -> None:
        self._detector = detector
        self._tape = tape
        self._number = next(tape.detectors)

    def probability(self, frame: Samples) -> float:
        probability = self._detector.probability(frame)
        self._tape.note("voice", detector=self._number, probability=round(probability, 6))
        return probability


class _WatchedPatience(Patience):
    """The wearer's own, so that it goes on learning."""

    def __init__(self, patience: Patience, tape: Tape) -> None:
        self._patience = patience
        self._tape = tape

    @property
    def unknown_ms(self) -> float:
        return self._patience.unknown_ms

    def judge(self, transcript: Transcript, speech: Samples) -> tuple[float, float]:
        wait_ms, over = self._patience.judge(transcript, speech)
        self._tape.note("judged", text=transcript.text, wait_ms=wait_ms, over=over)
        return wait_ms, over

    def after_pause(self, pause_ms: float) -> None:
        self._patience.after_pause(pause_ms)

    def after_turn(self, transcript: str) -> None:
        self._patience.after_turn(transcript)


def _hex(value: object) -> object:
    return value.hex() if isinstance(value, bytes) else value
