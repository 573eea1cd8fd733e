"""The whole ring, its memory and its flash: what a deep sleep takes, and what it may not."""

from hypothesis import given
from hypothesis import strategies as st

from mynah.emulator.simulated_flash import SimulatedFlash
from mynah_device import actions, power
from mynah_device.power import Power
from mynah_wire.uplink import SAID, TAPPED, Touch
from tests.device.rings import Host, Shell
from tests.device.storing import Recorded

PATIENCE_MS = (1000, 1000, 1000)
HOUR_MS = 3_600_000


class Sleeper(Recorded):
    """It is dead once it sleeps, as its RAM is; what it was then is looked at first."""

    def __init__(self, flash, boot_id, **options):
        self.slept_ms = None
        super().__init__(flash, boot_id, {}, **options)
        self.core.power = Power(PATIENCE_MS, "esp32c3", power.BY_PRESS, 0)

    def _carry_out(self, action, value):
        super()._carry_out(action, value)
        if action == actions.SLEEP:
            core = self.core
            assert core.quiet
            assert not core.session.linked
            assert all(each.whole for each in core.said.held.all)
            self.slept_ms = self._now_ms
            self.power_cut()


def test_an_utterance_is_in_flash_before_it_sleeps_and_there_after_it():
    flash = SimulatedFlash()
    ring = Sleeper(flash, 1)
    ring.press(100)
    ring.advance(2000)
    ring.release(2000)
    ring.advance(HOUR_MS)
    assert 3000 <= ring.slept_ms < 6000

    after = Sleeper(flash, 2)

    (held,) = after.core.said.held.all
    assert (held.boot_id, held.stream, held.verdict) == (1, 1, SAID)
    assert held.frames >= 95  # of 20 ms: all that was said


def test_with_a_flash_that_fails_it_stays_awake_rather_than_forget():
    flash = SimulatedFlash()
    flash.fails = True
    ring = Sleeper(flash, 1)
    ring.press(100)
    ring.advance(2000)
    ring.release(2000)

    ring.advance(HOUR_MS)

    assert ring.slept_ms is None
    assert ring.core.light == "trouble"


ACTS = st.lists(
    st.tuples(
        st.sampled_from(["finger", "connect", "disconnect", "fail", "mend"]),
        st.sampled_from([1, 40, 300, 900, 3000]),
    ),
    max_size=20,
)


@given(acts=ACTS, job_ms=st.sampled_from([1, 20, 400]))
def test_whatever_happens_a_sleep_takes_no_utterance(acts, job_ms):
    flash = SimulatedFlash(job_ms=job_ms)
    ring, boots, now_ms = Sleeper(flash, 1), 1, 0
    held, down = set(), False
    for act, span_ms in acts:
        if ring.dead:
            boots += 1
            ring, now_ms, down = Sleeper(flash, boots), 0, False
            # Maybe more: a flash that fails may not remove a touch's marker either.
            assert {(each.boot_id, each.stream) for each in ring.core.said.held.all} >= held
        linked = ring.core.session.linked
        if act == "finger":
            down = not down
            (ring.press if down else ring.release)(now_ms)
        elif act == "connect" and not linked:
            ring.connected(247, now_ms)
        elif act == "disconnect" and linked:
            ring.disconnected(now_ms)
        else:
            flash.fails = act == "fail"
        now_ms += span_ms
        ring.advance(now_ms)
        if ring.core.session.linked and ring.hung_up and not ring.dead:
            ring.disconnected(now_ms)
            ring.advance(now_ms)
        held = {(each.boot_id, each.stream) for each in ring.core.said.held.all}


def told_of(shell):
    shell.connect()
    return [each for each in Host(shell).shake_hands().heard if isinstance(each, Touch)]


def test_the_touch_that_woke_it_is_told_to_the_host_that_comes():
    shell = Shell()
    shell.event(actions.MOVED, TAPPED)
    shell.pass_time(3000)

    assert [(touch.pattern, touch.amount) for touch in told_of(shell)] == [(TAPPED, 1)]


def test_a_touch_of_long_ago_is_no_news():
    shell = Shell()
    shell.event(actions.MOVED, TAPPED)
    shell.pass_time(20_000)

    assert told_of(shell) == []


def test_a_touch_is_told_once():
    shell = Shell()
    shell.event(actions.MOVED, TAPPED)
    assert told_of(shell)
    shell.disconnect()

    assert told_of(shell) == []


def test_a_build_on_trial_stays_awake_until_its_trial_is_over():
    ring = Sleeper(SimulatedFlash(), 1)
    ring.core.on_trial = True
    ring.advance(HOUR_MS)
    assert ring.slept_ms is None

    ring.core.on_trial = False
    ring.advance(2 * HOUR_MS)

    assert ring.slept_ms is not None
