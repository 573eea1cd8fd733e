"""The composition root: a conversation over one connection to one ring.

ring -> inbox -> hands free? -> utterance -> answer (answering.py) -> speaker -> ring, or computer
          |                                     ^        |
          +--- what was said out of reach ------+        +-> reporting
"""

import asyncio
from collections.abc import Callable
from contextlib import aclosing

from mynah.answering import NOTHING_HEARD
from mynah.errors import DeviceError, LinkError
from mynah.hesitating import Hesitating
from mynah.in_hand import InHand
from mynah.inbox.joined import UNKNOWN
from mynah.inbox.mail import Mail
from mynah.lag import Lag
from mynah.link.client import RingClient, monotonic_ms
from mynah.link.utterance import Utterance
from mynah.making import Making
from mynah.playing import Playing
from mynah.reporting import Reporting
from mynah.stages import Stages
from mynah.touching import Touching
from mynah.turn import events
from mynah.turn.answer import Answer
from mynah.turn.glimpse import Glimpse, glimpse_of
from mynah.turn.hands_free import FIRST_OWN_STREAM, HandsFree, Tell, ring_stream
from mynah.turn.machine import State, TurnMachine
from mynah.turn.record import TurnRecord
from mynah.turn.reply import HEARD_MS
from mynah.turn.tape import Tape
from mynah.waiting import Waiting
from mynah_wire import uplink
from mynah_wire.downlink import IDLE, THINKING, TROUBLE, VOLUME, Close, Mood, Setting
from mynah_wire.errors import WireError
from mynah_wire.making import Fault
from mynah_wire.message import Message


def _nobody(_text: str) -> None:
    """Nobody watches."""


class Conversation:
    """Keeps the conversation going over one connection."""

    def __init__(
        self,
        ring: RingClient,
        stages: Stages,
        on_turn: Callable[[TurnRecord], None],
        lag: Lag | None = None,
        trouble: Callable[[str], None] = _nobody,
    ) -> None:
        """`on_turn` gets each turn when it is over, `trouble` what a person should know of the
        disk; `lag` is the loop's, where it is watched.
        """
        self.ready = asyncio.Event()
        self._ring = ring
        self._stages = stages
        self._trouble = trouble
        self._lag = lag or Lag()
        self._turns = TurnMachine()
        self._tape = Tape(self._turns)
        self._mail = Mail(ring, stages.inboxes, self._look_for_mail, trouble)
        self._waiting = Waiting(self._mail, stages.occasions, self._next_answer)
        stages.occasions.on_new = self._look_for_mail
        self._reporting = Reporting(ring, stages, self._mail, self._tape, self._lag, on_turn)
        self._touching = Touching(stages)
        self.in_hand = InHand(ring, stages, self._touching)
        self._playing = Playing(ring, self._reporting, self._handle, lambda: self.in_hand.answer)
        patience_ms = stages.patience.unknown_ms
        tapped = HandsFree(stages.new_detector, patience_ms) if stages.hands_free else None
        self._hands_free = tapped
        holds = self.in_hand.holds
        self._hesitating = Hesitating(ring, stages, self._tape, tapped, self._handle, holds)
        self._making = Making(stages, self._handle, self._hesitating.understood)
        self._refused = 0  # stream
        self._stopped = False  # by the button's last press: a reply on this computer's speaker
        self._cut = False  # the link, from outside
        self._ended = False
        self._timer: asyncio.TimerHandle | None = None

    async def run(self) -> None:
        """Converse until the link is gone: LinkError or DeviceError says why."""
        try:
            async with aclosing(self._ring.messages()) as messages:
                async for message in messages:
                    for heard in await self._mail.take(message):
                        self._take(heard)
        except (LinkError, DeviceError) as error:
            self._cut = True
            self._handle(events.LinkLost(str(error)))
            raise
        finally:
            await self._end()

    def glimpse(self) -> Glimpse:
        """How it stands."""
        answer = self.in_hand.answer or self.in_hand.last
        return glimpse_of(
            self._turns,
            answer,
            self._ring.session,
            self._hears_dbfs(),
            0.0 if answer is None else self._lag.worst_since_ms(answer.begun_ms),
        )

    def _hears_dbfs(self) -> float | None:
        if self._hands_free is not None and self._hands_free.level_dbfs is not None:
            return self._hands_free.level_dbfs
        answer = self.in_hand.answer
        hears = self._turns.state in (State.HEARING, State.PAUSED)
        return answer.utterance.level_dbfs if hears and answer else None

    async def _end(self) -> None:
        """Nothing outlives the connection: no task, no timer, no turn untold."""
        self._ended = True
        self._touching.end()
        await self._making.end()
        if self._timer is not None:
            self._timer.cancel()
        await self._playing.close()
        self._reporting.end()
        if self.in_hand.answer is not None:
            self._reporting.leave(self.in_hand.answer)
        self.in_hand.forget()
        await self._mail.end()

    # What the ring says

    def _take(self, message: Message) -> None:
        if self._hands_free is None:
            self._hear(message)
            return
        speaking = self._turns.state in (State.SPEAKING, State.DUCKED, State.HELD)
        tapped = self._hands_free.is_tapped
        for action in self._hands_free.hear(message, speaking=speaking):
            if isinstance(action, Tell):
                self._ring.tell(action.message)
            else:
                self._hear(action.message)
        if tapped and isinstance(message, uplink.End):
            self._end_tapped(message.stream)
        if self._turns.state in (State.SPEAKING, State.DUCKED):
            self._handle(events.Overheard(self._hands_free.is_voice))

    def _hear(self, message: Message) -> None:
        match message:
            case uplink.Ready():
                self._stages.faults.met(message)
                self._stages.on_ready(message)
                self._welcome()
            case uplink.Start():
                self._begin(message)
            case uplink.Audio():
                self._listen(message)
            case uplink.Button():
                self._touch(message.gesture)
            case uplink.End():
                self._end_stream(message)
            case uplink.Touch():
                self._touching.feel(message)
            case uplink.Cursor():
                self._playing.move(message)
            case Fault():
                self._stages.faults.take(self._ring.session.ready, message, self._trouble)

    def _welcome(self) -> None:
        self._playing.open(self._stages)
        if self._stages.volume is not None:
            self._ring.tell(Setting(VOLUME, self._stages.volume))
        self.ready.set()
        self._look_for_mail()

    def _begin(self, start: uplink.Start) -> None:
        try:
            utterance = Utterance(start)
        except WireError as error:
            raise DeviceError(f"the ring's codec is unknown to this bridge: {error}") from error
        self._stages.on_begin()
        by_voice = start.cause == uplink.TAP  # a press comes as HOLD, whatever becomes of it
        before = self.in_hand.over or self.in_hand.answer
        goes_on = self.in_hand.goes_on(self._turns.state, by_voice=by_voice)
        earlier = self.in_hand.go_on(start) if goes_on else None
        self._handle(events.StreamStarted(start.stream, by_voice and earlier is None))
        is_held = self._turns.state is State.HELD
        turn = self._turns.turn + is_held  # what is said over a reply is its next, if it is one
        answer = self.in_hand.new(turn, utterance, earlier)
        answer.closes = start.cause == UNKNOWN  # if a button is held, the ring does not mind
        if earlier is not None and before is not None:
            answer.takes = dict(before.takes)
        if is_held:
            self.in_hand.over = answer
        else:
            self.in_hand.answer = answer
        self._hesitating.wait(answer, None)

    def _next_answer(self, utterance: Utterance) -> Answer:
        return self.in_hand.new(self._turns.turn + 1, utterance)

    def _listen(self, audio: uplink.Audio) -> None:
        answer = self.in_hand.of(audio.stream)
        if answer is None:
            self._refuse(audio.stream)
        elif answer.utterance.add(audio):
            self._handle(events.StreamProgressed(audio.stream))
            self._hesitating.listen(answer)
            if self._turns.state is State.HEARING:
                self._making.follow(answer)

    def _end_stream(self, end: uplink.End) -> None:
        answer = self.in_hand.of(end.stream)
        if answer is not None:
            answer.utterance.close(end)
            if end.verdict == uplink.CANCELLED:
                said = bool(answer.takes)  # a touch takes back nothing that was said before it
            else:
                part = None if self._hands_free is None else self._hands_free.taken
                answer.takes[ring_stream(end.stream)] = part
                said = not answer.touch
            duration_ms = answer.utterance.duration_ms
            if not said:
                self._mail.told(answer)
            self._handle(events.StreamEnded(end.stream, said, duration_ms))

    def _end_tapped(self, stream: int) -> None:
        """The microphone is closed: after the last that was said there was silence."""
        answer = self.in_hand.that_takes(stream)
        if answer is None:
            self._mail.silent(stream)
        else:
            answer.takes[stream] = None

    # What waits for the floor

    def _look_for_mail(self) -> None:
        """Once what goes on now is over: an answer begins with nobody else in the middle."""
        asyncio.get_running_loop().call_soon(self._answer_waiting)

    def _answer_waiting(self) -> None:
        speaks = self._hands_free is not None and self._hands_free.is_voice
        over = self._cut or self._ended or self._playing.speaker is None
        if over or speaks or self._turns.state is not State.LISTENING:
            return
        answer = self._waiting.next()
        if answer is None:
            return
        utterance = answer.utterance
        self._handle(events.StreamStarted(utterance.stream))
        self.in_hand.answer = answer
        self._handle(events.StreamEnded(utterance.stream, True, utterance.duration_ms))

    def _refuse(self, stream: int) -> None:
        """Of an earlier connection, or given up: a microphone that nobody hears must be closed."""
        if stream != self._refused and stream < FIRST_OWN_STREAM:
            self._refused = stream
            self._ring.tell(Close(stream))

    def _touch(self, gesture: int) -> None:
        answer = self.in_hand.answer
        if gesture == uplink.PRESS:
            speaks = self._turns.state in (State.SPEAKING, State.DUCKED, State.HELD)
            stopped = speaks and self._playing.touch()
            self._stopped = stopped and answer is not None and answer.reply.heard_ms >= HEARD_MS
        elif gesture == uplink.TAP and answer is not None:
            answer.touch, answer.tapped = self._stopped, True
            if answer.touch:
                self._ring.tell(Close(answer.utterance.stream))
            elif self._hands_free is None:
                answer.closes = True

    # What the machine wants

    def _handle(self, event: events.Event) -> None:
        for action in self._tape.handle(event, monotonic_ms()):
            self._carry_out(action)
        self._set_timer()
        if self._turns.state is State.LISTENING:
            self._look_for_mail()

    def _carry_out(self, action: events.Action) -> None:
        match action:
            case events.Guess():
                answer, speaker = self.in_hand.answer, self._playing.speaker
                if answer is not None and speaker is not None:
                    self._making.guess(answer, speaker)
            case events.Drop():
                self._making.drop()
            case events.Answer():
                self._commit()
            case events.Stop():
                self._making.stop()
                self._playing.stop()
            case events.Close(_, error):
                self._close(error)
            case events.Judge():
                self._judge()
            case events.Duck() | events.Hold() | events.Resume():
                self._playing.disturb(action)
                if isinstance(action, events.Resume):
                    self._dismiss()

    def _commit(self) -> None:
        answer, speaker = self.in_hand.answer, self._playing.speaker
        if answer is None or speaker is None:
            raise DeviceError("a stream ended that never began")
        answer.commit(self._ring.session.clock, monotonic_ms(), self._turns.revision)
        self._ring.tell(Mood(THINKING))
        if answer.spoken:
            self._touching.told()
        self._making.release(answer, speaker)

    def _dismiss(self) -> None:
        """What was said over the reply is no turn."""
        answer, over, self.in_hand.over = self.in_hand.answer, self.in_hand.over, None
        if answer is not None and over is not None and self._hands_free is not None:
            self._hands_free.dismiss()
            answer.overheard += [over.transcript] if over.transcript else []

    def _judge(self) -> None:
        answer, over = self.in_hand.answer, self.in_hand.over
        if over is not None and answer is not None:
            self._making.judge(over, answer.reply.heard())

    def _close(self, error: str | None) -> None:
        answer = self.in_hand.close()
        if answer is None:
            return
        if self._touching.ended(answer, words=error != NOTHING_HEARD):
            answer.touch, error = True, None
        self._playing.feel(answer.reply)
        self._reporting.close(answer, error, cut_off=self._is_cut_off(answer, error))
        self._ring.tell(Mood(IDLE if error is None else TROUBLE))

    def _is_cut_off(self, answer: Answer, error: str | None) -> bool:
        """Whether nobody meant it to end: the link went, END never came, or a press came first."""
        if self._cut or not answer.spoken:
            return self._cut or error is None
        tapped = self._hands_free is not None and self._hands_free.is_tapped
        return not tapped and (answer.put_off or answer.utterance.end is None)

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        due_ms = self._turns.deadline_ms()
        if due_ms is not None:
            wait_s = max(0.0, due_ms - monotonic_ms()) / 1000
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(wait_s, self._handle, events.Tick())
