"""The browser tab in which SillyTavern runs: it is asked, it answers, and it may begin by itself.

to the tab     {"op": "user", "id": "r1", "text": "…", "ring": "…"}   say this, and answer
               {"op": "stop", "id": "r1", "heard": "…"}    enough; so much of it was heard
               {"op": "event", "kind": "tap", "line": "…"} the ring was touched
from the tab   {"id": "r1", "delta": "…"}, {"id": "r1", "emotion": "joy"},
               {"id": "r1", "end": true}, {"id": "r1", "error": "…"}
               {"id": "s1", "begin": true}   something was answered that nobody here had said
"""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from itertools import count
from typing import Any, Final, TypeAlias

from mynah.companions.base import Begin, Emotion, Piece, Said
from mynah.errors import CompanionError

MOST_MESSAGE_BYTES: Final = 256 * 1024
"""A message with the whole of a long answer in it; that is ten minutes of speech."""

LONGEST_ID: Final = 40
LONGEST_WHY: Final = 200
MOST_REPLIES: Final = 4
"""Open at once: one that was asked for, one that began by itself, and what is on its way out. The
oldest is forgotten."""

MOST_PIECES: Final = 10_000
"""Of a reply that nobody reads: in words, an hour."""

MOST_WAITING: Final = 200
"""Messages for a tab that takes none: it is asleep, and is given up."""

WAIT_S: Final = 90.0
"""For the next words: a model on a slow computer reads a long chat for a minute first."""

RELOAD_S: Final = 4.0
"""For a page that is loaded again; its extension comes back within seconds."""

_WHOSE: Final = "the tab of SillyTavern"
_Item: TypeAlias = Piece | CompanionError | None
BEGIN: Final = ""


class Tab:
    """One that is connected."""

    def __init__(self, wait_s: float = WAIT_S) -> None:
        self._wait_s = wait_s
        self.outgoing: asyncio.Queue[str] = asyncio.Queue(MOST_WAITING)
        self.gone = asyncio.Event()
        self.replaced = False
        self._replies: dict[str, asyncio.Queue[_Item]] = {}

    def post(self, **message: Any) -> None:
        """Send it soon."""
        try:
            self.outgoing.put_nowait(json.dumps(message, ensure_ascii=False))
        except asyncio.QueueFull:
            self.leave()

    def take(self, text: str) -> str | None:
        """What the tab says; the id of a reply that it begins."""
        try:
            sent = json.loads(text)
        except (ValueError, RecursionError):
            sent = None
        name = sent.get("id") if isinstance(sent, dict) else None
        if not isinstance(name, str) or len(name) > LONGEST_ID or not (items := _items(sent)):
            self._fail("sent what is no message of its extension; install that again")
        elif items == [BEGIN]:
            self._open(name)
            return name
        elif name in self._replies:  # else it goes on with what nobody wants to hear any more
            with suppress(asyncio.QueueFull):  # then it is not heard out
                self._replies[name].put_nowait(items[0])
        return None

    def leave(self, *, replaced: bool = False) -> None:
        """It is gone, for a newer one or for good: whoever waits for it is told."""
        self.replaced = self.replaced or replaced
        self.gone.set()
        self._fail("was closed in mid-answer; open it again")

    def _fail(self, why: str) -> None:
        for reply in self._replies.values():
            with suppress(asyncio.QueueFull):
                reply.put_nowait(CompanionError(f"{_WHOSE} {why}"))

    def _open(self, name: str) -> asyncio.Queue[_Item]:
        # Who never reads the first word of a reply can't say that they don't want it.
        while len(self._replies) >= MOST_REPLIES:
            del self._replies[next(iter(self._replies))]
        self._replies[name] = asyncio.Queue(MOST_PIECES)
        return self._replies[name]

    async def asked(self, name: str, said: Said, replaces: str) -> AsyncGenerator[Piece, None]:
        """The answer to this; closing it stops SillyTavern as well."""
        self._open(name)
        more = {"replaces": replaces} if replaces else {}
        self.post(op="user", id=name, text=said.text, ring=said.ring, **more)
        async with aclosing(self.reply(name)) as reply:
            async for piece in reply:
                yield piece

    def reply(self, name: str) -> AsyncGenerator[Piece, None]:
        """What comes of the reply with this id."""
        return self._heard_out(name, self._replies[name])

    async def _heard_out(
        self, name: str, items: asyncio.Queue[_Item]
    ) -> AsyncGenerator[Piece, None]:
        over = False
        try:
            while True:
                item = await self._next(items)
                over = item is None
                if isinstance(item, CompanionError):
                    raise item
                if item is None:
                    return
                yield item
        finally:
            self._replies.pop(name, None)
            if not over and not self.gone.is_set():
                self.post(op="stop", id=name)

    async def _next(self, items: asyncio.Queue[_Item]) -> _Item:
        if self.gone.is_set() and items.empty():
            return CompanionError(f"{_WHOSE} was closed; open it again")
        try:
            async with asyncio.timeout(self._wait_s):
                return await items.get()
        except TimeoutError:
            return CompanionError(f"{_WHOSE} said nothing for {self._wait_s:g} s; look at it")


class Tabs:
    """The tab there is, if there is one. A newer takes the place of an older."""

    def __init__(self, wait_s: float = WAIT_S) -> None:
        self._wait_s = wait_s
        self.tab: Tab | None = None
        self.begin: Begin | None = None
        """Who says what SillyTavern begins by itself."""
        self._ids = count(1)
        self._came: asyncio.Event | None = None  # once there was one, for who waits for the next

    def join(self) -> Tab:
        """A tab has come."""
        if self.tab is not None:
            self.tab.leave(replaced=True)
        self.tab = Tab(self._wait_s)
        self._came = self._came or asyncio.Event()
        self._came.set()
        return self.tab

    def part(self, tab: Tab) -> None:
        """It has gone."""
        tab.leave()
        if self.tab is tab and self._came is not None:
            self.tab = None
            self._came.clear()

    def take(self, tab: Tab, text: str) -> None:
        """A tab says something."""
        begun = tab.take(text)
        if begun is not None and self.begin is not None:
            self.begin(tab.reply(begun))

    async def ask(self, said: Said, replaces: str = "") -> tuple[str, AsyncGenerator[Piece, None]]:
        """The answer, and its id. CompanionError if there is no tab."""
        if self.tab is None and self._came is not None:
            with suppress(TimeoutError):
                async with asyncio.timeout(RELOAD_S):
                    await self._came.wait()
        if self.tab is None:
            raise CompanionError(
                "no tab of SillyTavern is connected; open it, with Mynah's extension switched on "
                "(`mynah serve --install-sillytavern FOLDER`) and serving.port as its port"
            )
        name = f"r{next(self._ids)}"
        return name, self.tab.asked(name, said, replaces)


def _items(sent: dict[str, Any]) -> list[_Item]:
    """The one thing that a message says; none if it says nothing that is known."""
    match sent:
        case {"delta": str(text)} if text:
            return [text]
        case {"emotion": str(name)}:
            return [Emotion(name[:LONGEST_ID])]
        case {"error": str(why)}:
            told = " ".join(why[:LONGEST_WHY].split())
            return [CompanionError(f"{_WHOSE} could not answer: {told.rstrip('.')}")]
        case {"begin": True}:
            return [BEGIN]
        case {"end": True}:
            return [None]
    return []


TABS: Final = Tabs()
"""This process's: what the server lets in, the companion asks."""
