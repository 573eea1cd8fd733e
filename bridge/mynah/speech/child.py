"""The worker's end of the pipe: requests come in on stdin, answers go out on what was stdout.

A worker has no error handling of its own: it dies, its last line on stderr says why, and the
host starts another. It also ends when stdin does, so that no worker outlives its host.
"""

import os
import queue
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, BinaryIO, Final

from mynah.heap import Tidy
from mynah.speech.messages import Message, parse_header

PAUSE_S: Final = 1.0
"""Without a request: nobody speaks, or a reply sounds. Whisper's decodes leave 20 to 50 MB of heap
free. Without them it stays at 106 MB, where it had 125 to 155, and a decode takes 46 ms as before.
"""

Reply = tuple[Mapping[str, Any], bytes]
Handler = Callable[[Message], Iterator[Reply]]


class ChildPipe:
    """Make this before anything that may print: from here on, prints go to stderr."""

    def __init__(self) -> None:
        # Ctrl-C reaches the whole group; the host decides when a worker ends.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        self._output = os.fdopen(os.dup(1), "wb")
        os.dup2(2, 1)
        self._requests: queue.SimpleQueue[Message] = queue.SimpleQueue()
        self._in_hand = 0
        self._cancelled = -1
        self._tidy = Tidy()
        self.on_cancel: Callable[[], None] = lambda: None
        """Called on another thread: may make the handler of the request in hand fail at once."""
        self.on_pause: Callable[[], None] = lambda: None
        """Called when nothing was asked for a while: what is asked meanwhile waits for it."""

    @property
    def cancelled(self) -> bool:
        """Nobody wants the answer in hand any more."""
        return self._in_hand <= self._cancelled

    def waits(self) -> bool:
        """Whether another request does."""
        return not self._requests.empty()

    def serve(self, handler: Handler, **ready: object) -> None:
        """Say that we are ready, then answer requests in order, until stdin ends."""
        # A stream of our own: the interpreter, as it ends, would wait for the lock of sys.stdin.
        requests = os.fdopen(os.dup(0), "rb")
        reader = threading.Thread(target=self._read, args=(requests,), daemon=True)
        reader.start()
        self._send(Message("ready", 0, ready))
        while True:
            request = self._next()
            self._in_hand = request.id
            self._unless_cancelled(partial(self._answer, handler, request))
            self._send(Message("done", request.id))

    def _next(self) -> Message:
        """The next request; in a pause before it goes back what is free."""
        try:
            return self._requests.get(timeout=PAUSE_S)
        except queue.Empty:
            self._in_hand = self._cancelled + 1  # nobody's, so that nobody has given it up
            self._unless_cancelled(self.on_pause)
            self._tidy()
            return self._requests.get()

    def _unless_cancelled(self, do: Callable[[], None]) -> None:
        """What is cancelled may fail."""
        try:
            do()
        except Exception:
            if not self.cancelled:
                raise

    def _answer(self, handler: Handler, request: Message) -> None:
        replies = handler(request)
        while not self.cancelled:
            reply = next(replies, None)
            if reply is None:
                return
            if not self.cancelled:
                self._send(Message("reply", self._in_hand, *reply))

    def _send(self, message: Message) -> None:
        self._output.write(message.encode())
        self._output.flush()

    def _read(self, stream: BinaryIO) -> None:
        """On a thread of its own, so that a cancel is seen while the model runs."""
        while line := stream.readline():
            message, length = parse_header(line)
            if message.kind == "cancel":
                self._cancelled = message.id
                self.on_cancel()
            else:
                self._requests.put(replace(message, payload=stream.read(length)))
        # The main thread may be deep inside a model: nothing here needs tidying up.
        os._exit(0)
