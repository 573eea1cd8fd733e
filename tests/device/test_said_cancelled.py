"""A microphone that a touch opened: what of it is kept, and for how long."""

from mynah_device import actions
from mynah_device.flash_jobs import COMMIT, DONE, REMOVE
from mynah_wire.downlink import Fetch, Kept
from mynah_wire.uplink import CANCELLED, Held
from tests.device.rings import Host, Shell, connected
from tests.device.test_ring import of


def test_a_touch_that_no_host_knows_of_is_never_held():
    shell = Shell(frames=100, flash_bytes=100_000)
    shell.ring.said.begin(1, 1, 0, live=False)
    shell.ring.said.finish(CANCELLED, 5, 0, 0, proven=False)

    assert shell.ring.said.held.all == []


def test_that_it_was_only_a_touch_is_told_again_until_the_host_knows():
    shell, host = connected(frames=100, flash_bytes=100_000)
    shell.event(actions.PRESSED)
    shell.microphone_starts()
    shell.microphone_hears(3)
    shell.disconnect()  # the host has its beginning, and waits for the rest
    shell.ring.said.finish(CANCELLED, 3, 0, 0, proven=False)
    shell.connect()
    host = Host(shell).shake_hands()

    assert of(Held, host.heard) == [Held(7, 1, 1, CANCELLED, 0, 0)]
    assert host.tell(Fetch(5, 7, 1, 0)) == [Held(7, 1, 1, CANCELLED, 0, 0)]
    host.tell(Kept(7, 1))
    assert shell.ring.said.held.all == []


def test_its_marker_goes_even_if_it_was_just_being_written():
    shell, _ = connected(frames=100, flash_bytes=100_000)
    shell.event(actions.PRESSED)
    shell.microphone_starts()
    assert shell.ring.flash_job().kind == COMMIT
    shell.ring.said.finish(CANCELLED, 3, 0, 0, proven=True)
    shell.event(actions.RELEASED)
    shell.microphone_stops()
    shell.ring.flash_done(DONE, 0)

    kinds = []
    while (job := shell.ring.flash_job()) is not None:
        kinds.append(job.kind)
        shell.ring.flash_done(DONE, 0)
    assert kinds == [REMOVE]
