"""What the C library keeps of what was given back, in this program and in its workers."""

import ctypes
import os
import subprocess
import sys

import pytest

from mynah.speech.vad import model_path
from mynah.speech.worker import QUIET

LEARN = """
import ctypes

class Heap(ctypes.Structure):
    _fields_ = [(name, ctypes.c_size_t) for name in (
        "arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost".split()
    )]

look = ctypes.CDLL(None).mallinfo2
look.restype = Heap
large = bytes(16 * 1024 * 1024)
del large  # from now on blocks of that size come from the heap, unless glibc was told otherwise
before = look().hblks
block = bytes(8 * 1024 * 1024)
print(look().hblks - before)
"""

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux") or not hasattr(ctypes.CDLL(None), "mallinfo2"),
    reason="only glibc, from 2.33 on, tells of its heap",
)


def run(script, *arguments, environment=None):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MALLOC_")}
    command = [sys.executable, "-c", script, *map(str, arguments)]
    found = subprocess.run(
        command, capture_output=True, text=True, check=True, env=kept | (environment or {})
    )
    return found.stdout.strip()


def test_the_bridge_gives_a_large_block_back_at_once():
    told = "from mynah.heap import keep_heap_small\nassert keep_heap_small()\n"

    assert run(told + LEARN) == "1"


def test_a_worker_gives_a_large_block_back_at_once():
    assert run(LEARN, environment=QUIET) == "1"


def test_untold_the_c_library_would_keep_it():
    assert run(LEARN) == "0"


@pytest.mark.parametrize("program", ["mynah.cli", "mynah.reliability.__main__"])
def test_the_programs_tell_it_before_anything_else(program):
    script = f"""
import sys
sys.argv = ["program", "--help"]
from {program} import main
try:
    main()
except SystemExit:
    pass
sys.stdout.write("\\n")
{LEARN}
"""

    assert run(script).splitlines()[-1] == "1"


CYCLES = """
import gc
import weakref
from mynah.heap import Tidy

class Turn:
    def __init__(self):
        self.itself = self

gc.disable()
tidy = Tidy()
turns = []
for _ in range(2):
    turns.append(weakref.ref(Turn()))
    assert turns[-1]()
    tidy()
print([turn() for turn in turns], gc.get_freeze_count() > 1000)
"""


def test_what_a_turn_left_in_cycles_goes_and_what_was_loaded_is_not_looked_at_again():
    assert run(CYCLES) == "[None, None] True"


def test_the_voice_keeps_no_plan_of_memory_for_each_length():
    # In a process of its own, as Piper always is; any model will do.
    script = (
        "import sys\nfrom pathlib import Path\nfrom mynah.speech.piper_worker import _session\n"
        "print(_session(Path(sys.argv[1]), 1).get_session_options().enable_mem_pattern)"
    )

    assert run(script, model_path()) == "False"
