"""Whether a companion can take a character in: opened, reached, and asked one word if that is free
of consequences.
"""

import asyncio
import os
import socket
import time
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from mynah.companions import open_companion
from mynah.companions.base import Companion, Said
from mynah.config import Settings
from mynah.errors import CompanionError

START_S: Final = 60.0
"""A model of some gigabytes is read from a slow disk in that."""
ANSWER_S: Final = 30.0
"""For the first words: what the companions themselves wait."""
REACH_S: Final = 5.0
"""For a connection; across the world it takes 0.5 s."""

_PORTS: Final = {"http": 80, "ws": 80, "https": 443, "wss": 443}
_GREETINGS: Final = {"zh": "你好。"}


@dataclass(frozen=True, slots=True)
class Arrival:
    """It can."""

    keeps_conversation: bool
    """It has a memory of its own, and is told what to know; it was not asked anything yet."""
    answered_s: float | None
    """How soon it answered, if it was asked."""


async def arrive(name: str, settings: Settings) -> Arrival:
    """CompanionError or UserError says in one line why it can't."""
    companion = open_companion(name, settings)
    try:
        await _in_time(START_S, f"companion {name} does not start", companion.start())
        await _reach(name, companion)
        if companion.capabilities.memory == "server":
            return Arrival(keeps_conversation=True, answered_s=None)
        begin_s = time.perf_counter()
        said = Said(_GREETINGS.get(settings.hearing.language, "Hello."), settings.hearing.language)
        await _in_time(ANSWER_S, f"companion {name} does not answer", _first_words(companion, said))
        return Arrival(keeps_conversation=False, answered_s=time.perf_counter() - begin_s)
    finally:
        await companion.close()


async def _first_words(companion: Companion, said: Said) -> None:
    """An answer is begun and thrown away, which such a companion promises to forget."""
    async with aclosing(companion.reply(said)) as pieces:
        async for piece in pieces:
            if isinstance(piece, str) and piece.strip():
                return
    raise CompanionError("it answered nothing; try `mynah companion probe`")


async def _reach(name: str, companion: Companion) -> None:
    """Some start without their server, to wait for it; who moves wants to know."""
    inner = _innermost(companion)
    url = _address(inner)
    if not url or getattr(inner, "keyless", False):  # who has no key says so when it is asked
        return
    parts = urlsplit(url)
    port = parts.port or _PORTS.get(parts.scheme, _PORTS["https"])
    try:
        async with asyncio.timeout(REACH_S):
            _, writer = await asyncio.open_connection(parts.hostname, port)
    except OSError as error:  # a TimeoutError is one, without a number
        late = f"no answer within {REACH_S:g} s"
        unknown = isinstance(error, socket.gaierror)  # whose numbers are not the system's
        reason = "no such host" if unknown else os.strerror(error.errno) if error.errno else late
        raise CompanionError(
            f"companion {name}: {parts.hostname}:{port} can't be reached ({reason}); is it running?"
        ) from error
    writer.close()


def _innermost(companion: Any) -> Any:
    while hasattr(companion, "companion"):
        companion = companion.companion
    return companion


def _address(companion: Any) -> str:
    """As ours keep it in their settings; strangers' may have none."""
    settings = getattr(companion, "_settings", None)
    return str(getattr(settings, "url", "") or getattr(settings, "base_url", ""))


async def _in_time(limit_s: float, what: str, doing: Any) -> None:
    try:
        async with asyncio.timeout(limit_s):
            await doing
    except TimeoutError as error:
        raise CompanionError(f"{what} within {limit_s:g} s") from error
