"""What the ring does: its cores held together. Give it events; carry out the actions it returns."""

from mynah_wire import uplink
from mynah_wire.channel import is_sealed
from mynah_wire.clock import wrap_ms
from mynah_wire.codecs import IMA_ADPCM
from mynah_wire.downlink import (
    THINKING,
    TROUBLE,
    VOLUME,
    Act,
    Close,
    Fetch,
    Forget,
    Keep,
    Kept,
    Mood,
    Ping,
    Preload,
    Program,
    Reflex,
    Setting,
)
from mynah_wire.errors import WireError
from mynah_wire.message import Message, encode
from mynah_wire.record import COUNTER_BYTES

from . import about, actions, light, talk
from .acting import Acting
from .flash_jobs import Job
from .gestures import NONE, Gestures
from .memory import Memory
from .outbox import Outbox
from .pacer import Pacer
from .playback import Playback
from .replies import ORDERS, Replies
from .said import Said
from .session import Identity, Session
from .settings import Settings

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
    Fetch: "_of_said",
    Kept: "_of_said",
    Setting: "_setting",
    Mood: "_set_mood",
    Act: "_act",
    Program: "_keep",
    Reflex: "_keep",
    Forget: "_forget",
}
_MESSAGES.update(dict.fromkeys(ORDERS, "_reply"))


class Ring:
    """The whole of the ring's behaviour."""

    def __init__(
        self,
        identity: Identity,
        key: "bytes | None",
        settings: Settings,
        playback: Playback,
        memory: "Memory | None" = None,
        flash_bytes: int = 0,
        acting: "Acting | None" = None,
    ) -> None:
        """`memory` is for what is said; so much of the flash may be used, too."""
        self.session = Session(identity, key)
        self.said = Said(identity.boot_id, key, memory or Memory(), flash_bytes)
        self.outbox = Outbox()
        self.pacer = Pacer()
        self.talk = talk.Talk()
        self.gestures = Gestures()
        self.acting = acting or Acting(identity.capabilities, {})
        self.playback = playback
        self.replies = Replies(playback, self._tell, self._tell_counters)
        self.settings = settings
        self.enomem = 0  # notifications that had to be repeated: counted by the radio's shell
        self.overruns = 0  # frames the microphone lost
        self._identity = identity
        self._mood = "idle"
        self._hears = False  # the microphone has started
        self._forgetting: "int | None" = None  # the token of a FORGET that is not done
        playback.set_volume(settings.get(VOLUME))

    @property
    def light(self) -> str:
        """The light's state."""
        mood = "trouble" if self.said.saving.failed and not self.session.proven else self._mood
        glows = self.acting.glow is not None
        return light.state(self.talk.hears, self.playback.sounds, self.session.proven, mood, glows)

    def handle(self, event: str, now_ms: int, value: object = None) -> "list[tuple[str, object]]":
        """Something happened: see actions.py for what, and for what may be answered."""
        handler = _EVENTS.get(event)
        if handler is None:
            raise ValueError("ring: unknown event %s" % event)
        called = self.playback.calls
        todo: "list[tuple[str, object]]" = getattr(self, handler)(wrap_ms(now_ms), value)
        todo += self.acting.moved()
        if self.playback.calls and not called:
            todo.append((actions.WAKE_SPEAKER, None))
        if self.outbox.overflowed and self.session.proven:
            todo.append((actions.DISCONNECT, None))
        return todo

    def deadline_ms(self, now_ms: int) -> "int | None":
        """When to handle TICK at the latest."""
        moments_ms = [self.session.deadline_ms(now_ms), self.said.deadline_ms(now_ms)]
        moments_ms += [self.talk.deadline_ms(), self.gestures.deadline_ms()]
        return actions.earliest(moments_ms + [self.acting.deadline_ms(now_ms)], now_ms)

    def next_plaintext(self, record: bytearray, now_ms: int) -> int:
        """Write what is to be said next to record[4:]; its length, 0 if there is nothing now.

        Control first, then live speech, then what was FETCHed. A frame allocates nothing.
        """
        plaintext = self.outbox.control(self.said.sent)
        if plaintext is None:
            held = self.said.telling()
            plaintext = None if held is None else encode(held)
        if plaintext is not None:
            record[COUNTER_BYTES : COUNTER_BYTES + len(plaintext)] = plaintext
            return len(plaintext)
        if not self.session.carries_audio:
            return 0
        return self.said.audio(record) or self.said.past(record, wrap_ms(now_ms))

    def flash_job(self) -> "Job | None":
        """What the flash is to do now, None if there is nothing; end it with `flash_done`."""
        return self.said.job(not self.talk.hears and not self.playback.sounds)

    def flash_done(self, result: int, now_ms: int) -> None:
        """The flash has done the job, or could not."""
        self.said.done(result, wrap_ms(now_ms))
        self._tell_forgotten()

    def played(self, heard_ms: int) -> None:
        """A frame from `playback.take` is with the amplifier; its end sounds at `heard_ms`."""
        self.replies.played(heard_ms)

    def _connected(self, now_ms: int, _value: object) -> "list[tuple[str, object]]":
        self.outbox.forget()
        self.pacer = Pacer()
        return self.session.connected(now_ms)

    def _disconnected(self, now_ms: int, _value: object) -> "list[tuple[str, object]]":
        self.outbox.forget()
        self.said.cut()
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
        todo: "list[tuple[str, object]]" = []
        if key != self.session.key:
            todo = self._forget_all(key, now_ms)
        self.said.cut()
        return todo + self.session.paired(key, now_ms)

    def _tick(self, now_ms: int, _value: object) -> "list[tuple[str, object]]":
        todo = self.session.tick(now_ms)
        self.said.tick(now_ms)
        self.acting.tick(now_ms)
        self._settle_taps(now_ms)
        if actions.is_due(self.talk.deadline_ms(), now_ms):
            todo += self.talk.handle(talk.LIMIT, now_ms)
        return todo

    def _pressed(self, now_ms: int, _value: object) -> "list[tuple[str, object]]":
        stops_reply = self.playback.sounds
        self._tell(uplink.Button(uplink.PRESS, now_ms))
        self.acting.stop(now_ms)
        self._settle_taps(now_ms)
        free = self.talk.state in (talk.QUIET, talk.CLOSING) or self.gestures.is_again(now_ms)
        self.gestures.pressed(now_ms, free and not stops_reply)
        unfit = self.session.proven and not self.session.carries_audio
        deaf = unfit or self.said.held.full
        if self.talk.state == talk.QUIET and not deaf:
            self.playback.pause(self.playback.reply)  # what is said now decides about the rest
        else:
            self.replies.hush()
        if deaf and self.talk.state in (talk.QUIET, talk.CLOSING):
            # No frame fits this link, as the host knows from its MTU; or too much is waiting.
            self._mood = "trouble"
            return []
        return self.talk.handle(talk.PRESS, now_ms, stops_reply)

    def _released(self, now_ms: int, _value: object) -> "list[tuple[str, object]]":
        self._tell(uplink.Button(uplink.RELEASE, now_ms))
        self._answer_touch(now_ms)
        todo = self.talk.handle(talk.RELEASE, now_ms)
        if self.talk.state == talk.CLOSING and self.talk.verdict == uplink.CANCELLED:
            self.replies.hush()  # a touch: nothing is said that could decide
        elif todo and self.session.proven:
            todo.append((actions.WAKE_SPEAKER, None))  # off, it takes 64 ms until it can sound
        if self.talk.state == talk.OPEN and self.said.is_live:
            self._tell_in_place(uplink.Button(uplink.TAP, now_ms))  # how the stream will end
        return todo

    def _answer_touch(self, now_ms: int) -> None:
        talks = self.talk.state == talk.HELD
        stream = self.talk.stream if talks and self.said.is_live else 0
        pattern = self.gestures.released(now_ms, stream)
        if pattern == uplink.SQUEEZED:
            self._tell(self.gestures.squeeze(now_ms, stream))
            if talks and self.said.loud:
                return  # something was said, or it is noisy: the host knows which
        if pattern != NONE:
            self.acting.touched(pattern, now_ms)

    def _settle_taps(self, now_ms: int) -> None:
        touch = self.gestures.settled(now_ms)
        if touch is not None:
            self._tell(touch)

    def _microphone_started(self, _now_ms: int, at_ms: int) -> "list[tuple[str, object]]":
        self._mood = "idle"
        self._hears = True
        started_ms = wrap_ms(at_ms)
        self.said.begin(self.talk.stream, IMA_ADPCM, started_ms, self.session.proven)
        if self.said.is_live:
            start = uplink.Start(self.talk.stream, IMA_ADPCM, self.talk.cause, started_ms)
            self._tell_in_place(start)
        return []

    def _microphone_stopped(
        self, now_ms: int, counts: "tuple[int, int]"
    ) -> "list[tuple[str, object]]":
        if not self._hears:
            # It never did: the stream is told all the same.
            self._microphone_started(now_ms, now_ms)
        self._hears = False
        frames, lost = counts
        self.overruns += lost
        ended = self.talk
        if ended.state != talk.CLOSING:
            ended.handle(talk.LIMIT, now_ms)  # the microphone failed: cut
        was_live = self.said.is_live
        dropped = self.said.finish(ended.verdict, frames, lost, now_ms, self.session.proven)
        if was_live:
            end = uplink.End(ended.stream, ended.verdict, frames, dropped, ended.ended_ms)
            self._tell_in_place(end)
        self._tell_counters()
        todo = self._begin_anew() if ended.stream == talk.LAST_STREAM else []
        return todo + self.talk.handle(talk.STOPPED, now_ms)

    def _begin_anew(self) -> "list[tuple[str, object]]":
        """Stream ids are used up: count them under another boot id, which READY must tell."""
        identity = self._identity
        identity.boot_id = self.said.boot_id = int.from_bytes(identity.random(4), "little")
        self.outbox.forget()
        self.said.cut()
        return self.session.hang_up()

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
        handler = None if message is None else _MESSAGES.get(type(message))
        if handler is None:
            return []
        answer: "list[tuple[str, object]]" = getattr(self, handler)(message, now_ms)
        return answer

    def _open(self, record: bytes) -> "Message | None":
        """The message in a sealed record; audio goes straight into the playback buffer."""
        buffer, end = self.session.open(record)
        if buffer[COUNTER_BYTES] == AUDIO_KIND:
            self.replies.hear(buffer, end)
            return None
        return self.session.assemble(end)

    def _greet(self, now_ms: int) -> None:
        self._mood = "idle"
        self.replies.new_host()
        self.acting.new_host()
        self.said.met(now_ms)
        self._greet_with(about.ready(self._identity, now_ms))
        while (held := self.said.telling()) is not None:
            self._greet_with(held)
        self._greet_with(about.counters(self))  # and that was all

    def _greet_with(self, message: Message) -> None:
        if self.session.channel is not None:
            for piece in self.session.channel.pieces(message):
                self.outbox.greeting(piece)

    def _of_said(self, message: "Fetch | Kept", _now_ms: int) -> "list[tuple[str, object]]":
        if isinstance(message, Fetch):
            self.said.fetch(message)
        else:
            self.said.kept(message)
        return []

    def _ping(self, ping: Ping, now_ms: int) -> "list[tuple[str, object]]":
        self._tell(uplink.Pong(ping.token, now_ms))
        return []

    def _of_stream(self, message: "Close | Keep", now_ms: int) -> "list[tuple[str, object]]":
        if message.stream != self.talk.stream:
            return []
        return self.talk.handle(talk.CLOSE if isinstance(message, Close) else talk.KEEP, now_ms)

    def _reply(self, order: Message, _now_ms: int) -> "list[tuple[str, object]]":
        if isinstance(order, Preload):
            self._mood = "idle"
        return self.replies.obey(order)

    def _setting(self, setting: Setting, _now_ms: int) -> "list[tuple[str, object]]":
        kept = self.settings.change(setting.setting, setting.value)
        self.playback.set_volume(self.settings.get(VOLUME))
        return [] if kept is None else [(actions.SAVE, kept)]

    def _set_mood(self, mood: Mood, _now_ms: int) -> "list[tuple[str, object]]":
        self._mood = MOODS.get(mood.mood, "idle")
        return []

    def _act(self, act: Act, now_ms: int) -> "list[tuple[str, object]]":
        self.acting.act(act, now_ms, self.talk.state == talk.HELD)
        return []

    def _keep(self, message: "Program | Reflex", _now_ms: int) -> "list[tuple[str, object]]":
        kept = self.acting.keep(message)
        return [] if kept is None else [(actions.SAVE, kept)]

    def _forget(self, forget: Forget, now_ms: int) -> "list[tuple[str, object]]":
        if self.said.is_live:
            self._tell_in_place(uplink.End(self.talk.stream, uplink.CANCELLED, 0, 0, now_ms))
        todo = self._forget_all(self.session.key, now_ms)
        self._forgetting = forget.token
        self._tell_forgotten()
        return todo

    def _forget_all(self, key: "bytes | None", now_ms: int) -> "list[tuple[str, object]]":
        self.settings.forget()
        self.playback.set_volume(self.settings.get(VOLUME))
        self.acting.stop(now_ms)
        self.acting.forget()
        self.said.wipe(key)
        return [(actions.FORGET, None)]

    def _tell_forgotten(self) -> None:
        token, saving = self._forgetting, self.said.saving
        if token is not None and not saving.wipes:
            self._forgetting = None
            verdict = uplink.NOT_FORGOTTEN if saving.failed else uplink.FORGOTTEN
            self._tell(uplink.Forgotten(token, verdict))

    def _tell(self, message: Message) -> None:
        # Without a proven host there is nobody to tell, and a later host must not hear old news.
        if self.session.proven and self.session.channel is not None:
            for piece in self.session.channel.pieces(message):
                self.outbox.urgent(piece)

    def _tell_in_place(self, message: Message) -> None:
        self.outbox.ordered(encode(message), self.said.memory.newest)

    def _tell_counters(self) -> None:
        self._tell(about.counters(self))
