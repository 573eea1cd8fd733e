"""The ring's tools for a program that starts its servers itself, and talks over their stdio.

The ring is held by `mynah run`, which is another process: what is called is passed on to it.
"""

import asyncio
import json
import os
import sys
import threading
from collections.abc import AsyncGenerator, AsyncIterable, Callable
from typing import Any, Final

import httpx

from mynah.companions.reaching.openai_http import CONNECT_S
from mynah.seeing.exchange import PIECE_BYTES
from mynah.serving.lent_ring import LONGEST_WAIT_S
from mynah.serving.mcp import (
    MOST_MESSAGE_BYTES,
    Call,
    Mcp,
    Message,
    cancels,
    parsed,
    unreadable,
)
from mynah.serving.ring_tools import Told

MOST_AT_ONCE: Final = 8
"""Requests in hand; more wait in the pipe."""

_PATIENCE_S: Final = LONGEST_WAIT_S + 10.0


class PassedOn:
    """Calls tools of the bridge that runs."""

    def __init__(self, base_url: str, token: str) -> None:
        self._url = f"{base_url}/mcp"
        self._client = httpx.AsyncClient(
            headers={"Authorization": f"Bearer {token}"},
            timeout=httpx.Timeout(_PATIENCE_S, connect=CONNECT_S),
            trust_env=False,  # a proxy is for the world outside
        )

    async def call(self, name: str, arguments: object) -> Told:
        """Cancelled, it hangs up, and the tool stops waiting."""
        message = {
            "jsonrpc": "2.0",
            "id": 1,
            "method": "tools/call",
            "params": {"name": name, "arguments": arguments},
        }
        try:
            reply = await self._client.post(self._url, json=message)
            told = reply.json()
        except httpx.ConnectError:
            return Told("no bridge runs; start `mynah run` with serving.port set", failed=True)
        except (httpx.HTTPError, ValueError) as error:
            return Told(f"the bridge did not answer: {type(error).__name__}", failed=True)
        return _told(told)

    async def close(self) -> None:
        await self._client.aclose()


class Stdio:
    """Messages, a line each."""

    def __init__(self, mcp: Mcp, write: Callable[[bytes], None]) -> None:
        self._mcp = mcp
        self._write = write
        self._tasks: dict[str | int, asyncio.Task[None]] = {}
        self._room = asyncio.Semaphore(MOST_AT_ONCE)

    async def run(self, lines: AsyncIterable[bytes]) -> None:
        """Until the other side closes the pipe; what is in hand then is given up."""
        try:
            async for line in lines:
                if line.strip():
                    await self._take(line)
        finally:
            for task in self._tasks.values():
                task.cancel()
            await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def _take(self, line: bytes) -> None:
        try:
            message = parsed(line)
        except ValueError:
            self._tell(unreadable())
            return
        if (given_up := cancels(message)) is not None:
            if task := self._tasks.get(given_up):
                task.cancel()
            return
        await self._room.acquire()
        task = asyncio.create_task(self._answer(message), name="mcp")
        key = message.get("id", id(task))
        key = key if isinstance(key, str | int) else id(task)
        self._tasks[key] = task
        task.add_done_callback(lambda _: self._over(key))

    def _over(self, key: str | int) -> None:
        self._tasks.pop(key, None)
        self._room.release()

    async def _answer(self, message: Message) -> None:
        if told := await self._mcp.answer(message):
            self._tell(told)

    def _tell(self, message: Message) -> None:
        self._write(json.dumps(message, ensure_ascii=False).encode() + b"\n")


async def serve_stdio(call: Call, version: str) -> None:
    """On this process's own standard input and output; nothing else may write to the latter."""

    def write(line: bytes) -> None:
        sys.stdout.buffer.write(line)
        sys.stdout.buffer.flush()

    await Stdio(Mcp(call, version), write).run(_lines(sys.stdin.fileno()))


async def _lines(descriptor: int) -> AsyncGenerator[bytes, None]:
    """Of a pipe. In a thread that ends with the process: Windows has no other way.

    Past Python's own buffer, whose lock the thread would still hold when the interpreter ends.
    """
    loop = asyncio.get_running_loop()
    queue: asyncio.Queue[bytes] = asyncio.Queue(1)

    def read() -> None:
        data = b" "
        while data:
            data = os.read(descriptor, PIECE_BYTES)
            asyncio.run_coroutine_threadsafe(queue.put(data), loop).result()

    threading.Thread(target=read, name="stdin", daemon=True).start()
    held = b""
    while data := await queue.get():
        *lines, held = (held + data).split(b"\n")
        for line in lines:
            yield line
        held = held[: MOST_MESSAGE_BYTES + 1]  # longer, it is no message


def _told(reply: Any) -> Told:
    result = reply.get("result") if isinstance(reply, dict) else None
    error = reply.get("error") if isinstance(reply, dict) else None
    if isinstance(result, dict):
        (content,) = result["content"]
        return Told(str(content["text"]), failed=bool(result["isError"]))
    why = error.get("message") if isinstance(error, dict) else "it said nothing of sense"
    return Told(f"the bridge refused: {why}", failed=True)
