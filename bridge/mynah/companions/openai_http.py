"""How the companion `openai` speaks HTTP: whom it trusts, how long it waits, how much it reads."""

import ipaddress
import os
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any, Final
from urllib.parse import urlsplit

import httpx

from mynah.companions.openai_trouble import KEY_VARIABLE
from mynah.config import OpenAI
from mynah.errors import UserError
from mynah.link.vault import system_vault
from mynah.seeing.redaction import REDACTION

CONNECT_S: Final = 5.0
"""Across the world a connection takes 0.5 s; a computer that is off never answers."""

IDLE_S: Final = 60.0
"""A connection is kept so long: from one turn to the next that saves 50 to 300 ms of greeting."""

KEYRING_NAME: Final = "openai"
"""`keyring set mynah openai` asks for it."""


class TooMuchError(Exception):
    """There was more to read than anybody should hold in memory."""


class Bounded(httpx.AsyncByteStream):
    """Another stream, up to so many bytes: a line without an end would be held as a whole."""

    def __init__(self, stream: Any, most_bytes: int) -> None:
        self._stream: httpx.AsyncByteStream = stream
        self._left = most_bytes

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for part in self._stream:
            self._left -= len(part)
            if self._left < 0:
                raise TooMuchError
            yield part

    async def aclose(self) -> None:
        await self._stream.aclose()


def new_client(base_url: str, key: str) -> httpx.AsyncClient:
    """Follows no redirects, so that a key goes nowhere else."""
    return httpx.AsyncClient(
        headers={"Authorization": f"Bearer {key}"} if key else {},
        # The companion has its own deadlines, by words and not by bytes.
        timeout=httpx.Timeout(None, connect=CONNECT_S),
        limits=httpx.Limits(keepalive_expiry=IDLE_S),
        # A proxy is for the world outside.
        trust_env=not is_this_computer(base_url),
    )


def api_key(settings: OpenAI) -> str:
    """From the environment, else from the settings, else from the keyring; empty if there is none.

    The keyring's is for a server elsewhere: on this computer nobody needs one.
    """
    key = os.environ.get(KEY_VARIABLE, "").strip() or settings.api_key.get_secret_value().strip()
    if not key and not is_this_computer(settings.base_url):
        vault = system_vault()
        key = (vault.get(KEYRING_NAME) or "").strip() if vault is not None else ""
    if not all("!" <= letter <= "~" for letter in key):
        raise UserError(f"the API key holds what no key does; set {KEY_VARIABLE} again")
    REDACTION.hide(key)
    return key


def is_this_computer(url: str) -> bool:
    """Whether nobody else hears what is sent there."""
    host = urlsplit(url).hostname or ""
    with suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost"
