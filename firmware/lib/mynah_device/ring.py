"""What the ring does: its cores held together. Give it events; carry out the actions it returns."""

from mynah_wire import uplink
from mynah_wire.channel import is_sealed
from mynah_wire.clock import after_ms, wrap_ms
from mynah_wire.codecs import IMA_ADPCM, bit
from mynah_wire.downlink import (
    THINKING,
    TROUBLE,
    VOLUME,
    Close,
    Drop,
    Duck,
    Finish,
    Flush,
    Go,
    Keep,
    Mood,
    Pause,
    Ping,
    Preload,
    Resume,
    Setting,
)
from mynah_wire.errors import MalformedError, WireError
from mynah_wire.message import Message, encode
from mynah_wire.record import COUNTER_BYTES

from . import actions, light, talk
from .outbox import Outbox
from .pacer import Pacer
from .playback import FRAME_MS, SLOTS, Playback
from .session import Identity, Session
from .settings import Settings

BUILD = 1  # of this firmware; grows with every release
CREDIT_STEP_MS = 100  # new credit is told in steps of five frames, not of one
AUDIO_BODY = COUNTER_BYTES + 7  # in a record: after kind 1, stream 2, frame 4
AUDIO_KIND = uplink.Audio.KIND
MOODS = {THINKING: "thinking", TROUBLE: "trouble"}

_EVENTS = {
    actions.CONNECTED: "_connected",
    actions.DISCONNECTED: "_disconnected",
    actions.MTU: "_mtu",
    actions.INTERVAL: "_interval",
    actions.RECEIVED: "_received",
    actions.PRESSED: "_pressed",
    actions.RELEASED: "_released",
    actions.MICROPHONE_STARTED: "_microphone_started",
    actions.MICROPHONE_STOPPED: "_microphone_stopped",
    actions.PAIRED: "_paired",
    actions.TICK: "_tick",
}
_MESSAGES = {
    Ping: "_ping",
    Close: "_of_stream",
    Keep: "_of_stream",
    Preload: "_preload",
    Go: "_go",
    Drop: "_of_reply",
    Pause: "_of_reply",
    Duck: "_of_reply",
    Flush: "_of_reply",
    Resume: "_go",
    Finish: "_finish",
    Setting: "_setting",
    Mood: "_set_mood",
}


class Ring:
    """The whole of the ring's behaviour."""

    def __init__(
        self, identity: Identity, key: "bytes | None", settings: Settings, playback: Playback
    ) -> None:
        self.session = Session(identity, key)
        self.outbox = Outbox()
        self.pacer = Pacer()
        self.talk = talk.Talk()
        self.playback = playback
        self.settings = settings
        self.enomem = 0  # notifications that had to be repeated: counted by the radio's shell
        self.overruns = 0  # frames the microphone lost
        self._identity = identity
        self._mood = "idle"
        self._credited_ms = 0  # the credit that the host was last told of
        self._dropped_before = 0  # the outbox's count when the stream began
        playback.set_volume(settings.get(VOLUME))

    @property
    def light(self) -> str:
        """The light's state."""
        return light.state(self.talk.hears, self.playback.sounds, self.session.proven, self._mood)

    def handle(self, event: str, now_ms: int, value: object = None) -> "list[tuple[str, object]]":
        """Something happened: see actions.py for what, and for what may be answered."""
        handler = _EVENTS.get(event)
        if handler is None:
            raise ValueError("ring: unknown event %s" % event)
        called = self.playback.calls
        todo: "list[tuple[str, object]]" = getattr(self, handler)(wrap_ms(now_ms), value)
        if self.playback.calls and not called:
            todo.append((actions.WAKE_SPEAKER, None))
        if self.outbox.overflowed and self.session.proven:
            todo.append((actions.DISCONNECT, None))
        return todo

    def deadline_ms(self, now_ms: int) -> "int | None":
        """When to handle TICK at the latest."""
        return actions.earliest([self.session.deadline_ms(now_ms), self.talk.deadline_ms()], now_ms)

    def played(self, heard_ms: int) -> None:
        """A frame from `playback.take` is with the amplifier; its end sounds at `heard_ms`."""
        while (cursor := self.playback.cursor()) is not None:
            reply, state, samples, behind_ms = cursor
            moment_ms = after_ms(heard_ms, -behind_ms)
            self._tell(uplink.Cursor(reply, state, samples, moment_ms))
            if state in (uplink.DONE, uplink.FLUSHED):
                self._tell_counters()
        self._tell_credit()

    def _connected(self, now_ms: int, _value: object) -> "list[tuple[str, object]]":
        self.outbox.forget_urgent()
        self.pacer = Pacer()
        return self.session.connected(now_ms)

    def _disconnected(self, now_ms: int, _value: object) -> "list[tuple[str, object]]":
        self.outbox.forget_urgent()
        self.playback.flush(self.playback.reply)
        return self.session.disconnected(now_ms)

    def _mtu(self, _now_ms: int, mtu: int) -> "list[tuple[str, object]]":
        self.session.mtu = mtu
        return []

    def _interval(self, _now_ms: int, interval: int) -> "list[tuple[str, object]]":
        self.session.interval = interval
        self.pacer.interval_ms = max(1, interval * 5 // 4)
        return []

    def _paired(self, now_ms: int, key: "bytes | None") -> "list[tuple[str, object]]":
        self.outbox.forget()
        return self.session.paired(key, now_ms)

    def _tick(self, now_ms: int, _value: object) -> "list[tuple[str, object]]":
        todo = self.session.tick(now_ms)
        if actions.is_due(self.talk.deadline_ms(), now_ms):
            todo += self.talk.handle(talk.LIMIT, now_ms)
        return todo

    def _pressed(self, now_ms: int, _value: object) -> "list[tuple[str, object]]":
        stops_reply = self.playback.sounds
        self._tell(uplink.Button(uplink.PRESS, now_ms))
        deaf = self.session.proven and not self.session.carries_audio
        if self.talk.state == talk.QUIET and not deaf:
            self.playback.pause(self.playback.reply)  # what is said now decides about the rest
        else:
            self._hush()
        if deaf and self.talk.state in (talk.QUIET, talk.CLOSING):
            self._mood = "trouble"  # no frame fits this link, as the host knows from its MTU
            return []
        return self.talk.handle(talk.PRESS, now_ms, stops_reply)

    def _released(self, now_ms: int, _value: object) -> "list[tuple[str, object]]":
        self._tell(uplink.Button(uplink.RELEASE, now_ms))
        todo = self.talk.handle(talk.RELEASE, now_ms)
        if self.talk.state == talk.CLOSING and self.talk.verdict == uplink.CANCELLED:
            self._hush()  # a touch: nothing is said that could decide
        elif todo and self.session.proven:
            todo.append((actions.WAKE_SPEAKER, None))  # off, it takes 64 ms until it can sound
        if self.talk.state == talk.OPEN:  # in its place: it says how the stream will end
            self.outbox.ordered(encode(uplink.Button(uplink.TAP, now_ms)))
        return todo

    def _microphone_started(self, _now_ms: int, at_ms: int) -> "list[tuple[str, object]]":
        self._mood = "idle"
        self._dropped_before = self.outbox.dropped
        start = uplink.Start(self.talk.stream, IMA_ADPCM, self.talk.cause, wrap_ms(at_ms))
        self.outbox.ordered(encode(start))
        return []

    def _microphone_stopped(
        self, now_ms: int, counts: "tuple[int, int]"
    ) -> "list[tuple[str, object]]":
        frames, lost = counts
        self.overruns += lost
        ended = self.talk
        if ended.state != talk.CLOSING:
            ended.handle(talk.LIMIT, now_ms)  # the microphone failed: cut
        dropped = lost + self.outbox.dropped - self._dropped_before
        end = uplink.End(ended.stream, ended.verdict, frames, dropped, ended.ended_ms)
        self.outbox.ordered(encode(end))
        self._tell_counters()
        return self.talk.handle(talk.STOPPED, now_ms)

    def _received(self, now_ms: int, record: bytes) -> "list[tuple[str, object]]":
        if not self.session.linked:
            return []  # it came with the disconnection
        if not is_sealed(record):
            was_proven = self.session.proven
            todo = self.session.received_plain(record)
            if self.session.proven and not was_proven:
                self._greet(now_ms)
            return todo
        try:
            message = self._open(record)
        except WireError:
            return self.session.bad_record()
        handler = _MESSAGES.get(type(message))
        if handler is None:
            return []
        answer: "list[tuple[str, object]]" = getattr(self, handler)(message, now_ms)
        return answer

    def _open(self, record: bytes) -> "Message | None":
        """The message in a sealed record; audio goes straight into the playback buffer."""
        buffer, end = self.session.open(record)
        if buffer[COUNTER_BYTES] == AUDIO_KIND:
            self._audio(buffer, end)
            return None
        return self.session.assemble(end)

    def _audio(self, buffer: bytearray, end: int) -> None:
        if end < AUDIO_BODY:
            raise MalformedError("audio of %d bytes, needs %d" % (end, AUDIO_BODY))
        reply = buffer[5] | buffer[6] << 8
        # 30 bits of the frame's 32: a small int, and 248 days of sound.
        frame = buffer[7] | buffer[8] << 8 | buffer[9] << 16 | (buffer[10] & 0x3F) << 24
        self.playback.push(reply, frame, buffer, AUDIO_BODY, end - AUDIO_BODY)
        self._tell_credit()

    def _greet(self, now_ms: int) -> None:
        identity = self._identity
        self._mood = "idle"
        self.outbox.audio_fits = self.session.carries_audio
        self.playback.new_host()
        self._credited_ms = self.playback.credit_until_ms
        self._tell(
            uplink.Ready(
                identity.device_id,
                identity.boot_id,
                BUILD,
                identity.capabilities,
                bit(IMA_ADPCM),
                SLOTS * FRAME_MS,
                now_ms,
                identity.board,
            )
        )
        self._tell_counters()

    def _ping(self, ping: Ping, now_ms: int) -> "list[tuple[str, object]]":
        self._tell(uplink.Pong(ping.token, now_ms))
        return []

    def _of_stream(self, message: "Close | Keep", now_ms: int) -> "list[tuple[str, object]]":
        if message.stream != self.talk.stream:
            return []
        return self.talk.handle(talk.CLOSE if isinstance(message, Close) else talk.KEEP, now_ms)

    def _preload(self, preload: Preload, _now_ms: int) -> "list[tuple[str, object]]":
        self._mood = "idle"
        if not self.playback.preload(preload.reply, preload.codec, preload.sent_ms):
            return []
        self._tell_credit()
        return [(actions.WAKE_SPEAKER, None)]

    def _go(self, message: "Go | Resume", _now_ms: int) -> "list[tuple[str, object]]":
        if isinstance(message, Go):
            self.playback.go(message.reply)
        else:
            self.playback.resume(message.reply)
        return [(actions.WAKE_SPEAKER, None)]

    def _of_reply(
        self, message: "Drop | Pause | Duck | Flush", _now_ms: int
    ) -> "list[tuple[str, object]]":
        reply = message.reply
        if isinstance(message, Drop):
            self.playback.drop(reply)
        elif isinstance(message, Pause):
            self.playback.pause(reply)
        elif isinstance(message, Duck):
            self.playback.duck(reply)
        else:
            self.playback.flush(reply)
        self._tell_credit()
        return [(actions.WAKE_SPEAKER, None)]

    def _finish(self, finish: Finish, _now_ms: int) -> "list[tuple[str, object]]":
        self.playback.finish(finish.reply, finish.frames)
        return []

    def _setting(self, setting: Setting, _now_ms: int) -> "list[tuple[str, object]]":
        kept = self.settings.change(setting.setting, setting.value)
        self.playback.set_volume(self.settings.get(VOLUME))
        return [] if kept is None else [(actions.SAVE, kept)]

    def _set_mood(self, mood: Mood, _now_ms: int) -> "list[tuple[str, object]]":
        self._mood = MOODS.get(mood.mood, "idle")
        return []

    def _hush(self) -> None:
        if self.playback.sounds:
            self.playback.flush(self.playback.reply)

    def _tell(self, message: Message) -> None:
        # Without a proven host there is nobody to tell, and a later host must not hear old news.
        if self.session.proven and self.session.channel is not None:
            for piece in self.session.channel.pieces(message):
                self.outbox.urgent(piece)

    def _tell_credit(self) -> None:
        until_ms = self.playback.credit_until_ms
        if until_ms - self._credited_ms >= CREDIT_STEP_MS:
            self._credited_ms = until_ms
            self._tell(uplink.Credit(until_ms))

    def _tell_counters(self) -> None:
        session = self.session
        self._tell(
            uplink.Counters(
                session.interval,
                session.mtu,
                self.enomem,
                self.outbox.dropped,
                self.overruns,
                self.playback.underruns,
                session.refused,
                session.forged,
            )
        )
