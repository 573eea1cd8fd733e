"""How companions speak HTTP: whom they trust, how long they wait, how much they read."""

import ipaddress
import os
import ssl
from collections.abc import AsyncIterator
from contextlib import suppress
from functools import cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, Final
from urllib.parse import urlsplit

import httpx

from mynah.companions.models.openai_trouble import KEY_VARIABLE
from mynah.config import OpenAI
from mynah.errors import UserError
from mynah.link.vault import system_vault
from mynah.seeing.redaction import REDACTION

CONNECT_S: Final = 5.0
"""Across the world a connection takes 0.5 s; a computer that is off never answers."""

MOST_BYTES: Final = 4_000_000
"""Of one answer. At its longest, 8000 characters in an event each, it takes half of that."""

PLAIN: Final = "identity"
"""How HTTP calls what is not compressed. 4 MB that are can become 4 GB, in one piece."""

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
    """Follows no redirects, so that a key goes nowhere else; an empty key is not shown.

    Of any answer it reads MOST_BYTES, and unpacks none: TooMuchError, httpx.DecodingError.
    """
    shown = {"Authorization": f"Bearer {key}"} if key else {}
    return httpx.AsyncClient(
        headers={**shown, "Accept-Encoding": PLAIN},
        # None is kept: a server would know by it which turns are of the same person.
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
        event_hooks={"response": [_held_in]},
        # The companion has its own deadlines, by words and not by bytes.
        timeout=httpx.Timeout(None, connect=CONNECT_S),
        limits=httpx.Limits(keepalive_expiry=IDLE_S),
        # A proxy is for the world outside.
        trust_env=not is_this_computer(base_url),
        verify=_trusted(),
    )


async def _held_in(response: httpx.Response) -> None:
    """Before anything of it is read."""
    encoding = response.headers.get("content-encoding", "").strip().lower() or PLAIN
    if encoding != PLAIN:
        if response.is_success:
            raise httpx.DecodingError(encoding, request=response.request)
        del response.headers["content-encoding"]  # its status says enough
    response.stream = Bounded(response.stream, MOST_BYTES)


@cache
def _trusted() -> ssl.SSLContext:
    """Reading the list of authorities takes 30 ms: once for all companions."""
    return httpx.create_ssl_context()


def api_key(settings: OpenAI) -> str:
    """That of the companion `openai`."""
    set_key = settings.api_key.get_secret_value()
    return key_of(KEYRING_NAME, set_key, settings.base_url, KEY_VARIABLE)


def key_of(name: str, settings_key: str, base_url: str, variable: str = "") -> str:
    """From the environment, else from the settings, else from the keyring; empty if there is none.

    The keyring's is for a server elsewhere: on this computer nobody needs one.
    """
    variable = variable or key_variable(name)
    key = os.environ.get(variable, "").strip() or settings_key.strip()
    if not key and not is_this_computer(base_url):
        vault = system_vault()
        key = (vault.get(name) or "").strip() if vault is not None else ""
    if not all("!" <= letter <= "~" for letter in key):
        raise UserError(f"the API key holds what no key does; set {variable} again")
    REDACTION.hide(key)
    return key


def key_variable(name: str) -> str:
    """Where the environment holds the key of the companion of that name."""
    letters = "".join(each if each.isalnum() else "_" for each in name.upper())
    return f"MYNAH_{letters}_API_KEY"


def is_this_computer(url: str) -> bool:
    """Whether nobody else hears what is sent there."""
    host = urlsplit(url).hostname or ""
    with suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost"
