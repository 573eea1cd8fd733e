"""The answers in the making, as tasks: guessed at in a pause, released or dropped, stopped.

Whatever goes wrong in one ends its turn, never the conversation.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from contextlib import aclosing
from functools import partial
from typing import Final, TypeAlias

from mynah.answering import Answering
from mynah.audio.speaker import Speaker
from mynah.errors import MynahError, one_line
from mynah.seeing import crash
from mynah.speech.asr import Transcript
from mynah.stages import Stages
from mynah.turn import events
from mynah.turn.answer import Answer
from mynah.turn.interruption import Verdict, asks, verdict

_logger = logging.getLogger(__name__)

FOLLOW_MS: Final = 300
"""Of new sound before the transcriber is offered it: it takes every second offer, or fewer."""

END_S: Final = 2.0
"""For companion, voice and ears to let go of an answer. Who needs longer is left behind: only then
is the link looked for again."""

Handle: TypeAlias = Callable[[events.Event], None]
Understood: TypeAlias = Callable[[Answer, Transcript], float]


class Making:
    """Of one connection, one answer at a time; a stopped one takes a moment to end."""

    def __init__(self, stages: Stages, handle: Handle, understood: Understood) -> None:
        """`understood` is told an answer's words, and returns how probably the wearer is done."""
        self._stages = stages
        self._handle = handle
        self._understood = understood
        self._answering: Answering | None = None
        self._task: asyncio.Task[None] | None = None  # of that
        self._verdict: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._following: asyncio.Task[None] | None = None

    def guess(self, answer: Answer, speaker: Speaker) -> None:
        """Make an answer that nobody hears before it is released, if that is worth it."""
        if self._stages.guesses:
            self._make(answer, speaker)

    def _make(self, answer: Answer, speaker: Speaker) -> None:
        self._answering = answering = Answering(
            answer,
            self._stages,
            speaker,
            understood=partial(self._understood, answer),
            progressed=lambda: self._handle(events.AnswerProgressed(answer.turn)),
        )
        self._task = self._begin(answering.run(), f"turn {answer.turn}")
        self._task.add_done_callback(partial(self._made, answering))

    def release(self, answer: Answer, speaker: Speaker) -> None:
        """Answer now, with the guess if there is one."""
        if self._answering is None or self._answering.released:
            self._make(answer, speaker)
        if self._answering is not None:
            self._answering.release()

    def drop(self) -> None:
        """What was guessed is worthless."""
        answering = self._answering
        if answering is not None and not answering.released:
            self.stop()
            answering.waste()

    def stop(self) -> None:
        """Make no more of what is in hand."""
        if self._answering is not None and self._task is not None:
            self._answering.stop()
            self._task.cancel()
        self._answering = None

    def follow(self, answer: Answer) -> None:
        """Hear what is being said, where there is time; to be called with every sound of it."""
        heard_ms = answer.utterance.duration_ms
        idle = self._following is None or self._following.done()
        if idle and heard_ms - answer.followed_ms >= FOLLOW_MS:
            answer.followed_ms = heard_ms
            self._following = self._begin(self._follow(answer), f"turn {answer.turn}: captions")

    def judge(self, over: Answer, spoken: str) -> None:
        """Tell what words mean that were said over a reply, of which `spoken` sounded."""
        if self._verdict is not None:
            self._verdict.cancel()  # since then more was said
        self._verdict = self._begin(self._judge(over, spoken), f"turn {over.turn}: verdict")

    async def end(self) -> None:
        """Nothing of it outlives the connection."""
        until_s = asyncio.get_running_loop().time() + END_S
        left: set[asyncio.Task[None]] = set()
        while tasks := self._tasks - left:  # what one of them still tells may begin another
            for task in tasks:
                task.cancel()
            left_s = max(0.0, until_s - asyncio.get_running_loop().time())
            done, late = await asyncio.wait(tasks, timeout=left_s)
            await asyncio.gather(*done, return_exceptions=True)
            left |= late
        if left:
            _logger.warning("left behind: %s", ", ".join(task.get_name() for task in left))
        self._answering = self._task = None

    def _begin(self, work: Coroutine[None, None, None], name: str) -> "asyncio.Task[None]":
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _made(self, answering: Answering, task: "asyncio.Task[None]") -> None:
        error = None if task.cancelled() else task.exception()
        if error is None:
            if answering.silent and not task.cancelled():
                self._handle(events.ReplyEnded(answering.answer.turn, whole=True))
            return
        if not answering.released:  # it is made again when it is wanted, and may fail then
            if self._answering is answering:
                self.drop()
            return
        self._handle(events.AnswerFailed(answering.answer.turn, _reason(error)))

    async def _follow(self, answer: Answer) -> None:
        captions = self._stages.captions
        transcript = await self._stages.transcriber.follow(answer.speech, captions=captions)
        if transcript is not None and answer.committed_ms is None:
            answer.transcript = transcript.text

    async def _judge(self, over: Answer, spoken: str) -> None:
        """Who can't be understood is not silenced: in doubt the words end the reply."""
        ends_reply = True
        try:
            speech = over.utterance.samples
            heard = self._stages.transcriber.versions(speech, patience_ms=0.0)
            async with aclosing(heard) as versions:
                async for transcript in versions:
                    over.transcript = transcript.text
                    said = verdict(transcript.text, transcript.language, spoken, asked=asks(spoken))
                    ends_reply = said is Verdict.END
        except Exception as error:  # noqa: BLE001 - a bug in a stage must not hold the reply
            _logger.warning("what was said over a reply was not understood: %s", _reason(error))
        self._handle(events.Judged(over.utterance.stream, ends_reply))


def _reason(error: BaseException) -> str:
    """What to say of it; a bug in a stage costs one turn, and is told whole."""
    while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    if isinstance(error, BaseExceptionGroup):
        known, _ = error.split(MynahError)
        if known is not None:
            return _reason(known.exceptions[0])
    if isinstance(error, MynahError):
        return one_line(error)
    _logger.error("an answer failed", exc_info=error)
    return crash.told(f"a fault in the bridge: {error!r}", crash.report(error))
