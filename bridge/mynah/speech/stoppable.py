"""An ONNX model whose run can be given up in the middle, from another thread."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from onnxruntime import InferenceSession, RunOptions


class StoppableSession:
    """What Piper needs of a session. A run that is given up raises ONNX Runtime's own error.

    Piper makes a sentence of ten seconds in one run of half a second; told to stop, ONNX Runtime
    ends it after the layer in hand, within 3 ms.
    """

    def __init__(self, session: InferenceSession, unwanted: Callable[[], bool]) -> None:
        """`unwanted` says whether the answer in hand was cancelled."""
        self._session = session
        self._unwanted = unwanted
        self._running = RunOptions()
        self.gives_back = False
        """A run gives back what the runs before it left free: the next is some 10 ms slower."""

    def run(self, names: Sequence[str] | None, inputs: Mapping[str, Any]) -> list[Any]:
        """As the session itself."""
        options = self._running = RunOptions()
        if self._unwanted():  # a stop that came before the line above stopped nothing
            options.terminate = True
        if self.gives_back:
            options.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
        return list(self._session.run(names, inputs, options))

    def stop(self) -> None:
        """Give up the run in hand."""
        self._running.terminate = True
