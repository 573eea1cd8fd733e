"""A fake of SillyTavern's tab, and the bridge that it is connected to: for tests and authors."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any, Final, Self

from mynah.companions.base import Companion
from mynah.companions.parrot import Parrot
from mynah.seeing.gate import OFFERED, SUBPROTOCOL
from mynah.seeing.loopback import LOOPBACK, LoopbackServer
from mynah.serving.api import house
from mynah.serving.services import Names, Services
from mynah.serving.tabs import Tabs
from mynah.speech.asr import ScriptedTranscriber
from mynah.speech.tts import ToneSynthesizer

TOKEN: Final = "f" * 64
ORIGIN: Final = "http://127.0.0.1:8000"

ABOUT: Final = {
    "echo": "says back what it was told, word by word",
    "trickle": "as echo, a letter at a time",
    "stall": "falls silent in mid-answer",
    "hang": "never answers",
    "error": "reports an error in mid-answer",
    "cut": "is closed in mid-answer",
    "garbage": "sends what it should not",
    "binary": "sends bytes",
    "controls": "sends control characters",
    "endless": "never ends",
}


@dataclass(slots=True)
class Request:
    """What the tab was asked, and how that ended."""

    told: str
    """The chat as it stood, with what was said."""
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    hung_up: bool = False


class FakeTab:
    """Use it as `async with FakeTab()`; its `tabs` are what the companion talks to."""

    def __init__(self, wait_s: float = 1.0) -> None:
        self.requests: list[Request] = []
        self.asked = asyncio.Event()
        self.events: list[dict[str, Any]] = []
        """Touches, as they came."""
        self.chat: list[dict[str, str]] = []
        self.tabs = Tabs(wait_s)
        self._way = "echo"
        self._stack = AsyncExitStack()
        self._connected = asyncio.Event()
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._open: dict[str, Request] = {}
        self._mine: dict[str, int] = {}

    def behave(self, way: str) -> None:
        self._way = way

    async def __aenter__(self) -> Self:
        services = Services(
            ScriptedTranscriber([]), ToneSynthesizer(), _nobody(), Names(), tabs=self.tabs
        )
        server = LoopbackServer(house(services, TOKEN, (ORIGIN,)))
        self._server = await self._stack.enter_async_context(server)
        self._living = asyncio.create_task(self._live(), name="fake tab")
        await self._connected.wait()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._living.cancel()
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(self._living, *self._tasks.values(), return_exceptions=True)
        await self._stack.aclose()

    async def say(self, **message: Any) -> None:
        """As the extension does."""
        await self._socket.send(json.dumps(message))

    async def _live(self) -> None:
        """Whenever it is closed it is opened again, as by who notices."""
        from websockets.asyncio.client import connect
        from websockets.exceptions import ConnectionClosed

        while True:
            connecting = connect(
                f"ws://{LOOPBACK}:{self._server.port}/ring",
                subprotocols=[SUBPROTOCOL, OFFERED + TOKEN],  # type: ignore[list-item]
                origin=ORIGIN,  # type: ignore[arg-type]
                proxy=None,
            )
            async with connecting as self._socket:
                self._connected.set()
                with contextlib.suppress(ConnectionClosed):
                    async for text in self._socket:
                        self._take(json.loads(text))

    def _take(self, message: dict[str, Any]) -> None:
        match message["op"]:
            case "user":
                self._say(message)
            case "stop":
                self._stop(message)
            case "event":
                self.events.append(message)

    def _say(self, message: dict[str, Any]) -> None:
        name = message["id"]
        self.chat.append({"name": "user", "mes": message["text"]})
        request = Request("\n".join(each["mes"] for each in self.chat))
        self.chat.append({"name": "character", "mes": ""})
        self._mine[name] = len(self.chat) - 1
        self._open[name] = request
        self.requests.append(request)
        self.asked.set()
        self._tasks[name] = asyncio.create_task(self._answer(name, message["text"], request))

    def _stop(self, message: dict[str, Any]) -> None:
        name = message["id"]
        request = self._open.get(name)
        if request is not None and not request.ended.is_set():
            request.hung_up = True
            request.ended.set()
            self._tasks[name].cancel()
        if "heard" in message and name in self._mine:
            self.chat[self._mine[name]]["mes"] = message["heard"]

    async def _answer(self, name: str, said: str, request: Request) -> None:
        if self._way == "hang":
            return
        if self._way in {"garbage", "binary"}:
            await self._socket.send("{}" if self._way == "garbage" else bytes(range(256)))
            return
        async for text in self._texts(said):
            self.chat[self._mine[name]]["mes"] += text
            await self.say(id=name, delta=text)
        match self._way:
            case "stall":
                return
            case "cut":
                await self._socket.close()
            case "error":
                await self.say(id=name, error="no API is connected.")
            case _:
                await self.say(id=name, end=True)
        request.ended.set()

    async def _texts(self, said: str) -> AsyncIterator[str]:
        if self._way == "controls":
            yield "Hello \x1b[2J\x07\x00there. "
        words = [f"{word} " for word in f"You said: {said}".split()]
        if self._way == "trickle":
            words = list("".join(words))
        for word in words:
            yield word
            await asyncio.sleep(0)
        while self._way == "endless":
            yield "and so on, "
            await asyncio.sleep(0)


def _nobody() -> Companion:
    from mynah.companions.guest import Guest

    return Guest("nobody", Parrot())
