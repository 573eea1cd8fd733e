"""How many cores we keep busy: ours and our children's, and not the emulated ring's."""

import shutil
import subprocess
import sys
import time

import pytest

from mynah.bench import cores
from mynah.bench.cores import CoreMeter, busy_seconds, seconds

BUSY = "import time\nwhile time.process_time() < 0.3: pass\nprint(flush=True)\ninput()"


@pytest.fixture
def busy():
    """Starts a child that was busy for 0.3 s, and waits."""
    children = []

    def start(program):
        child = subprocess.Popen(
            [program, "-c", BUSY], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        children.append(child)
        child.stdout.readline()
        return child.pid

    yield start
    for child in children:
        child.communicate()


def test_a_child_counts(busy):
    pid = busy(sys.executable)

    assert busy_seconds()[pid] == pytest.approx(0.3, abs=0.15)


@pytest.mark.skipif(shutil.which("ps") is None, reason="there is no `ps` here")
def test_ps_says_the_same(busy):
    pid = busy(sys.executable)

    assert pid in dict(cores._from_ps())


def test_the_emulated_ring_does_not_count(busy, tmp_path):
    ring = tmp_path / cores.INTERPRETER
    ring.symlink_to(sys.executable)

    assert busy(str(ring)) not in busy_seconds()


def test_what_was_spent_before_does_not_count():
    meter = CoreMeter()
    end = time.process_time() + 0.05
    while time.process_time() < end:
        pass
    meter.begin()
    meter.begin()
    until = time.monotonic() + 0.05
    while time.monotonic() < until:
        pass
    meter.read()

    assert 0.1 < meter.cores < 3


def test_nothing_was_spent_of_no_time():
    assert CoreMeter().cores == 0


@pytest.mark.parametrize(
    ("told", "expected"), [("00:01:02", 62), ("1:02.50", 62.5), ("2-03:04:05", 183_845)]
)
def test_the_times_of_ps_are_read(told, expected):
    assert seconds(told) == expected
