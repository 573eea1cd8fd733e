"""The measure that test_run.py rests on finds what is planted."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.end_to_end.cpu_time import shares_of_a_core

pytestmark = pytest.mark.skipif(not Path("/proc").is_dir(), reason="reads /proc")

WAITS = "print(flush=True); input()"
SPINS_A_TENTH = """
import time
print(flush=True)
while True:
    begun = time.process_time()
    while time.process_time() < begun + 0.005: pass
    time.sleep(0.045)
"""
SECONDS = 0.5


def test_a_program_that_spins_a_tenth_of_the_time_is_told_from_one_that_waits():
    programs = [
        subprocess.Popen(
            [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        for code in (WAITS, SPINS_A_TENTH)
    ]
    try:
        for program in programs:
            program.stdout.readline()
        waiting, spinning = (program.pid for program in programs)
        shares = shares_of_a_core({waiting: "waits", spinning: "spins"}, SECONDS)
    finally:
        for program in programs:
            program.kill()
            program.communicate()

    assert shares["spins"] > 0.03 > shares["waits"]
