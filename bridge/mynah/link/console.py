"""Asking a ring something on its serial console, whatever carries the lines."""

import asyncio
from collections.abc import Awaitable, Callable


async def first_answer(
    type_line: Callable[[], Awaitable[None]], lines: asyncio.Queue[str], step_s: float
) -> str:
    """Type a line every `step_s` until the ring answers; `lines` is what it prints."""
    # While the ring boots nobody reads its console, so the line is typed until it answers. It
    # answers each then, and none may be left to be taken for the answer to the next line.
    answer, typed = "", 0
    while not answer:
        await type_line()
        typed += 1
        answer = await _next_answer(lines, step_s)
    for _ in range(typed - 1):
        await _next_answer(lines, step_s)
    return answer


async def _next_answer(lines: asyncio.Queue[str], step_s: float) -> str:
    """What the ring answers, empty if nothing soon."""
    try:
        async with asyncio.timeout(step_s):
            while not (answer := await lines.get()).startswith("mynah "):
                pass
    except TimeoutError:
        return ""
    return answer
