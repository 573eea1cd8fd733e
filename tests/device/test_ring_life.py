"""A ring's whole life in random order: it never breaks, and never listens in the dark."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from mynah_device import actions, talk
from mynah_device.held import LIMIT
from mynah_device.light import GLOW, RHYTHMS
from mynah_device.playback import IDLE
from mynah_wire import kinds
from mynah_wire.clock import PERIOD_MS
from mynah_wire.codecs import IMA_ADPCM
from mynah_wire.errors import RefusedError
from mynah_wire.uplink import Audio, End, Start
from tests.device.rings import FRAME, KEY, Host, Shell, hear
from tests.wire.ends import messages_of

SPANS_MS = st.sampled_from([1, 20, 300, 6000, 70_000, 1_000_000])
REPLIES = st.integers(1, 3)


class Life(RuleBasedStateMachine):
    """A wearer, a host that may say anything, strangers, and time that turns over."""

    def __init__(self):
        super().__init__()
        self.shell = Shell()
        self.shell.now_ms = PERIOD_MS - 5000
        self.ring = self.shell.ring
        self.host = None
        self.button = False
        self.frames = 0

    # The wearer and the microphone.

    @precondition(lambda self: not self.button)
    @rule()
    def press(self):
        self.button = True
        self.shell.event(actions.PRESSED)

    @precondition(lambda self: self.button)
    @rule()
    def release(self):
        self.button = False
        self.shell.event(actions.RELEASED)

    @precondition(lambda self: self.shell.microphone_open)
    @rule()
    def microphone_starts(self):
        self.shell.microphone_starts()

    @precondition(lambda self: self.shell.microphone_open)
    @rule(frames=st.integers(1, 150))
    def microphone_hears(self, frames):
        for _ in range(frames):
            hear(self.ring.said, 1, 0)

    @precondition(lambda self: self.shell.microphone_open)
    @rule(lost=st.integers(0, 3))
    def microphone_stops(self, lost):
        self.shell.microphone_stops(10, lost)

    # The radio.

    @precondition(lambda self: not self.shell.connected)
    @rule(mtu=st.sampled_from([23, 64, 100, 185, 247, 517]))
    def connect(self, mtu):
        self.shell.connect(mtu)
        self.host = None

    @precondition(lambda self: self.shell.connected)
    @rule()
    def disconnect(self):
        self.shell.disconnect()
        self.host = None

    @precondition(lambda self: self.shell.connected and self.host is None)
    @rule(key=st.sampled_from([KEY, KEY, KEY, bytes(32)]))
    def shake_hands(self, key):
        host = Host(self.shell, key=key, mtu=self.ring.session.mtu)
        try:
            host.shake_hands()
        except RefusedError:
            return
        if self.ring.session.proven:
            self.host = host

    @precondition(lambda self: self.shell.connected)
    @rule(record=st.binary(max_size=60))
    def a_stranger_writes(self, record):
        self.shell.event(actions.RECEIVED, record)

    @rule(interval=st.integers(0, 0xFFFF))
    def the_interval_changes(self, interval):
        self.shell.event(actions.INTERVAL, interval)

    @rule(key=st.sampled_from([KEY, None]))
    def pair(self, key):
        self.shell.event(actions.PAIRED, key)

    # The host.

    @precondition(lambda self: self.host)
    @rule(message=messages_of(*kinds.HOST_SAYS))
    def the_host_says_anything(self, message):
        self.host.tell(message)

    @precondition(lambda self: self.host and self.ring.session.carries_audio)
    @rule(number=REPLIES, frame=st.integers(0, 0xFFFFFFFF), data=st.binary(max_size=163))
    def the_host_sends_any_audio(self, number, frame, data):
        self.host.tell(Audio(number, frame, data))

    @precondition(lambda self: self.host and self.ring.session.carries_audio)
    @rule(number=REPLIES, frames=st.integers(0, 20), finish=st.booleans(), go=st.booleans())
    def the_host_replies(self, number, frames, finish, go):
        self.host.tell(kinds.downlink.Preload(number, IMA_ADPCM, 0))
        self.host.tell(*[Audio(number, frame, FRAME) for frame in range(frames)])
        if finish:
            self.host.tell(kinds.downlink.Finish(number, frames))
        if go:
            self.host.tell(kinds.downlink.Go(number))

    @precondition(lambda self: self.host)
    @rule(plaintext=st.binary(min_size=1, max_size=40))
    def the_host_says_nonsense(self, plaintext):
        self.shell.event(actions.RECEIVED, self.host.channel.seal_piece(plaintext))
        self.host.listen()

    # The speaker and the clock.

    @rule(frames=st.integers(1, 30))
    def speak(self, frames):
        for _ in range(frames):
            self.shell.speaks()

    @rule(span_ms=SPANS_MS)
    def time_passes(self, span_ms):
        self.shell.pass_time(span_ms)

    @invariant()
    def the_light_is_on_whenever_the_microphone_is(self):
        assert (self.ring.light == "hearing") == self.shell.microphone_open
        assert self.ring.light in (*RHYTHMS, GLOW)

    @invariant()
    def nobody_but_the_owner_is_told_anything(self):
        if not self.ring.session.proven:
            assert not self.ring.outbox._urgent
            assert not self.ring.outbox._greeting

    @invariant()
    def queues_are_bounded(self):
        assert len(self.ring.said.held.all) <= LIMIT
        assert self.ring.playback._newest - self.ring.playback._oldest <= 100

    def teardown(self):
        """The wearer lets go, the host goes, time passes: all is quiet, and the ring is found."""
        if self.button:
            self.release()
        self.shell.pass_time(1_000_000)
        if self.shell.microphone_open:
            self.shell.microphone_stops()
        if self.shell.connected:
            self.disconnect()
        self.speak(1)
        assert self.ring.talk.state == talk.QUIET
        assert not self.ring.talk.hears
        assert self.ring.playback.state == IDLE
        self.shell.done.clear()
        self.shell.pass_time(1_000_000)
        assert actions.ADVERTISE in [name for name, _ in self.shell.done]
        assert self.ring.light in ("searching", "trouble")
        self.the_owner_comes_back()

    def the_owner_comes_back(self):
        self.shell.event(actions.PAIRED, KEY)
        self.shell.pass_time(0)
        self.shell.connect()
        host = Host(self.shell).shake_hands()
        self.press()
        self.shell.microphone_starts()
        self.shell.pass_time(1000)
        self.release()
        self.shell.microphone_stops(50)
        heard = [type(message) for message in host.listen()]
        assert [each for each in heard if each in (Start, End)] == [Start, End]


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=150, stateful_step_count=50, deadline=None)
