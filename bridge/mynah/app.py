"""The composition root: a conversation over one connection to one ring.

ring -> hands free? -> utterance -> answer (answering.py) -> speaker -> ring, or this computer
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import aclosing
from functools import partial
from typing import Final

from mynah.answering import Answering
from mynah.audio.speaker import Played, Speaker
from mynah.errors import DeviceError, LinkError, MynahError, SoundCardError, one_line
from mynah.link.client import RingClient, monotonic_ms
from mynah.link.utterance import Utterance
from mynah.stages import Stages
from mynah.turn import machine
from mynah.turn.answer import Answer
from mynah.turn.endpoint import Endpoint
from mynah.turn.glimpse import Glimpse
from mynah.turn.hands_free import HandsFree, Tell
from mynah.turn.record import LinkFigures, TurnRecord
from mynah_wire import uplink
from mynah_wire.downlink import IDLE, THINKING, TROUBLE, VOLUME, Close, Mood, Setting
from mynah_wire.errors import WireError
from mynah_wire.message import Message

_logger = logging.getLogger(__name__)

FADE_S: Final = 0.5
"""A stopped reply's last cursor comes within a round trip; then what was heard is known exactly."""


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
        self._speaker: Speaker | None = None  # until the ring has told what it can do
        self._hands_free = HandsFree(stages.new_detector) if stages.hands_free else None
        self._answer: Answer | None = None
        self._last: Answer | None = None
        self._refused = 0  # stream
        self._stopped = False  # by the button's last press: a reply on this computer's speaker
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
                    self._take(message)
        except (LinkError, DeviceError) as error:
            self._handle(machine.LinkLost(str(error)))
            raise
        finally:
            await self._end()

    def glimpse(self) -> Glimpse:
        """How it stands."""
        answer = self._answer or self._last
        counters = self._ring.session.counters
        return Glimpse(
            state=self._turns.state,
            turn=self._turns.turn,
            transcript="" if answer is None else answer.transcript,
            reply="" if answer is None else answer.text,
            heard="" if answer is None else answer.heard(),
            hears_dbfs=self._hears_dbfs(),
            says_dbfs=answer.says_dbfs() if answer else None,
            speech_ms=answer.utterance.duration_ms if answer else 0.0,
            round_trip_ms=self._ring.session.clock.round_trip_ms,
            link=answer.link(counters) if answer else LinkFigures(),
        )

    def _hears_dbfs(self) -> float | None:
        if self._hands_free is not None and self._hands_free.level_dbfs is not None:
            return self._hands_free.level_dbfs
        hears = self._turns.state is machine.State.HEARING
        return self._answer.utterance.level_dbfs if hears and self._answer else None

    async def _end(self) -> None:
        """Nothing outlives the connection: no task, no timer, no turn untold."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._timer is not None:
            self._timer.cancel()
        if self._speaker is not None:
            await self._speaker.close()
        for reply_id in list(self._fading):
            self._report(reply_id)

    # What the ring says

    def _take(self, message: Message) -> None:
        if self._hands_free is None:
            self._hear(message)
            return
        speaking = self._turns.state is machine.State.SPEAKING
        for action in self._hands_free.hear(message, speaking=speaking):
            if isinstance(action, Tell):
                self._ring.tell(action.message)
            else:
                self._hear(action.message)

    def _hear(self, message: Message) -> None:
        match message:
            case uplink.Ready():
                self._welcome()
            case uplink.Start():
                self._begin(message)
            case uplink.Audio():
                self._listen(message)
            case uplink.Button():
                self._touch(message.gesture)
            case uplink.End():
                utterance = self._utterance_of(message.stream)
                if utterance is not None:
                    utterance.close(message)
                    said = message.verdict != uplink.CANCELLED and not self._is_touch()
                    self._handle(machine.StreamEnded(message.stream, said, utterance.duration_ms))
            case uplink.Cursor():
                self._move(message)

    def _welcome(self) -> None:
        self._speaker = self._stages.open_speaker(self._ring, self._played)
        if self._stages.volume is not None:
            self._ring.tell(Setting(VOLUME, self._stages.volume))
        self.ready.set()

    def _is_touch(self) -> bool:
        return self._answer is not None and self._answer.touch

    def _begin(self, start: uplink.Start) -> None:
        try:
            utterance = Utterance(start)
        except WireError as error:
            raise DeviceError(f"the ring's codec is unknown to this bridge: {error}") from error
        unanswered = self._turns.state is machine.State.COMMITTED
        earlier = self._answer.go_on() if unanswered and self._answer else None
        self._handle(machine.StreamStarted(start.stream))
        self._answer = Answer(self._turns.turn, utterance, self._ring.session.counters, earlier)

    def _listen(self, audio: uplink.Audio) -> None:
        utterance = self._utterance_of(audio.stream)
        if utterance is None:
            self._refuse(audio.stream)
        elif utterance.add(audio):
            self._handle(machine.StreamProgressed(audio.stream))
            self._listen_for_end()

    def _refuse(self, stream: int) -> None:
        """Of an earlier connection, or given up: a microphone that nobody hears must be closed."""
        if stream != self._refused:
            self._refused = stream
            self._ring.tell(Close(stream))

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

    def _touch(self, gesture: int) -> None:
        """A press stops the ring's own speaker by itself; this computer's has to be told."""
        answer, speaker = self._answer, self._speaker
        if gesture == uplink.PRESS:
            speaks = self._turns.state is machine.State.SPEAKING
            self._stopped = speaks and speaker is not None and not speaker.stops_itself
            if self._stopped and speaker is not None and answer is not None:
                speaker.flush(answer.reply_id)
        elif gesture == uplink.TAP and answer is not None:
            answer.touch, answer.tapped = self._stopped, True
            if answer.touch:
                self._ring.tell(Close(answer.utterance.stream))
            elif self._hands_free is None:
                answer.endpoint = Endpoint(self._stages.new_detector())

    # What the speaker says

    def _played(self, news: Played | SoundCardError) -> None:
        """A speaker of this computer told how far it is, or that it can't go on."""
        if isinstance(news, Played):
            at_ms = self._ring.session.clock.ring_ms(news.at_ms)
            cursor = uplink.Cursor(news.reply, news.state, news.samples, at_ms or 0)
            self._move(cursor, dated=at_ms is not None)
        elif self._answer is not None and self._turns.state in (
            machine.State.COMMITTED,
            machine.State.SPEAKING,
        ):
            self._handle(machine.AnswerFailed(self._answer.turn, one_line(news)))

    def _move(self, cursor: uplink.Cursor, *, dated: bool = True) -> None:
        if cursor.reply in self._fading:
            self._fading[cursor.reply][0].move(cursor)
            if cursor.state in (uplink.DONE, uplink.FLUSHED):
                self._report(cursor.reply)
            return
        answer = self._answer
        if answer is None or answer.reply_id != cursor.reply:
            return
        if cursor.state == uplink.STARTED and dated:
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
        answer, speaker = self._answer, self._speaker
        if answer is None or speaker is None:
            raise DeviceError("a stream ended that never began")
        answer.commit(self._ring.session.clock, monotonic_ms())
        self._ring.tell(Mood(THINKING))
        answering = Answering(
            answer,
            self._stages,
            speaker,
            wanted=lambda: self._answer is answer,
            progressed=lambda: self._handle(machine.AnswerProgressed(answer.turn)),
        )
        task = asyncio.create_task(self._make(answering), name=f"turn {answer.turn}")
        self._tasks[answer.turn] = task
        task.add_done_callback(partial(self._on_made, answer.turn))

    async def _make(self, answering: Answering) -> None:
        """A stage that fails ends the turn."""
        try:
            await answering.run()
        except* MynahError as group:
            reason = one_line(group.exceptions[0])
            self._handle(machine.AnswerFailed(answering.answer.turn, reason))

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
        if self._answer is not None and self._speaker is not None:
            self._speaker.flush(self._answer.reply_id)

    def _close(self, error: str | None) -> None:
        answer, self._answer = self._answer, None
        if answer is None:
            return
        self._last = answer
        self._fading[answer.reply_id] = answer, error
        if answer.sounds:
            asyncio.get_running_loop().call_later(FADE_S, self._report, answer.reply_id)
        else:
            self._report(answer.reply_id)
        self._ring.tell(Mood(IDLE if error is None else TROUBLE))

    def _report(self, reply_id: int) -> None:
        if reply_id in self._fading:
            answer, error = self._fading.pop(reply_id)
            heard = answer.heard()
            if answer.said is not None and (heard or not answer.continued):
                self._stages.companion.heard(answer.said, heard)
            self._on_turn(answer.record(self._ring.session.counters, error or answer.cut_off))

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        due_ms = self._turns.deadline_ms()
        if due_ms is not None:
            wait_s = max(0.0, due_ms - monotonic_ms()) / 1000
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(wait_s, self._handle, machine.Tick())
