"""An utterance's life in random order: delivered, held, or told lost; never two different ones."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from mynah.emulator.simulated_flash import SimulatedFlash
from mynah_device.held import LIMIT
from tests.device.storing import Bench

SPANS_MS = st.sampled_from([20, 100, 400, 1500, 6000])
# 3 s in memory, 2.5 s in flash: each is sometimes full.
MEMORY_FRAMES = 150
FLASH_BYTES = 40_000


class Life(RuleBasedStateMachine):
    """A wearer, a host, a radio, and power, all of them moody."""

    def __init__(self):
        super().__init__()
        flash = SimulatedFlash(capacity_bytes=FLASH_BYTES)
        self.bench = Bench(flash, memory_frames=MEMORY_FRAMES)
        self.button = False
        self.told_by_light = set()  # boots in which the flash failed: then it shows trouble
        self.powerless = set()  # boots that a power cut ended

    @precondition(lambda self: not self.button)
    @rule()
    def press(self):
        self.button = True
        self.bench.ring.press(self.bench.now_ms)

    @precondition(lambda self: self.button)
    @rule()
    def release(self):
        self.button = False
        self.bench.ring.release(self.bench.now_ms)

    @rule(span_ms=SPANS_MS)
    def time_passes(self, span_ms):
        self.bench.wait(span_ms)
        if self.bench.ring.dead:
            self.boots_again()

    @precondition(lambda self: not self.button)
    @rule(span_ms=SPANS_MS, pause_ms=SPANS_MS)
    def hold(self, span_ms, pause_ms):
        self.press()
        self.time_passes(span_ms)
        if self.button:
            self.release()
        self.time_passes(pause_ms)

    @precondition(lambda self: not self.bench.connected)
    @rule()
    def connect(self):
        self.bench.connect()

    @precondition(lambda self: self.bench.connected)
    @rule()
    def cut(self):
        self.bench.cut()

    @rule(torn=st.integers(0, 999))
    def the_power_goes(self, torn):
        self.bench.ring.power_cut(torn)
        self.boots_again()

    @rule(more_bytes=st.integers(1, 3000), torn=st.booleans())
    def the_power_will_go_in_a_write(self, more_bytes, torn):
        self.bench.flash.torn = torn
        self.bench.flash.cut_at_byte = self.bench.flash.written_bytes + more_bytes

    @rule(fails=st.booleans())
    def the_flash_fails_or_not(self, fails):
        self.bench.flash.fails = fails
        self.told_by_light.add(self.bench.boots)

    def boots_again(self):
        self.powerless.add(self.bench.boots)
        self.button = False
        self.bench.boot()
        if self.bench.flash.fails:
            self.told_by_light.add(self.bench.boots)

    @invariant()
    def what_is_kept_is_bounded(self):
        assert len(self.bench.ring.core.said.held.all) <= LIMIT
        assert len(self.bench.flash.files) <= 2 * LIMIT

    def teardown(self):
        bench = self.bench
        bench.flash.fails, bench.flash.cut_at_byte = False, None
        if self.button:
            self.release()
        bench.wait(62_000)
        if not bench.connected:
            self.connect()
        bench.wait(20_000)
        assert bench.ring.core.said.held.all == []
        for key, state in bench.started.items():
            self.is_accounted_for(key, state)

    def is_accounted_for(self, key, state):
        boot_id, _ = key
        letter = self.bench.host.letters.get(key)
        if state != "over" or (letter is None and boot_id in self.told_by_light & self.powerless):
            return
        assert letter is not None, key
        if letter.length is None:  # the host knows of it, and that its boot is over
            assert boot_id in self.powerless
        else:
            assert len(letter.frames) + letter.missing == letter.length


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=20, stateful_step_count=30, deadline=None)
