"""What the ring does: its cores held together. Give it events; carry out the actions it returns."""

from mynah_wire import making, uplink
from mynah_wire.channel import is_sealed
from mynah_wire.clock import wrap_ms
from mynah_wire.downlink import (
    THINKING,
    TROUBLE,
    Act,
    Close,
    Fetch,
    Forget,
    Go,
    Keep,
    Kept,
    Mood,
    Ping,
    Preload,
    Resume,
)
from mynah_wire.errors import WireError
from mynah_wire.message import Message
from mynah_wire.record import COUNTER_BYTES

from . import about, actions, keeping, light, talk, workshop
from .acting import Acting
from .flash_jobs import DONE, FULL, Job
from .gestures import NONE, Gestures
from .journal import Journal
from .keeping import Keeping
from .listening import Listening
from .memory import Memory
from .pacer import Pacer
from .playback import Playback
from .power import Power, facts_of
from .replies import ORDERS, Replies
from .said import Said
from .session import Identity, Session
from .settings import Settings
from .telling import Telling
from .workshop import Workshop

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
    actions.MOVED: "_moved",
    actions.BATTERY: "_battery",
    actions.TICK: "_tick",
}
_MESSAGES = {
    Ping: "_ping",
    Close: "_of_stream",
    Keep: "_of_stream",
    Fetch: "_of_said",
    Kept: "_of_said",
    Mood: "_set_mood",
    Act: "_act",
    Forget: "_forget",
}
_MESSAGES.update(dict.fromkeys(ORDERS, "_reply"))
_MESSAGES.update(dict.fromkeys(keeping.ORDERS, "_keep"))
_MESSAGES.update(dict.fromkeys(workshop.ORDERS, "_work"))


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
        works: "Workshop | None" = None,
    ) -> None:
        """`memory` is for what is said; so much of the flash may be used, too."""
        self.session = Session(identity, key)
        self.said = Said(identity.boot_id, key, memory or Memory(), flash_bytes)
        self.workshop = works or Workshop(Journal())
        self.telling = Telling(self.session, self.said, self.workshop)
        self.outbox = self.telling.outbox
        self.pacer = Pacer()
        self.talk = talk.Talk()
        self.gestures = Gestures()
        self.acting = acting or Acting(identity.capabilities, {})
        self.playback = playback
        self.replies = Replies(playback, self.telling.tell, self._tell_counters)
        self.settings = settings
        self.listening = Listening(
            identity, self.session, self.talk, self.said, self.telling, self._tell_counters
        )
        self.keeping = Keeping(settings, self.acting, playback, self.said, self.telling.tell)
        self.power: "Power | None" = None  # of a ring that saves it
        self.battery: "tuple[int, int, bool] | None" = None  # as in uplink.Battery
        self.enomem = 0  # notifications that had to be repeated: counted by the radio's shell
        self.identity = identity
        self.on_trial = False  # the build that runs: the loader says so
        self.half_duplex = False  # its board can't listen and speak at once
        self._mood = "idle"

    @property
    def light(self) -> str:
        """The light's state."""
        mood = "trouble" if self.said.saving.failed and not self.session.proven else self._mood
        glows = self.acting.glow is not None
        return light.state(self.hears, self.playback.sounds, self.session.proven, mood, glows)

    @property
    def hears(self) -> bool:
        """Whether the microphone is, or should be, open."""
        return self.talk.hears or self.workshop.hears

    @property
    def quiet(self) -> bool:
        """Whether nobody speaks or listens: the flash may stall the chip."""
        return not self.hears and not self.playback.sounds

    def lacks(self, capabilities: int) -> None:
        """A part that its board should have is not there."""
        self.identity.capabilities &= ~capabilities

    def handle(self, event: str, now_ms: int, value: object = None) -> "list[tuple[str, object]]":
        """Something happened: see actions.py for what, and for what may be answered."""
        now_ms = wrap_ms(now_ms)
        called = self.playback.calls
        todo: "list[tuple[str, object]]" = []
        if event in _EVENTS:
            todo = getattr(self, _EVENTS[event])(now_ms, value)
        else:
            self.workshop.hear(event, now_ms, value)
        todo += self.acting.moved()
        if self.playback.calls and not called:
            todo.append((actions.WAKE_SPEAKER, None))
        if self.outbox.overflowed and self.session.proven:
            todo.append((actions.DISCONNECT, None))
        if self.power is not None:
            todo += self.power.decide(event, value, todo, facts_of(self), now_ms)
        return todo

    def deadline_ms(self, now_ms: int) -> "int | None":
        """When to handle TICK at the latest."""
        moments_ms = [self.session.deadline_ms(now_ms), self.said.deadline_ms(now_ms)]
        moments_ms += [self.talk.deadline_ms(), self.gestures.deadline_ms()]
        moments_ms.append(self.acting.deadline_ms(now_ms))
        if self.power is not None:
            moments_ms.append(self.power.deadline_ms())
        return actions.earliest(moments_ms, now_ms)

    def next_plaintext(self, record: bytearray, now_ms: int) -> int:
        """Write what is to be said next to record[4:]; its length, 0 if there is nothing now."""
        return self.telling.next_plaintext(record, wrap_ms(now_ms))

    def flash_job(self) -> "Job | None":
        """What the flash is to do now, None if there is nothing; end it with `flash_done`."""
        return self.said.job(self.quiet)

    def flash_done(self, result: int, now_ms: int) -> None:
        """The flash has done the job, or could not."""
        now_ms = wrap_ms(now_ms)
        self.said.done(result, now_ms)
        self.keeping.tell_forgotten()
        if self.said.saving.trouble == FULL:
            self.workshop.fault(making.FULL, "flash", now_ms)
        elif self.said.saving.trouble < DONE:
            self.workshop.fault(making.BROKEN, "flash: it takes nothing", now_ms)

    def played(self, heard_ms: int) -> None:
        """A frame from `playback.take` is with the amplifier; its end sounds at `heard_ms`."""
        self.replies.played(heard_ms)

    def _connected(self, now_ms: int, _value: object) -> "list[tuple[str, object]]":
        self.outbox.forget()
        self.pacer = Pacer()
        self.playback.set_interval(self.pacer.interval_ms)
        return self.session.connected(now_ms)

    def _disconnected(self, now_ms: int, _value: object) -> "list[tuple[str, object]]":
        if self.session.proven:
            self.workshop.journal.note("the host is gone", now_ms)
        self.outbox.forget()
        self.workshop.cut()
        self.said.cut()
        self.playback.flush(self.playback.reply)
        return self.session.disconnected(now_ms)

    def _mtu(self, _now_ms: int, mtu: int) -> "list[tuple[str, object]]":
        self.session.mtu = mtu
        return []

    def _interval(self, _now_ms: int, interval: int) -> "list[tuple[str, object]]":
        self.session.interval = interval
        self.pacer.interval_ms = max(1, interval * 5 // 4)
        self.playback.set_interval(self.pacer.interval_ms)
        return []

    def _paired(self, now_ms: int, key: "bytes | None") -> "list[tuple[str, object]]":
        self.outbox.forget()
        todo: "list[tuple[str, object]]" = []
        if key != self.session.key:
            if self.session.key is not None:
                self.workshop.journal.forget()
            todo = self.keeping.forget_all(key, now_ms)
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
        self.telling.tell(uplink.Button(uplink.PRESS, now_ms))
        if self.workshop.probing or self.workshop.hears:
            self.gestures.pressed(now_ms, False)
            return []
        self.acting.stop(now_ms)
        self._settle_taps(now_ms)
        free = self.talk.state in (talk.QUIET, talk.CLOSING) or self.gestures.is_again(now_ms)
        self.gestures.pressed(now_ms, free and not stops_reply)
        unfit = self.session.proven and not self.session.carries_audio
        deaf = unfit or self.said.held.full or not self.identity.capabilities & uplink.MICROPHONE
        if self.talk.state == talk.QUIET and not deaf:
            self.playback.pause(self.playback.reply)  # what is said now decides about the rest
        else:
            self.replies.hush()
        if deaf and self.talk.state in (talk.QUIET, talk.CLOSING):
            # No frame fits this link, as the host knows from its MTU; or too much is waiting.
            if self.identity.capabilities & uplink.MICROPHONE:
                self._mood = "trouble"
            return []
        return self.talk.handle(talk.PRESS, now_ms, stops_reply)

    def _released(self, now_ms: int, _value: object) -> "list[tuple[str, object]]":
        self.telling.tell(uplink.Button(uplink.RELEASE, now_ms))
        self._answer_touch(now_ms)
        todo = self.talk.handle(talk.RELEASE, now_ms)
        if self.talk.state == talk.CLOSING and self.talk.verdict == uplink.CANCELLED:
            self.replies.hush()  # a touch: nothing is said that could decide
        elif todo and self.session.proven:
            todo.append((actions.WAKE_SPEAKER, None))  # off, it takes 64 ms until it can sound
        if self.talk.state == talk.OPEN and self.said.is_live:
            self.telling.tell_in_place(uplink.Button(uplink.TAP, now_ms))  # how the stream will end
        return todo

    def _answer_touch(self, now_ms: int) -> None:
        talks = self.talk.state == talk.HELD
        stream = self.talk.stream if talks and self.said.is_live else 0
        pattern = self.gestures.released(now_ms, stream)
        if pattern == uplink.SQUEEZED:
            self.telling.tell(self.gestures.squeeze(now_ms, stream))
            if talks and self.said.loud:
                return  # something was said, or it is noisy: the host knows which
        if pattern != NONE:
            self.acting.touched(pattern, now_ms)

    def _settle_taps(self, now_ms: int) -> None:
        touch = self.gestures.settled(now_ms)
        if touch is not None:
            self.telling.touch(touch)

    def _microphone_started(self, _now_ms: int, at_ms: int) -> "list[tuple[str, object]]":
        self._mood = "idle"
        self.listening.started(wrap_ms(at_ms))
        return []

    def _microphone_stopped(
        self, now_ms: int, counts: "tuple[int, int]"
    ) -> "list[tuple[str, object]]":
        return self.listening.stopped(counts[0], counts[1], now_ms)

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
        self.workshop.met(now_ms)
        self.replies.new_host()
        self.acting.new_host()
        self.said.met(now_ms)
        buffer_ms = self.playback.credit_until_ms  # all of it: credit begins anew
        self.telling.greet(about.ready(self.identity, buffer_ms, now_ms))
        while (held := self.said.telling()) is not None:
            self.telling.greet(held)
        if self.battery is not None:
            self.telling.greet(uplink.Battery(*self.battery))
        self.telling.greet_touch(now_ms)
        self.telling.greet(about.counters(self))  # and that was all

    def _of_said(self, message: "Fetch | Kept", _now_ms: int) -> "list[tuple[str, object]]":
        if isinstance(message, Fetch):
            self.said.fetch(message)
        else:
            self.said.kept(message)
        return []

    def _ping(self, ping: Ping, now_ms: int) -> "list[tuple[str, object]]":
        self.telling.tell(uplink.Pong(ping.token, now_ms))
        return []

    def _of_stream(self, message: "Close | Keep", now_ms: int) -> "list[tuple[str, object]]":
        if message.stream != self.talk.stream:
            return []
        return self.talk.handle(talk.CLOSE if isinstance(message, Close) else talk.KEEP, now_ms)

    def _reply(self, order: Message, now_ms: int) -> "list[tuple[str, object]]":
        if isinstance(order, Preload):
            self._mood = "idle"
        todo = self.replies.obey(order)
        if self.half_duplex and isinstance(order, (Go, Resume)) and self.talk.state == talk.OPEN:
            todo += self.talk.handle(talk.CLOSE, now_ms)  # a tap's stream; a finger goes first
        return todo

    def _set_mood(self, mood: Mood, _now_ms: int) -> "list[tuple[str, object]]":
        self._mood = MOODS.get(mood.mood, "idle")
        return []

    def _act(self, act: Act, now_ms: int) -> "list[tuple[str, object]]":
        self.acting.act(act, now_ms, self.talk.state == talk.HELD)
        return []

    def _keep(self, order: Message, _now_ms: int) -> "list[tuple[str, object]]":
        return self.keeping.obey(order)

    def _work(self, order: Message, _now_ms: int) -> "list[tuple[str, object]]":
        return self.workshop.obey(order)

    def _forget(self, forget: Forget, now_ms: int) -> "list[tuple[str, object]]":
        if self.said.is_live:
            self.telling.tell_in_place(uplink.End(self.talk.stream, uplink.CANCELLED, 0, 0, now_ms))
        self.workshop.journal.forget()
        return self.keeping.forget(forget.token, self.session.key, now_ms)

    def _moved(self, now_ms: int, pattern: int) -> "list[tuple[str, object]]":
        taps = 1 if pattern == uplink.TAPPED else 0
        self.telling.touch(uplink.Touch(pattern, taps, 0, now_ms))
        self.acting.touched(pattern, now_ms)
        return []

    def _battery(
        self, _now_ms: int, battery: "tuple[int, int, bool]"
    ) -> "list[tuple[str, object]]":
        self.battery = battery
        self.telling.tell(uplink.Battery(*battery))
        return []

    def _tell_counters(self) -> None:
        self.telling.tell(about.counters(self))
