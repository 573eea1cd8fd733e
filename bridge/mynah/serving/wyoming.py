"""Wyoming's server: ears, voice and companion for Home Assistant and its like.

The protocol knows no token and no Host, so every program of this computer may use it, and it is
off unless a port is set. A web page can't: the first line of its request is no event.
"""

import asyncio
import logging
import os
from contextlib import aclosing
from typing import Final, Self

from mynah.errors import MynahError, one_line
from mynah.seeing.loopback import LOOPBACK
from mynah.serving.answer_text import Asked
from mynah.serving.services import Services
from mynah.serving.transcriptions import check_language
from mynah.serving.wyoming_info import info
from mynah.serving.wyoming_sound import Heard, sound_events
from mynah.serving.wyoming_wire import MOST_LINE_BYTES, Event, WyomingError, read_event
from mynah.speech.sentences import ClauseSplitter

MOST_CHARACTERS: Final = 8000
"""Of a text, whatever is to become of it."""

MOST_CONNECTIONS: Final = 16
MOST_WAITING: Final = 64
"""Events that were sent and not looked at yet; then the sender waits."""

QUIET_S: Final = 600.0
"""A connection that says nothing for so long is closed."""

TAKE_S: Final = 10.0

_logger = logging.getLogger(__name__)


class WyomingServer:
    """Use it as `async with WyomingServer(services, port)`."""

    def __init__(self, services: Services, port: int = 0) -> None:
        self.port = port
        self._services = services
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        try:
            self._server = await asyncio.start_server(
                self._accept, LOOPBACK, self.port, limit=MOST_LINE_BYTES
            )
        except OSError as error:
            reason = os.strerror(error.errno) if error.errno else str(error)
            raise MynahError(
                f"port {self.port} for Wyoming can't be opened ({reason}); set serving.wyoming_port"
            ) from error
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._tasks) >= MOST_CONNECTIONS:
            writer.transport.abort()
            return
        task = asyncio.create_task(_keep(self._services, reader, writer), name="wyoming")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _keep(
    services: Services, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """Until it hangs up, which also stops what is being done for it: there is no other cancel."""
    events: asyncio.Queue[Event] = asyncio.Queue(MOST_WAITING)
    serving = asyncio.create_task(_serve(services, events, writer), name="wyoming serve")
    hearing = asyncio.create_task(_hear(reader, events), name="wyoming hear")
    try:
        await asyncio.wait({serving, hearing}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (serving, hearing):
            task.cancel()
        ended = await asyncio.gather(serving, hearing, return_exceptions=True)
        writer.close()
    for error in ended:
        if isinstance(error, Exception) and not isinstance(error, OSError | WyomingError):
            _logger.warning("a connection of Wyoming's failed: %s", type(error).__name__)


async def _hear(reader: asyncio.StreamReader, events: asyncio.Queue[Event]) -> None:
    while True:
        async with asyncio.timeout(QUIET_S):
            event = await read_event(reader)
        if event is None:
            return
        await events.put(event)


async def _serve(
    services: Services, events: asyncio.Queue[Event], writer: asyncio.StreamWriter
) -> None:
    client = _Client(services, writer)
    while True:
        try:
            await client.take(await events.get())
        except MynahError as error:
            await client.send("error", text=one_line(error), code=type(error).__name__)


class _Client:
    """One connection's conversation."""

    def __init__(self, services: Services, writer: asyncio.StreamWriter) -> None:
        self._services = services
        self._writer = writer
        self._heard = Heard()
        self._splitter: ClauseSplitter | None = None
        self._sounding = False
        self._characters = 0

    async def take(self, event: Event) -> None:
        """WyomingError if it can't be done; what is not known is left out, as is the custom."""
        match event.type:
            case "describe":
                await self._write(Event("info", info(self._services.names)))
            case "ping":
                await self._write(Event("pong", {"text": event.data.get("text")}))
            case "transcribe":
                check_language(str(event.data.get("language") or ""), self._services.names.language)
            case "audio-start" | "audio-chunk":
                self._heard.take(event)
            case "audio-stop":
                await self._transcribe()
            case "transcript":
                await self._handle(event.text("text", MOST_CHARACTERS))
            case name if name.startswith("synthesize"):
                await self._synthesize(event)

    async def send(self, name: str, **data: object) -> None:
        await self._write(Event(name, data))

    async def _transcribe(self) -> None:
        heard = await self._services.transcriber.transcribe(self._heard.finish())
        await self.send("transcript", text=heard.text, language=heard.language)

    async def _handle(self, text: str) -> None:
        whole: list[str] = []
        await self.send("handled-start")
        async with aclosing(Asked(self._services, text).text()) as pieces:
            async for piece in pieces:
                whole.append(piece)
                await self.send("handled-chunk", text=piece)
        await self.send("handled", text="".join(whole))
        await self.send("handled-stop")

    async def _synthesize(self, event: Event) -> None:
        match event.type:
            case "synthesize" if self._splitter is None:
                splitter = ClauseSplitter()
                text = event.text("text", MOST_CHARACTERS)
                await self._speak([*splitter.push(text), *splitter.flush()])
                await self._silence()
            case "synthesize-start":
                self._splitter, self._characters = ClauseSplitter(), 0
            case "synthesize-chunk" if self._splitter is not None:
                text = event.text("text", MOST_CHARACTERS)
                self._characters += len(text)
                if self._characters > MOST_CHARACTERS:
                    raise WyomingError(f"there is more than {MOST_CHARACTERS} characters to say")
                await self._speak(self._splitter.push(text))
            case "synthesize-stop" if self._splitter is not None:
                rest, self._splitter = self._splitter.flush(), None
                await self._speak(rest)
                await self._silence()
                await self.send("synthesize-stopped")

    async def _speak(self, clauses: list[str]) -> None:
        voice = self._services.synthesizer.reply()
        for clause in clauses:
            async with aclosing(voice.speak(clause)) as pieces:
                async for samples in pieces:
                    for event in sound_events(samples, begin=not self._sounding):
                        await self._write(event)
                    self._sounding = True

    async def _silence(self) -> None:
        if not self._sounding:
            for event in sound_events(None, begin=True):
                await self._write(event)
        self._sounding = False
        await self.send("audio-stop")

    async def _write(self, event: Event) -> None:
        self._writer.write(event.encoded())
        async with asyncio.timeout(TAKE_S):
            await self._writer.drain()
