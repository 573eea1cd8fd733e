"""Inputs that each went where no other had gone: every decoder survives them, in both languages."""

import json
import resource
from pathlib import Path

import pytest

from tests.fuzz.engine import run
from tests.fuzz.host import TARGETS
from tests.fuzz.shares import Share, work
from tests.fuzz.supposed import suppose
from tests.micropython.interpreters import MICROPYTHON, NO_MICROPYTHON, run_script

FOLDER = Path(__file__).parent
HOST = (FOLDER / "corpus" / "host.txt").read_text("ascii").splitlines()
DEVICE = FOLDER / "corpus" / "device.txt"
LEAST_LINES = 100
RECORDS = 2000  # `make fuzz` tries millions
MORE_BYTES = 1 << 30  # of address space: an input that makes us hold so much is a crash


@pytest.fixture(autouse=True)
def _bounded():
    """Where the system tells how large this process is."""
    known = Path("/proc/self/statm")
    before = resource.getrlimit(resource.RLIMIT_AS)
    if known.exists():
        size = int(known.read_text("ascii").split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (size + MORE_BYTES, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_AS, before)


@pytest.mark.parametrize("name", sorted(TARGETS))
def test_the_host_survives_its_corpus(name):
    target, inputs = TARGETS[name](1), [line for line in HOST if line.split()[0] == name]

    assert inputs
    for line in inputs:
        target.take(bytes.fromhex(line.partition(" ")[2]))


@pytest.mark.parametrize("interpreter", ["micropython", "cpython"])
def test_the_ring_survives_its_corpus(interpreter):
    if interpreter == "micropython" and not MICROPYTHON.exists():
        pytest.skip(NO_MICROPYTHON)

    told = run_script(FOLDER / "device.py", "corpus", str(DEVICE), interpreter=interpreter)

    assert json.loads(told)["done"] == len(DEVICE.read_text("ascii").splitlines()) >= LEAST_LINES


@pytest.mark.parametrize("name", sorted(TARGETS))
def test_the_host_survives_fresh_inputs(name):
    outcome = run(name, seed=3, records=RECORDS)

    assert (outcome.records, outcome.crashes, outcome.hangs) == (RECORDS, [], [])


def test_the_host_survives_what_hypothesis_makes_up():
    assert suppose(records=400, seed=1).crashes == []


@pytest.mark.skipif(not MICROPYTHON.exists(), reason=NO_MICROPYTHON)
def test_the_ring_survives_fresh_inputs():
    outcome = work(Share("micropython", seed=3, records=RECORDS))

    assert (outcome.records, outcome.crashes, outcome.hangs) == (RECORDS, [], [])


# The engine itself: what it would have to find, it finds.


class Fragile:
    """Breaks, or never returns, at its fifth input."""

    def __init__(self, seed):
        self._left = 5

    def make(self, dice):
        return dice.bytes(3)

    def take(self, data):
        self._left -= 1
        if self._left == 0:
            self.give_in()

    def give_in(self):
        raise ValueError("as it had to come")


class Endless(Fragile):
    def give_in(self):
        while True:
            pass


def test_a_crash_is_found_with_its_input(monkeypatch):
    monkeypatch.setitem(TARGETS, "fragile", Fragile)

    (story,) = run("fragile", seed=1, records=100).crashes

    assert story.startswith("fragile, seed 1, input 4:")
    assert "as it had to come" in story
    assert len(story.split("the last inputs:\n")[1].split("\n")) == 5


def test_an_input_that_does_not_come_back_is_a_hang(monkeypatch):
    monkeypatch.setitem(TARGETS, "endless", Endless)
    monkeypatch.setattr("tests.fuzz.engine.LOOK_S", 0.02)

    outcome = run("endless", seed=1, records=100)

    assert (outcome.records, len(outcome.hangs), outcome.crashes) == (4, 1, [])
