"""A stream's pieces: the data of server-sent events, or lines."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Literal

import httpx
from httpx_sse import EventSource


async def frames_of(
    response: httpx.Response, kind: Literal["events", "lines"]
) -> AsyncGenerator[str, None]:
    """As they come; the stream itself has to be bounded."""
    if kind == "lines":
        async with aclosing(_lines(response)) as lines:
            async for line in lines:
                yield line.decode("utf-8", "replace")
        return
    async with aclosing(EventSource(response).aiter_sse()) as events:
        async for event in events:
            yield event.data


async def _lines(response: httpx.Response) -> AsyncGenerator[bytes, None]:
    """Only a line feed ends one: words may hold what else Unicode takes for the end of a line."""
    held: list[bytes] = []
    async for part in response.aiter_bytes():
        first, *more = part.split(b"\n")
        held.append(first)
        for line in more:
            yield b"".join(held)
            held = [line]
    yield b"".join(held)
