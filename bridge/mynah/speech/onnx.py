"""Small ONNX models, run so that nobody else notices: one thread, no spinning, no hoard."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from onnxruntime import InferenceSession


@cache
def session(path: Path) -> "InferenceSession":
    """A loaded model, one for all: it remembers nothing of what it ran, and runs in any thread.

    One for each turn took 1.5 MB and 1.6 ms of each, and left holes in the heap.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.inter_op_num_threads = 1
    options.intra_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # A frame of Silero's needs 10 kB; an arena would keep the memory of the longest recording.
    options.enable_cpu_mem_arena = False
    options.enable_mem_pattern = False  # a plan for each length of sound, for ever
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
