"""Waits as a chip does: until something happens, not a millisecond at a time.

The Unix port looks at objects that are no files (every ThreadSafeFlag) once a millisecond, and then
spends that millisecond even on a step that has nothing to wait for: a loop of some ten tasks needs
7 ms for what a chip does at once. Here nothing but this process's one thread can set a flag, so if
none is set now, none will be before a file is ready or the time is up.
"""

import asyncio
import select

_STREAM_POLL = 3  # the stream protocol's request "what are you ready for?"
_RECHECK_MS = 1  # objects whose readiness depends on the time


class Poller:
    """What asyncio's IOQueue needs of `select.poll()`."""

    def __init__(self):
        self._files = select.poll()
        self._objects = {}

    def register(self, stream, events):
        """Watch a stream."""
        if hasattr(stream, "ioctl"):
            self._objects[id(stream)] = (stream, events)
        else:
            self._files.register(stream, events)

    modify = register

    def unregister(self, stream):
        """Watch it no more."""
        if id(stream) in self._objects:
            del self._objects[id(stream)]
        else:
            self._files.unregister(stream)

    def ipoll(self, timeout_ms):
        """The streams that are ready, after at most `timeout_ms`; for ever if it is negative."""
        while True:
            ready = self._ready_objects()
            ready += self._files.poll(0 if ready else self._longest_wait_ms(timeout_ms))
            if ready or timeout_ms >= 0:
                return ready

    def _longest_wait_ms(self, timeout_ms):
        flags_only = all(
            isinstance(stream, asyncio.ThreadSafeFlag) for stream, _ in self._objects.values()
        )
        return timeout_ms if flags_only or 0 <= timeout_ms <= _RECHECK_MS else _RECHECK_MS

    def _ready_objects(self):
        found = []
        for stream, events in self._objects.values():
            flags = stream.ioctl(_STREAM_POLL, events)
            if flags:
                found.append((stream, flags))
        return found


asyncio.core._io_queue.poller = Poller()
