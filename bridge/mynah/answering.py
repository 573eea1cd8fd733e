"""The way of a word: how one answer is made, from an utterance to sound in a speaker.

utterance -> transcriber -> companion -> clauses -> synthesizer -> speaker
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final

from mynah.audio import SPEECH_HZ
from mynah.audio.speaker import Speaker
from mynah.companions import Said
from mynah.errors import CompanionError, MynahError, one_line
from mynah.link.client import monotonic_ms
from mynah.speech.sentences import ClauseSplitter
from mynah.stages import Stages
from mynah.turn.answer import Answer

_logger = logging.getLogger(__name__)

CLAUSES_AHEAD: Final = 8
"""How far the companion may be ahead of the voice: a model writes faster than anybody speaks."""

SLICE: Final = SPEECH_HZ // 5
"""200 ms of sound are coded in 2 ms; for more at once the radio would have to wait."""

AHEAD_MS: Final = 10_000
"""How far the voice may be ahead of the ring: what is made is lost when the wearer interrupts."""

PIECE: Final = 2000
"""Characters: they are cut into clauses in 4 ms; for more at once the radio would have to wait."""

NOTHING_HEARD: Final = "no words were heard"
NOTHING_SAID: Final = "the companion had nothing to say"


@dataclass(frozen=True, slots=True)
class Answering:
    """Makes one answer; MynahError says which stage failed."""

    answer: Answer
    stages: Stages
    speaker: Speaker
    wanted: Callable[[], bool]
    """Whether it has not been stopped: a cancellation takes another round of the loop."""
    progressed: Callable[[], None]
    """Called whenever a stage delivers something."""

    async def run(self) -> None:
        """All of it, each stage beginning with the first piece of the one before."""
        answer = self.answer
        transcript = await self.stages.transcriber.transcribe(answer.speech)
        answer.transcript = transcript.text
        self._mark("asr")
        if not transcript.text:
            raise CompanionError(NOTHING_HEARD)
        answer.said = Said(transcript.text, transcript.language)
        clauses: asyncio.Queue[str | None] = asyncio.Queue(CLAUSES_AHEAD)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._ask(answer.said, clauses))
            group.create_task(self._speak(clauses))

    async def _ask(self, said: Said, clauses: "asyncio.Queue[str | None]") -> None:
        """The companion's words, cut into clauses as they come."""
        splitter = ClauseSplitter()
        try:
            async with aclosing(self._words(said)) as words:
                async for piece in words:
                    self.answer.say(piece)
                    self._mark("companion")
                    for clause in splitter.push(piece):
                        self._mark("clause")
                        await clauses.put(clause)
                    await asyncio.sleep(0)
        except CompanionError as error:
            if not self.answer.text.strip():
                raise
            self.answer.cut_off = one_line(error)  # what came before it is worth hearing
        for clause in splitter.flush():
            self._mark("clause")
            await clauses.put(clause)
        await clauses.put(None)

    async def _words(self, said: Said) -> AsyncGenerator[str, None]:
        try:
            async with aclosing(self.stages.companion.reply(said)) as reply:
                async for piece in reply:
                    text = _text(piece)
                    for start in range(0, len(text), PIECE):
                        yield text[start : start + PIECE]
        except MynahError:
            raise
        # A stranger's code: whatever it raises ends the turn, no more. A cancellation is its own
        # unless somebody cancelled this task.
        except (Exception, SystemExit, asyncio.CancelledError) as error:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            _logger.debug("the companion failed", exc_info=error)  # for its author, with --debug
            raise CompanionError(f"the companion failed: {error!r}") from error

    async def _speak(self, clauses: "asyncio.Queue[str | None]") -> None:
        """Clauses into sound, and sound into the speaker."""
        begun = False
        while (clause := await clauses.get()) is not None:
            await self.speaker.drained(AHEAD_MS)
            self.answer.clause_begun(clause)
            async with aclosing(self.stages.synthesizer.speak(clause)) as sound:
                async for samples in sound:
                    self._mark("tts")
                    self.answer.spoke(samples)
                    if not self.wanted():
                        return
                    if not begun:
                        begun = True
                        self.speaker.begin(self.answer.reply_id)
                        self.speaker.go(self.answer.reply_id)
                    for start in range(0, len(samples), SLICE):
                        self.speaker.push(self.answer.reply_id, samples[start : start + SLICE])
                        await asyncio.sleep(0)
                        self.answer.mark("downlink", monotonic_ms() + self.speaker.delay_ms)
            self.answer.clause_ended()
        if not begun:
            raise CompanionError(NOTHING_SAID)
        self.speaker.finish(self.answer.reply_id)

    def _mark(self, stage: str) -> None:
        self.answer.mark(stage, monotonic_ms())
        self.progressed()


def _text(piece: object) -> str:
    if not isinstance(piece, str):
        raise CompanionError(f"the companion said {piece!r}, which is not text")
    return piece
