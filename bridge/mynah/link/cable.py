"""A serial port with a ring's console at its end: lines of text and framed records, both ways.

pyserial's blocking calls run in threads: the one way that works on every platform.
"""

import asyncio
import errno
import os
import threading
from typing import Any, Final, Self

from mynah.errors import DeviceError, LinkError
from mynah.link.console import first_answer
from mynah_wire.framing import Deframer, frame

BAUD: Final = 115_200
"""MicroPython's on a UART: 11.5 kB a second carry IMA ADPCM's 9.4; a USB port ignores it."""

WRITE_S: Final = 2.0
"""A ring that takes no byte for so long has hung."""

DEADLINE_S: Final = 10.0
"""Many boards start anew when their port is opened, and boot for 2 s."""

QUEUED: Final = 1024
"""Records or lines; twenty seconds of speech, as over the radio."""

NO_PORT: Final = "no port"

_STEP_S: Final = 0.5
_READ_S: Final = 0.2  # how long closing may take where a read can't be cancelled


class Cable:
    """Use it as `async with Cable(port) as cable`, or `open` and `close` it."""

    def __init__(self, port: str) -> None:
        """`port` is the platform's name for it: /dev/ttyACM0, COM3."""
        self.port = port
        self._port: _Port | None = None
        self._records: asyncio.Queue[bytes | LinkError] = asyncio.Queue()
        self._lines: asyncio.Queue[str] = asyncio.Queue()

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.close()

    async def open(self) -> None:
        """Take the port; LinkError says why it can't be had."""
        self._records = asyncio.Queue(QUEUED)
        self._lines = asyncio.Queue(QUEUED)
        opened = await asyncio.to_thread(_open, self.port)
        self._port = _Port(opened, asyncio.get_running_loop(), self._records, self._lines)
        self._port.start()

    async def write(self, record: bytes) -> None:
        """Send a record."""
        await self._write(frame(record))

    async def read(self) -> bytes:
        """The next record. LinkError when the port is gone, after all that came before."""
        record = await self._records.get()
        if isinstance(record, LinkError):
            self._records.put_nowait(record)  # and so for whoever asks next
            raise record
        return record

    async def ask(self, line: str) -> str:
        """Type a line on the ring's console; the first answer that begins with `mynah`."""
        try:
            async with asyncio.timeout(DEADLINE_S):
                return await self._answer(line)
        except TimeoutError:
            raise DeviceError(
                f"nothing at {self.port} answers as a ring: is its firmware running, "
                "and is no other program using the port?"
            ) from None

    def forget(self) -> None:
        """Throw away the records that came so far."""
        while not self._records.empty():
            record = self._records.get_nowait()
            if isinstance(record, LinkError):
                self._records.put_nowait(record)
                return

    async def close(self) -> None:
        """Give the port back; may be called twice. What came can still be read."""
        port, self._port = self._port, None
        if port is None:
            return
        await asyncio.to_thread(port.stop)
        _put(self._records, LinkError("the link was closed"))

    async def _write(self, data: bytes) -> None:
        if self._port is None:
            raise LinkError("the ring is not connected")
        try:
            await asyncio.to_thread(self._port.write, data)
        except OSError as error:  # pyserial's are OSErrors, its time-out too
            raise _lost(self.port, error) from error

    async def _answer(self, line: str) -> str:
        # The empty line ends whatever half a line noise has left there.
        typed = b"\n" + line.encode() + b"\n"
        return await first_answer(lambda: self._write(typed), self._lines, _STEP_S)


def _open(name: str) -> Any:
    import serial

    try:
        return serial.Serial(name, BAUD, timeout=_READ_S, write_timeout=WRITE_S, exclusive=True)
    except (OSError, ValueError) as error:
        raise LinkError(_refused(name, error), retryable=False) from error


def _refused(name: str, error: Exception) -> str:
    number = getattr(error, "errno", None)
    if number in (errno.ENOENT, errno.ENXIO, errno.ENODEV):
        return f"{NO_PORT} {name}: is the cable plugged in? there are {_ports()}"
    if number in (errno.EACCES, errno.EPERM):
        return (
            f"no permission to use {name}: join its group, on Debian and Ubuntu "
            "`sudo usermod -aG dialout $USER`, and log in again"
        )
    if number in (errno.EBUSY, errno.EAGAIN, errno.EWOULDBLOCK):
        return f"{name} is busy: another program has it open; close that first"
    return f"{name} can't be opened as a serial port: {error}"


def _ports() -> str:
    from serial.tools.list_ports import comports

    return ", ".join(sorted(port.device for port in comports())) or "no serial ports at all"


def _lost(name: str, error: Exception) -> LinkError:
    reason = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else str(error)
    return LinkError(f"the cable at {name} was pulled, or the ring hangs: {reason}")


class _Port(threading.Thread):
    """An open port; the thread reads all that comes, until it is closed or gone."""

    def __init__(
        self,
        port: Any,  # pyserial has no types
        loop: asyncio.AbstractEventLoop,
        records: "asyncio.Queue[bytes | LinkError]",
        lines: "asyncio.Queue[str]",
    ) -> None:
        super().__init__(name=f"reads {port.name}", daemon=True)
        self._port = port
        self._loop = loop
        self._records = records
        self._lines = lines
        self._writing = threading.Lock()
        self._stopping = False

    def write(self, data: bytes) -> None:
        """Send these bytes and no others between them."""
        # A thread goes on though the coroutine that waited for it was cancelled.
        with self._writing:
            self._port.write(data)

    def stop(self) -> None:
        """Close the port; returns when it is free for anybody else."""
        self._stopping = True
        self._port.cancel_read()
        self.join()
        with self._writing:
            self._port.close()

    def run(self) -> None:
        deframer = Deframer()
        try:
            while not self._stopping:
                data = self._port.read(max(1, self._port.in_waiting))
                for record in deframer.feed(data):
                    self._loop.call_soon_threadsafe(_put, self._records, record)
                for line in deframer.take_lines():
                    self._loop.call_soon_threadsafe(_put, self._lines, line)
        except OSError as error:
            self._loop.call_soon_threadsafe(_put, self._records, _lost(self._port.name, error))


def _put(queue: "asyncio.Queue[Any]", item: object) -> None:
    if queue.full():
        queue.get_nowait()
        if isinstance(item, bytes):
            item = LinkError(f"{QUEUED} records wait: the bridge does not keep up")
    queue.put_nowait(item)
