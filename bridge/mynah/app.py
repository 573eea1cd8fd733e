"""The composition root: the one file that knows every stage. It reads as the way of a word.

ring -> utterance -> transcriber -> companion -> clauses -> synthesizer -> downlink -> ring
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from typing import Final

from mynah.audio import SPEECH_HZ
from mynah.companions import Companion, Said, open_companion
from mynah.config import Settings
from mynah.errors import CompanionError, DeviceError, LinkError, MynahError, one_line
from mynah.link.client import RingClient, monotonic_ms
from mynah.link.utterance import Utterance
from mynah.speech.asr import Transcriber, WhisperTranscriber
from mynah.speech.models import find
from mynah.speech.sentences import ClauseSplitter
from mynah.speech.tts import PiperSynthesizer, Synthesizer
from mynah.speech.vad import SileroVad
from mynah.turn import machine
from mynah.turn.answer import Answer
from mynah.turn.endpoint import Detector, Endpoint
from mynah.turn.record import TurnRecord
from mynah_wire import uplink
from mynah_wire.downlink import IDLE, THINKING, TROUBLE, VOLUME, Close, Mood, Setting
from mynah_wire.errors import WireError
from mynah_wire.message import Message

_logger = logging.getLogger(__name__)

CLAUSES_AHEAD: Final = 8
"""How far the companion may be ahead of the voice: a model writes faster than anybody speaks."""

SLICE: Final = SPEECH_HZ // 5
"""200 ms of sound are coded in 2 ms; for more at once the radio would have to wait."""

AHEAD_MS: Final = 10_000
"""How far the voice may be ahead of the ring: what is made is lost when the wearer interrupts."""

PIECE: Final = 2000
"""Characters: they are cut into clauses in 4 ms; for more at once the radio would have to wait."""

FADE_S: Final = 0.5
"""A stopped reply's last cursor comes within a round trip; then what was heard is known exactly."""

NOTHING_HEARD: Final = "no words were heard"
NOTHING_SAID: Final = "the companion had nothing to say"


@dataclass(slots=True)
class Stages:
    """What a conversation is made of."""

    transcriber: Transcriber
    companion: Companion
    synthesizer: Synthesizer
    new_detector: Callable[[], Detector] = SileroVad
    """Of speech; a fresh one for each stream."""
    volume: int | None = None
    """Of the ring's speaker, in percent; None leaves it as it is."""

    async def start(self) -> None:
        """Load the models, all at once."""
        self.new_detector()  # so that the first tap need not wait for its imports
        await asyncio.gather(
            self.transcriber.start(), self.companion.start(), self.synthesizer.start()
        )

    async def stop(self) -> None:
        """Free everything."""
        await self.transcriber.stop()
        await self.synthesizer.stop()
        try:
            await self.companion.close()
        except Exception as error:  # noqa: BLE001 - a stranger's code, and nobody needs it any more
            _logger.warning("the companion did not close: %r", error)


class Conversation:
    """Keeps the conversation going over one connection."""

    def __init__(
        self, ring: RingClient, stages: Stages, on_turn: Callable[[TurnRecord], None]
    ) -> None:
        """`on_turn` gets each turn when it is over."""
        self.ready = asyncio.Event()
        self._ring = ring
        self._stages = stages
        self._on_turn = on_turn
        self._turns = machine.TurnMachine()
        self._answer: Answer | None = None
        self._fading: dict[
            int, tuple[Answer, str | None]
        ] = {}  # by reply id, until the last cursor
        self._tasks: dict[int, asyncio.Task[None]] = {}  # by turn: a stopped one takes a moment
        self._timer: asyncio.TimerHandle | None = None

    async def run(self) -> None:
        """Converse until the link is gone: LinkError or DeviceError says why."""
        try:
            async with aclosing(self._ring.messages()) as messages:
                async for message in messages:
                    self._hear(message)
        except (LinkError, DeviceError) as error:
            self._handle(machine.LinkLost(str(error)))
            raise
        finally:
            await self._end()

    async def _end(self) -> None:
        """Nothing outlives the connection: no task, no timer, no turn untold."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._timer is not None:
            self._timer.cancel()
        for reply_id in list(self._fading):
            self._report(reply_id)

    # What the ring says

    def _hear(self, message: Message) -> None:
        match message:
            case uplink.Ready():
                if self._stages.volume is not None:
                    self._ring.tell(Setting(VOLUME, self._stages.volume))
                self.ready.set()
            case uplink.Start():
                self._begin(message)
            case uplink.Audio():
                utterance = self._utterance_of(message.stream)
                if utterance is not None and utterance.add(message):
                    self._handle(machine.StreamProgressed(message.stream))
                    self._listen_for_end()
            case uplink.Button(gesture=uplink.TAP) if self._answer is not None:
                self._answer.endpoint = Endpoint(self._stages.new_detector())
            case uplink.End():
                utterance = self._utterance_of(message.stream)
                if utterance is not None:
                    utterance.close(message)
                    said = message.verdict != uplink.CANCELLED
                    speech_ms = 1000 * len(utterance.samples) / SPEECH_HZ
                    self._handle(machine.StreamEnded(message.stream, said, speech_ms))
            case uplink.Cursor():
                self._move(message)

    def _begin(self, start: uplink.Start) -> None:
        try:
            utterance = Utterance(start)
        except WireError as error:
            raise DeviceError(f"the ring's codec is unknown to this bridge: {error}") from error
        self._handle(machine.StreamStarted(start.stream))
        self._answer = Answer(self._turns.turn, utterance, self._ring.session.counters)

    def _utterance_of(self, stream: int) -> Utterance | None:
        if self._answer is None or self._answer.utterance.stream != stream:
            return None
        return self._answer.utterance

    def _listen_for_end(self) -> None:
        answer = self._answer
        if answer is None or answer.endpoint is None or answer.closed:
            return
        if answer.endpoint.hear(answer.utterance.since(answer.endpoint.heard)):
            answer.closed = True
            self._ring.tell(Close(answer.utterance.stream))

    def _move(self, cursor: uplink.Cursor) -> None:
        if cursor.reply in self._fading:
            self._fading[cursor.reply][0].move(cursor)
            if cursor.state in (uplink.DONE, uplink.FLUSHED):
                self._report(cursor.reply)
            return
        answer = self._answer
        if answer is None or answer.reply_id != cursor.reply:
            return
        if cursor.state == uplink.STARTED:
            answer.start(cursor)
        answer.move(cursor)
        event: machine.Event = machine.ReplyProgressed(answer.turn)
        if cursor.state == uplink.STARTED:
            event = machine.ReplyStarted(answer.turn)
        elif cursor.state in (uplink.DONE, uplink.FLUSHED):
            event = machine.ReplyEnded(answer.turn, whole=cursor.state == uplink.DONE)
        self._handle(event)

    # What the machine wants

    def _handle(self, event: machine.Event) -> None:
        for action in self._turns.handle(event, monotonic_ms()):
            match action:
                case machine.Answer():
                    self._commit()
                case machine.Stop(turn):
                    self._stop(turn)
                case machine.Close(_, error):
                    self._close(error)
        self._set_timer()

    def _commit(self) -> None:
        answer = self._answer
        if answer is None:
            raise DeviceError("a stream ended that never began")
        answer.commit(self._ring.session.clock, monotonic_ms())
        self._ring.tell(Mood(THINKING))
        task = asyncio.create_task(self._make(answer), name=f"turn {answer.turn}")
        self._tasks[answer.turn] = task
        task.add_done_callback(partial(self._on_made, answer.turn))

    def _on_made(self, turn: int, task: "asyncio.Task[None]") -> None:
        """A bug in a stage must cost one turn, not the conversation."""
        del self._tasks[turn]
        error = None if task.cancelled() else task.exception()
        if error is not None:
            _logger.error("turn %d failed", turn, exc_info=error)
            self._handle(machine.AnswerFailed(turn, f"a fault in the bridge: {error!r}"))

    def _stop(self, turn: int) -> None:
        if turn in self._tasks:
            self._tasks[turn].cancel()
        if self._answer is not None:
            self._ring.session.downlink.flush(self._answer.reply_id)
            self._ring.wake()

    def _close(self, error: str | None) -> None:
        answer, self._answer = self._answer, None
        if answer is None:
            return
        self._fading[answer.reply_id] = answer, error
        if answer.sounds:
            asyncio.get_running_loop().call_later(FADE_S, self._report, answer.reply_id)
        else:
            self._report(answer.reply_id)
        self._ring.tell(Mood(IDLE if error is None else TROUBLE))

    def _report(self, reply_id: int) -> None:
        if reply_id in self._fading:
            answer, error = self._fading.pop(reply_id)
            if answer.said is not None:
                self._stages.companion.heard(answer.said, answer.heard())
            self._on_turn(answer.record(self._ring.session.counters, error or answer.cut_off))

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        due_ms = self._turns.deadline_ms()
        if due_ms is not None:
            wait_s = max(0.0, due_ms - monotonic_ms()) / 1000
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(wait_s, self._handle, machine.Tick())

    # The way of a word

    async def _make(self, answer: Answer) -> None:
        """From an utterance to a reply in the ring; a stage that fails ends the turn."""
        try:
            transcript = await self._stages.transcriber.transcribe(answer.utterance.samples)
            answer.transcript = transcript.text
            self._progress(answer, "asr")
            if not transcript.text:
                raise CompanionError(NOTHING_HEARD)
            answer.said = Said(transcript.text, transcript.language)
            clauses: asyncio.Queue[str | None] = asyncio.Queue(CLAUSES_AHEAD)
            async with asyncio.TaskGroup() as group:
                group.create_task(self._ask(answer, answer.said, clauses))
                group.create_task(self._speak(answer, clauses))
        except* MynahError as group_error:
            self._handle(machine.AnswerFailed(answer.turn, one_line(group_error.exceptions[0])))

    async def _ask(self, answer: Answer, said: Said, clauses: "asyncio.Queue[str | None]") -> None:
        """The companion's words, cut into clauses as they come."""
        splitter = ClauseSplitter()
        try:
            async with aclosing(self._words(said)) as words:
                async for piece in words:
                    answer.say(piece)
                    self._progress(answer, "companion")
                    for clause in splitter.push(piece):
                        self._progress(answer, "clause")
                        await clauses.put(clause)
                    await asyncio.sleep(0)
        except CompanionError as error:
            if not answer.text.strip():
                raise
            answer.cut_off = one_line(error)  # what came before it is worth hearing
        for clause in splitter.flush():
            self._progress(answer, "clause")
            await clauses.put(clause)
        await clauses.put(None)

    async def _words(self, said: Said) -> AsyncGenerator[str, None]:
        try:
            async with aclosing(self._stages.companion.reply(said)) as reply:
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
            raise CompanionError(f"the companion failed: {error!r}") from error

    async def _speak(self, answer: Answer, clauses: "asyncio.Queue[str | None]") -> None:
        """Clauses into sound, and sound into the ring."""
        downlink = self._ring.session.downlink
        begun = False
        while (clause := await clauses.get()) is not None:
            await self._ring.drained(AHEAD_MS)
            async with aclosing(self._stages.synthesizer.speak(clause)) as sound:
                async for samples in sound:
                    self._progress(answer, "tts")
                    answer.spoke(samples)
                    if self._answer is not answer:
                        return  # stopped just now; the cancellation takes another round of the loop
                    if not begun:
                        begun = True
                        downlink.begin(answer.reply_id)
                        downlink.go(answer.reply_id)
                    for start in range(0, len(samples), SLICE):
                        downlink.push(answer.reply_id, samples[start : start + SLICE])
                        self._ring.wake()
                        await asyncio.sleep(0)
                        self._sent(answer)
            answer.clause_ended(clause)
        if not begun:
            raise CompanionError(NOTHING_SAID)
        downlink.finish(answer.reply_id)
        self._ring.wake()

    def _sent(self, answer: Answer) -> None:
        round_trip_ms = self._ring.session.clock.round_trip_ms or 0.0
        answer.mark("downlink", monotonic_ms() + round_trip_ms / 2)

    def _progress(self, answer: Answer, stage: str) -> None:
        answer.mark(stage, monotonic_ms())
        self._handle(machine.AnswerProgressed(answer.turn))


def _text(piece: object) -> str:
    if not isinstance(piece, str):
        raise CompanionError(f"the companion said {piece!r}, which is not text")
    return piece


def stages_of(settings: Settings) -> Stages:
    """The stages that the settings name, not started yet; missing models are found out here."""
    language = None if settings.hearing.language == "auto" else settings.hearing.language
    return Stages(
        WhisperTranscriber(find(settings.hearing.model), language=language),
        open_companion(settings.companion, settings),
        PiperSynthesizer(find(settings.speaking.voice)),
        volume=settings.speaking.volume,
    )
