"""The host's end of the channel to the stand-ins inside one emulated ring."""

import asyncio
import socket
import struct
from collections.abc import Callable

from mynah.emulator.chip import _topics as topics
from mynah.errors import EmulatorError

Handler = Callable[[bytes], None]

# The radio lets at most some 200 kB/s through; a ring that has left this much unread is hung.
MAX_UNREAD_BYTES = 256 * 1024


class Channel:
    """One ring's messages. Set handlers with `on`, then keep `run` going; `send` at any time."""

    def __init__(self, sock: socket.socket) -> None:
        """Take ownership of a connected stream socket; it is closed by `run` or `close`."""
        self._sock = sock
        self._handlers: dict[int, Handler] = {}
        self._writer: asyncio.StreamWriter | None = None
        self._early = bytearray()
        self._failure: EmulatorError | None = None
        self._running = False
        self._closed = False

    def on(self, topic: int, handler: Handler) -> None:
        """Call `handler(body)` for each message of this topic; one handler a topic."""
        if topic in self._handlers:
            raise ValueError(f"topic 0x{topic:02x} has a handler already")
        self._handlers[topic] = handler

    def send(self, topic: int, body: bytes) -> None:
        """Send one message at once; what is sent to a ring that is gone is lost."""
        if self._closed:
            return
        message = struct.pack(topics.HEADER, len(body), topic) + body
        if self._writer is None:
            self._early += message
            return
        self._writer.write(message)
        unread = self._writer.transport.get_write_buffer_size()
        if unread > MAX_UNREAD_BYTES:
            self._failure = EmulatorError(
                f"the emulated ring has left {unread} bytes unread: its firmware never yields"
            )
            self._writer.transport.abort()

    async def run(self) -> None:
        """Deliver messages until `close`; raise EmulatorError when the ring's process goes away."""
        try:
            if not self._closed:
                self._running = True
                reader, self._writer = await asyncio.open_connection(sock=self._sock)
                self._writer.write(bytes(self._early))
                await self._deliver(reader)
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            if not self._closed:
                raise self._failure or EmulatorError("the emulated ring stopped") from error
        finally:
            self._running = False
            self.close()

    def close(self) -> None:
        """Cut the channel, which ends the ring's process; may be called again."""
        self._closed = True
        if self._writer is not None:
            self._writer.close()
        elif not self._running:
            self._sock.close()

    async def _deliver(self, reader: asyncio.StreamReader) -> None:
        while not self._closed:
            header = await reader.readexactly(topics.HEADER_BYTES)
            length, topic = struct.unpack(topics.HEADER, header)
            body = await reader.readexactly(length)
            handler = self._handlers.get(topic)
            if handler is not None:
                handler(body)
