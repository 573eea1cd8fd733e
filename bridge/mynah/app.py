"""The composition root: a conversation over one connection to one ring.

ring -> hands free? -> utterance -> answer (answering.py) -> speaker -> ring, or this computer
"""

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from typing import Final

from mynah.audio import Samples
from mynah.audio.speaker import Played, Speaker
from mynah.errors import DeviceError, LinkError, SoundCardError, one_line
from mynah.lag import Lag
from mynah.link.client import RingClient, monotonic_ms
from mynah.link.utterance import Utterance
from mynah.making import Making
from mynah.speech.asr import Transcript
from mynah.stages import Stages
from mynah.turn import events
from mynah.turn.answer import Answer, reply_ids
from mynah.turn.endpoint import Change, Endpoint
from mynah.turn.glimpse import Glimpse
from mynah.turn.hands_free import BEFORE_VOICE_MS, FIRST_OWN_STREAM, HandsFree, Tell
from mynah.turn.machine import State, TurnMachine
from mynah.turn.record import LinkFigures, TurnRecord
from mynah.turn.tape import Tape
from mynah_wire import uplink
from mynah_wire.clock import elapsed_ms
from mynah_wire.downlink import IDLE, THINKING, TROUBLE, VOLUME, Close, Mood, Setting
from mynah_wire.errors import WireError
from mynah_wire.message import Message

FADE_S: Final = 0.5
"""A stopped reply's last cursor comes within a round trip; then what was heard is known exactly."""

REOPENED_MS: Final = 1000.0
"""Who goes on so soon after being answered, hands free, was not done: 700 ms, and 0.3 s until a
voice is believed. The answer is taken back, and all that was said is answered."""

FLOOR: Final = {State.PAUSED: State.HEARING, State.DUCKED: State.SPEAKING}
"""What nobody else needs to tell apart."""


class Conversation:
    """Keeps the conversation going over one connection."""

    def __init__(
        self,
        ring: RingClient,
        stages: Stages,
        on_turn: Callable[[TurnRecord], None],
        lag: Lag | None = None,
    ) -> None:
        """`on_turn` gets each turn when it is over; `lag` is the loop's, where it is watched."""
        self.ready = asyncio.Event()
        self._ring = ring
        self._stages = stages
        self._on_turn = on_turn
        self._lag = lag or Lag()
        self._turns = TurnMachine()
        self._tape = Tape(self._turns)
        self._making = Making(stages, self._handle, self._understood)
        self._speaker: Speaker | None = None  # until the ring has told what it can do
        patience_ms = stages.patience.unknown_ms
        tapped = HandsFree(stages.new_detector, patience_ms) if stages.hands_free else None
        self._hands_free = tapped
        self._replies = reply_ids()
        self._answer: Answer | None = None
        self._over: Answer | None = None  # what is said over that, while it is held
        self._last: Answer | None = None
        self._refused = 0  # stream
        self._stopped = False  # by the button's last press: a reply on this computer's speaker
        # By reply id, until the last cursor; with why the turn had no whole answer.
        self._fading: dict[int, tuple[Answer, str | None]] = {}
        self._timer: asyncio.TimerHandle | None = None

    async def run(self) -> None:
        """Converse until the link is gone: LinkError or DeviceError says why."""
        try:
            async with aclosing(self._ring.messages()) as messages:
                async for message in messages:
                    self._take(message)
        except (LinkError, DeviceError) as error:
            self._handle(events.LinkLost(str(error)))
            raise
        finally:
            await self._end()

    def glimpse(self) -> Glimpse:
        """How it stands."""
        answer = self._answer or self._last
        reply = None if answer is None else answer.released
        counters = self._ring.session.counters
        return Glimpse(
            state=FLOOR.get(self._turns.state, self._turns.state),
            turn=self._turns.turn,
            transcript="" if answer is None else answer.transcript,
            reply="" if reply is None else reply.text,
            heard="" if reply is None else reply.heard(),
            hears_dbfs=self._hears_dbfs(),
            says_dbfs=None if reply is None else reply.says_dbfs(),
            speech_ms=answer.utterance.duration_ms if answer else 0.0,
            round_trip_ms=self._ring.session.clock.round_trip_ms,
            link=answer.link(counters) if answer else LinkFigures(),
            loop_lag_ms=self._lag_of(answer),
        )

    def _lag_of(self, answer: Answer | None) -> float:
        return 0.0 if answer is None else self._lag.worst_since_ms(answer.begun_ms)

    def _hears_dbfs(self) -> float | None:
        if self._hands_free is not None and self._hands_free.level_dbfs is not None:
            return self._hands_free.level_dbfs
        hears = self._turns.state in (State.HEARING, State.PAUSED)
        return self._answer.utterance.level_dbfs if hears and self._answer else None

    async def _end(self) -> None:
        """Nothing outlives the connection: no task, no timer, no turn untold."""
        await self._making.end()
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
        speaking = self._turns.state in (State.SPEAKING, State.DUCKED, State.HELD)
        for action in self._hands_free.hear(message, speaking=speaking):
            if isinstance(action, Tell):
                self._ring.tell(action.message)
            else:
                self._hear(action.message)
        if self._turns.state in (State.SPEAKING, State.DUCKED):
            self._handle(events.Overheard(self._hands_free.is_voice))

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
                self._end_stream(message)
            case uplink.Cursor():
                self._move(message)

    def _welcome(self) -> None:
        self._speaker = self._stages.open_speaker(self._ring, self._played)
        if self._stages.volume is not None:
            self._ring.tell(Setting(VOLUME, self._stages.volume))
        self.ready.set()

    def _begin(self, start: uplink.Start) -> None:
        try:
            utterance = Utterance(start)
        except WireError as error:
            raise DeviceError(f"the ring's codec is unknown to this bridge: {error}") from error
        by_voice = start.cause == uplink.TAP  # a press comes as HOLD, whatever becomes of it
        earlier = self._go_on(start) if self._goes_on(by_voice=by_voice) else None
        self._handle(events.StreamStarted(start.stream, by_voice and earlier is None))
        endpoint = Endpoint(self._stages.new_detector(), self._stages.patience.unknown_ms)
        counters = self._ring.session.counters
        is_held = self._turns.state is State.HELD
        turn = self._turns.turn + is_held  # what is said over a reply is its next, if it is one
        answer = Answer(turn, utterance, endpoint, self._replies, counters, earlier)
        answer.begun_ms = monotonic_ms()
        if is_held:
            self._over = answer
        else:
            self._answer = answer
        self._wait(answer, None)

    def _goes_on(self, *, by_voice: bool) -> bool:
        """Whether the wearer was not done: what is said now belongs to the turn that was taken."""
        if self._turns.state in (State.COMMITTED, State.HELD):
            return True
        committed_ms = self._answer.committed_ms if self._answer else None
        sounds = by_voice and self._turns.state in (State.SPEAKING, State.DUCKED)
        return sounds and monotonic_ms() - (committed_ms or 0.0) <= REOPENED_MS

    def _go_on(self, start: uplink.Start) -> Samples | None:
        answer = self._over or self._answer
        if answer is None:
            return None
        if start.cause == uplink.TAP and answer.done_ms is not None:
            pause_ms = elapsed_ms(start.device_ms, answer.done_ms) + BEFORE_VOICE_MS
            self._stages.patience.after_pause(pause_ms)
        return answer.go_on()

    def _listen(self, audio: uplink.Audio) -> None:
        answer = self._answer_of(audio.stream)
        if answer is None:
            self._refuse(audio.stream)
        elif answer.utterance.add(audio):
            self._handle(events.StreamProgressed(audio.stream))
            self._listen_for_pauses(answer)
            if self._turns.state is State.HEARING:
                self._making.follow(answer)

    def _end_stream(self, end: uplink.End) -> None:
        answer = self._answer_of(end.stream)
        if answer is not None:
            answer.utterance.close(end)
            said = end.verdict != uplink.CANCELLED and not answer.touch
            duration_ms = answer.utterance.duration_ms
            self._handle(events.StreamEnded(end.stream, said, duration_ms))

    def _refuse(self, stream: int) -> None:
        """Of an earlier connection, or given up: a microphone that nobody hears must be closed."""
        if stream != self._refused and stream < FIRST_OWN_STREAM:
            self._refused = stream
            self._ring.tell(Close(stream))

    def _answer_of(self, stream: int) -> Answer | None:
        """The turn in hand, or what is said over it."""
        for answer in (self._over, self._answer):
            if answer is not None and answer.utterance.stream == stream:
                return answer
        return None

    def _listen_for_pauses(self, answer: Answer) -> None:
        endpoint, stream = answer.endpoint, answer.utterance.stream
        for change in endpoint.hear(answer.utterance.since(endpoint.heard)):
            if change is Change.PAUSED:
                self._handle(events.StreamPaused(stream))
            else:
                self._stages.patience.after_pause(endpoint.pause_ms)
                self._wait(answer, None)
                self._handle(events.StreamResumed(stream))
        if answer.closes and not answer.closed and endpoint.done:
            answer.closed = True
            self._ring.tell(Close(stream))

    def _understood(self, answer: Answer, transcript: Transcript) -> float:
        """The words up to a pause decide how long it may be; how probably it is the end."""
        speech = answer.utterance.samples[: answer.endpoint.speech_end]
        wait_ms, over = self._stages.patience.judge(transcript, speech)
        self._tape.judged(answer.turn, wait_ms, over, monotonic_ms())
        self._wait(answer, wait_ms)
        return over

    def _wait(self, answer: Answer, wait_ms: float | None) -> None:
        unknown_ms = self._stages.patience.unknown_ms
        answer.endpoint.wait_ms = unknown_ms if wait_ms is None else wait_ms
        if self._hands_free is not None and answer in (self._answer, self._over):
            self._hands_free.wait(wait_ms)

    def _touch(self, gesture: int) -> None:
        """A press stops the ring's own speaker by itself; this computer's has to be told."""
        answer, speaker = self._answer, self._speaker
        if gesture == uplink.PRESS:
            speaks = self._turns.state in (State.SPEAKING, State.DUCKED, State.HELD)
            self._stopped = speaks and speaker is not None and not speaker.stops_itself
            if self._stopped and speaker is not None and answer is not None:
                speaker.flush(answer.reply.id)
        elif gesture == uplink.TAP and answer is not None:
            answer.touch, answer.tapped = self._stopped, True
            if answer.touch:
                self._ring.tell(Close(answer.utterance.stream))
            elif self._hands_free is None:
                answer.closes = True

    # What the speaker says

    def _played(self, news: Played | SoundCardError) -> None:
        """A speaker of this computer told how far it is, or that it can't go on."""
        if isinstance(news, Played):
            at_ms = self._ring.session.clock.ring_ms(news.at_ms)
            cursor = uplink.Cursor(news.reply, news.state, news.samples, at_ms or 0)
            self._move(cursor, dated=at_ms is not None)
        elif self._answer is not None and self._answer.committed_ms is not None:
            self._handle(events.AnswerFailed(self._answer.turn, one_line(news)))

    def _move(self, cursor: uplink.Cursor, *, dated: bool = True) -> None:
        if cursor.reply in self._fading:
            self._fading[cursor.reply][0].reply.move(cursor)
            if cursor.state in (uplink.DONE, uplink.FLUSHED):
                self._report(cursor.reply)
            return
        answer = self._answer
        if answer is None or answer.reply.id != cursor.reply:
            return
        if cursor.state == uplink.STARTED and dated:
            answer.start(cursor)
        answer.reply.move(cursor)
        event: events.Event = events.ReplyProgressed(answer.turn)
        if cursor.state == uplink.STARTED:
            event = events.ReplyStarted(answer.turn)
        elif cursor.state in (uplink.DONE, uplink.FLUSHED):
            event = events.ReplyEnded(answer.turn, whole=cursor.state == uplink.DONE)
        self._handle(event)

    # What the machine wants

    def _handle(self, event: events.Event) -> None:
        for action in self._tape.handle(event, monotonic_ms()):
            self._carry_out(action)
        self._set_timer()

    def _carry_out(self, action: events.Action) -> None:
        match action:
            case events.Guess():
                if self._answer is not None and self._speaker is not None:
                    self._making.guess(self._answer, self._speaker)
            case events.Drop():
                self._making.drop()
            case events.Answer():
                self._commit()
            case events.Stop():
                self._stop()
            case events.Close(_, error):
                self._close(error)
            case events.Judge():
                self._judge()
            case events.Duck() | events.Hold() | events.Resume():
                self._disturb(action)

    def _commit(self) -> None:
        answer, speaker = self._answer, self._speaker
        if answer is None or speaker is None:
            raise DeviceError("a stream ended that never began")
        answer.commit(self._ring.session.clock, monotonic_ms(), self._turns.revision)
        self._ring.tell(Mood(THINKING))
        self._making.release(answer, speaker)

    def _stop(self) -> None:
        self._making.stop()
        if self._answer is not None and self._speaker is not None:
            self._speaker.flush(self._answer.reply.id)

    def _disturb(self, action: events.Duck | events.Hold | events.Resume) -> None:
        """Somebody speaks beside the reply, or did."""
        answer, speaker = self._answer, self._speaker
        if answer is None or speaker is None:
            return
        if isinstance(action, events.Duck):
            speaker.duck(answer.reply.id)
        elif isinstance(action, events.Hold):
            speaker.pause(answer.reply.id)
        else:
            speaker.resume(answer.reply.id)
            self._dismiss(answer)

    def _dismiss(self, answer: Answer) -> None:
        """What was said over the reply is no turn."""
        over, self._over = self._over, None
        if over is not None and self._hands_free is not None:
            self._hands_free.dismiss()
            answer.overheard += [over.transcript] if over.transcript else []

    def _judge(self) -> None:
        if self._over is not None and self._answer is not None:
            self._making.judge(self._over, self._answer.reply.heard())

    def _close(self, error: str | None) -> None:
        answer = self._answer
        self._answer, self._over = self._over, None
        if answer is None:
            return
        self._last = answer
        self._fading[answer.reply.id] = answer, error
        if answer.reply.sounds:
            asyncio.get_running_loop().call_later(FADE_S, self._report, answer.reply.id)
        else:
            self._report(answer.reply.id)
        self._ring.tell(Mood(IDLE if error is None else TROUBLE))

    def _report(self, reply_id: int) -> None:
        if reply_id not in self._fading:
            return
        answer, error = self._fading.pop(reply_id)
        reply = answer.reply
        if reply.said is not None and not answer.continued:
            self._stages.patience.after_turn(answer.transcript)
            self._stages.companion.heard(reply.said, reply.heard())
        record = answer.record(self._ring.session.counters, error or reply.cut_off)
        record.loop_lag_ms = round(self._lag_of(answer), 1)
        record.events = self._tape.take(answer.turn)
        self._on_turn(record)

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        due_ms = self._turns.deadline_ms()
        if due_ms is not None:
            wait_s = max(0.0, due_ms - monotonic_ms()) / 1000
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(wait_s, self._handle, events.Tick())
