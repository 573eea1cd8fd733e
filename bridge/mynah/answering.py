"""The way of a word: how one answer is made, from an utterance to sound in a speaker.

utterance -> transcriber -> companion -> clauses -> synthesizer -> speaker

It may be made ahead, while the wearer may still go on: then it waits in the speaker, unheard, until
it is released.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Final

from mynah.audio import SPEECH_HZ, Samples
from mynah.audio.speaker import Speaker
from mynah.companions.base import Act, Instead, Piece, Said, Sound
from mynah.errors import CompanionError, MynahError, one_line
from mynah.link.client import monotonic_ms
from mynah.speech.asr import Transcript
from mynah.speech.script import Script
from mynah.stages import Stages
from mynah.turn.answer import Answer
from mynah.turn.occasion import Occasion
from mynah.turn.patience import LIKELY, POSSIBLE
from mynah.turn.reply import Reply

_logger = logging.getLogger(__name__)

SLICE: Final = SPEECH_HZ // 5
"""200 ms of sound are coded in 2 ms; for more at once the radio would have to wait."""

AHEAD_MS: Final = 10_000
"""How far the voice may be ahead of the ring: what is made is lost when the wearer interrupts."""

PIECE: Final = 2000
"""Characters: they are cut into clauses in 4 ms; for more at once the radio would have to wait."""

NOTHING_HEARD: Final = "no words were heard"
NOTHING_SAID: Final = "the companion had nothing to say"


class Answering:
    """Makes one answer; MynahError says which stage failed."""

    def __init__(
        self,
        answer: Answer,
        stages: Stages,
        speaker: Speaker,
        understood: Callable[[Transcript], float],
        progressed: Callable[[], None],
    ) -> None:
        """`understood` is told the words, and returns how probably the wearer is done.

        `progressed` is called whenever a stage delivers something of a released answer.
        """
        self.answer = answer
        self.released = False
        self._stages = stages
        self._speaker = speaker
        self._understood = understood
        self._progressed = progressed
        self._speech = answer.speech
        self._release = asyncio.Event()
        self._settled = False  # the words are final
        self._opened = False  # the speaker knows of it
        self._begun = False  # and has some of it
        self._gone = False  # and may let it sound
        self._stopped = False  # a cancellation takes another round of the loop
        self._ahead = False  # it was begun before it was released
        self._silent = False  # there is nothing of it to be heard

    async def run(self) -> None:
        """All of it, each stage beginning with the first piece of the one before."""
        if self.answer.occasion is not None:
            await self._answer_occasion(self.answer.occasion)
            return
        making: asyncio.Task[None] | None = None
        try:
            async with aclosing(self._stages.transcriber.versions(self._speech)) as versions:
                async for transcript in versions:
                    making = await self._take(transcript, making)
            self._settle()
            if making is None:
                raise CompanionError(NOTHING_HEARD)
            await making
            if self._silent:
                await self._release.wait()
        finally:
            await _end(making)

    async def _answer_occasion(self, occasion: Occasion) -> None:
        self.answer.reply.said = occasion.said
        self._settle()
        async with aclosing(occasion.reply):
            await self._make(occasion.said, 1.0)

    @property
    def silent(self) -> bool:
        """Whether it was made, and there is nothing of it to be heard, only to be felt."""
        return self._silent

    def release(self) -> None:
        """The wearer is done: let it sound as soon as there is something to be heard."""
        self.released = True
        self._release.set()
        self._let_go()

    def stop(self) -> None:
        """Nobody wants it any more."""
        self._stopped = True

    def waste(self) -> None:
        """What was made of it ahead is worth nothing."""
        if self._opened:
            self._speaker.drop(self.answer.reply.id)
        if self._ahead:
            guesses, reply = self.answer.guesses, self.answer.reply
            guesses.misses += 1
            guesses.wasted_tokens += reply.pieces
            guesses.wasted_ms += monotonic_ms() - reply.ends_ms["asr"]
        self._opened = self._begun = self._ahead = False
        self.answer.renew()

    async def _take(
        self, transcript: Transcript, making: "asyncio.Task[None] | None"
    ) -> "asyncio.Task[None] | None":
        """The words, or better ones: an answer to the former is then not wanted."""
        said = self._said(transcript)
        if making is not None:
            if said == self.answer.reply.said:
                return making
            await _end(making)
            self.waste()
        self.answer.transcript = transcript.text
        over = self._understood(transcript)
        self._mark("asr")
        if not transcript.text:
            return None
        self.answer.reply.said = said
        return asyncio.create_task(self._make(said, over), name=f"turn {self.answer.turn}: answer")

    def _said(self, transcript: Transcript) -> Said:
        hears = self._stages.companion.capabilities.hears
        sound = self._speech if hears else None
        return Said(transcript.text, transcript.language, self.answer.ring, sound)

    def _settle(self) -> None:
        self._settled = True
        if "asr" in self.answer.reply.ends_ms:
            self.answer.reply.ends_ms["asr"] = monotonic_ms()  # doubted until now
        self._let_go()

    def _let_go(self) -> None:
        """Let it sound, once it may and can."""
        if self._gone or not (self.released and self._settled and self._begun):
            return
        self._gone = True
        self.answer.guesses.hits += self._ahead
        self._speaker.go(self.answer.reply.id)
        self._mark_downlink()

    async def _make(self, said: Said, over: float) -> None:
        if not self.released:
            await self._wait_for_leave(over)
        # An amplifier that was off takes 64 ms until it sounds: as long as the first clause.
        self._opened = True
        self._speaker.begin(self.answer.reply.id)
        script = Script(self._stages.pace)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._ask(said, script))
            group.create_task(self._speak(script))

    async def _wait_for_leave(self, over: float) -> None:
        """A turn's last attempt is kept for a pause that looks like its end."""
        left = self._stages.attempts - self.answer.attempts
        if left > 0 and over >= (LIKELY if left == 1 else POSSIBLE):
            self.answer.attempts += 1
            self._ahead = True
        else:
            await self._release.wait()

    async def _ask(self, said: Said, script: Script) -> None:
        """The companion's words, as they come."""
        reply = self.answer.reply
        try:
            async with aclosing(self._words(said)) as words:
                async for piece in words:
                    if self._stopped:
                        return  # the answer's reply is another one by now
                    await self._hand_on(piece, reply, script)
                    await asyncio.sleep(0)
        except CompanionError as error:
            if not (reply.text.strip() or reply.feels):
                raise
            reply.cut_off = one_line(error)  # what came before it is worth hearing
        script.end()

    async def _hand_on(self, piece: Piece, reply: Reply, script: Script) -> None:
        """What is neither words nor sound nor felt is nobody's business here."""
        match piece:
            case Act():
                reply.feel(piece)
            case Instead():
                reply.instead = piece
            case Sound():
                reply.say(piece.text)
                self._mark("companion")
                await script.voice(piece)
            case str():
                reply.say(piece)
                self._mark("companion")
                await script.write(piece)

    async def _words(self, said: Said) -> AsyncGenerator[Piece, None]:
        await self._stages.settled()
        occasion = self.answer.occasion
        answer = self._stages.companion.reply(said) if occasion is None else occasion.reply
        try:
            async with aclosing(answer) as reply:
                async for piece in reply:
                    if not isinstance(piece, str):
                        yield piece
                        continue
                    for start in range(0, len(piece), PIECE):
                        yield piece[start : start + PIECE]
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

    async def _speak(self, script: Script) -> None:
        """Clauses into sound, and sound into the speaker."""
        reply, pace = self.answer.reply, self._stages.pace
        voice = self._stages.synthesizer.reply()
        while not self._stopped:
            await self._speaker.drained(AHEAD_MS)
            clause = await script.read(lambda: reply.lead_ms)
            if clause is None:
                break
            self._mark("clause")
            if isinstance(clause, Sound):
                if clause.text.strip():
                    reply.clause_begun(clause.text.strip())
                await self._play(reply, clause.samples)
                continue
            begun_ms = monotonic_ms()
            reply.clause_begun(clause)
            async with aclosing(voice.speak(clause)) as sound:
                async for samples in sound:
                    await self._play(reply, samples)
            pace.made(clause, monotonic_ms() - begun_ms)
            reply.clause_ended()
        reply.clause_ended()
        if self._begun:
            self._speaker.finish(reply.id)
        elif reply.feels:
            self._silent = reply.silent = True
            self._speaker.drop(reply.id)
        else:
            raise CompanionError(NOTHING_SAID)

    async def _play(self, reply: Reply, samples: Samples) -> None:
        self._mark("tts")
        reply.spoke(samples)
        if self._stopped:
            return
        self._begun = True
        for start in range(0, len(samples), SLICE):
            self._speaker.push(reply.id, samples[start : start + SLICE])
            self._let_go()
            await asyncio.sleep(0)

    def _mark(self, stage: str) -> None:
        if self._stopped:
            return  # the answer's reply is another one by now
        self.answer.reply.mark(stage, monotonic_ms())
        if self.released:
            self._progressed()

    def _mark_downlink(self) -> None:
        self.answer.reply.mark("downlink", monotonic_ms() + self._speaker.delay_ms)


async def _end(task: "asyncio.Task[None] | None") -> None:
    if task is not None:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
