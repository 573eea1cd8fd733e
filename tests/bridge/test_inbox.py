"""Whatever fails and in whatever order: what was said is answered once, and KEPT is never early."""

from hypothesis import given, settings
from hypothesis import strategies as st

from mynah.inbox.fake_disk import KilledError
from mynah.inbox.wants import Tick
from tests.bridge.inbox_model import Host

STEPS = ("press", "speak", "release", "cut", "connect", "fetch", "air", "answer", "wait", "held")
PHRASES = {  # at random alone they are seldom
    "say": ("press", "speak", "air", "release", "air"),
    "catch up": ("connect", "air", "fetch", "air", "fetch", "air"),
    "reconnect": ("cut", "connect", "air"),
    "say away": ("cut", "press", "speak", "release", "connect", "air", "fetch", "air"),
}
FAULTS = ("lose", "deaf", "hears", "kill", "kill at", "full", "room", "fails", "works")

steps = st.tuples(
    st.sampled_from((*STEPS, *PHRASES, *PHRASES, *FAULTS, "answer", "kill", "connect")),
    st.integers(1, 40),
    st.randoms(use_true_random=False),
)


def act(host, what, number, chance):
    for part in PHRASES.get(what, ()):
        act(host, part, number, chance)
    if what in ("press", "speak", "release", "fetch", "held", "deaf", "hears"):
        act_on_ring(host, what, number)
    elif what in ("fails", "works", "full", "room", "kill at"):
        act_on_disk(host.disk, what, number)
    elif what == "lose":
        host.pass_on(lambda: chance.random() < 0.3)
    elif what == "wait":
        host.wait(number * 1000.0)
    elif what not in PHRASES:
        {"air": host.pass_on}.get(what, getattr(host, what, None))()


def act_on_ring(host, what, number):
    ring = host.ring
    match what:
        case "press" if ring.open is None:
            host.air += ring.press() + ring.speak()
        case "speak" if ring.open is not None:
            for _ in range(number):
                host.air += ring.speak()
        case "release" if ring.open is not None:
            host.air += ring.release()
        case "fetch":
            host.air += ring.past(number)
        case "held" if ring.connected:
            host.air += ring.held()
        case "deaf" | "hears":
            ring.deaf = what == "deaf"


def act_on_disk(disk, what, number):
    match what:
        case "kill at":
            disk.before = Kills(number)
        case "full" | "room":
            disk.room_bytes = 0 if what == "full" else 1 << 30
        case _:
            disk.fails = what == "fails"


class Kills:
    """At the n-th change to the disk."""

    def __init__(self, number):
        self.left = number

    def __call__(self, what, name):
        self.left -= 1
        if self.left <= 0:
            raise KilledError


@settings(max_examples=300)
@given(st.lists(steps, max_size=40))
def test_all_that_was_said_is_told_once_or_told_lost(script):
    host = Host()
    for what, number, chance in script:
        try:
            act(host, what, number, chance)
        except KilledError:
            host.kill()
    host.settle()

    assert host.lost == {}
    assert {key for key in host.told if host.told[key] > 1} <= host.unsure
    assert host.ring.said - host.unsure <= set(host.told) <= host.ring.said


def refused_once():
    """Three utterances wait in the ring; of the first the disk has refused the beginning."""
    host = Host()
    for _ in range(3):
        act_on_ring(host, "press", 0)
        act_on_ring(host, "speak", 20)
        act_on_ring(host, "release", 0)
    act_on_disk(host.disk, "full", 0)
    host.connect()
    host.pass_on()
    host.air += host.ring.past(10)
    host.pass_on()
    return host


def test_what_the_disk_refused_is_not_given_up_while_the_ring_sends_something_else():
    host = refused_once()
    act(host, "press", 0, None)

    host.wait(60_000.0)  # live speech goes first: the ring sends nothing else, and tells of nothing
    host.settle()

    assert host.lost == {}
    assert set(host.told) == host.ring.said


def test_what_the_disk_refused_is_not_given_up_while_a_ring_without_memory_is_spoken_to():
    host = refused_once()
    host.cut()
    act_on_ring(host, "press", 0)
    host.connect()
    host.pass_on()

    for _ in range(60):  # it can keep nothing of what is said, and fetched: no sound, and no HELD
        host.now_ms += 1000.0
        host.handle(Tick())
    host.settle()

    assert host.lost == {}
    assert set(host.told) == host.ring.said
