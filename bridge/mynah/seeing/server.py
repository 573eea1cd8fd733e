"""Metrics and health over HTTP, for this computer alone; what may ask is in gate.py."""

import os
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path
from typing import Final

from mynah.errors import UserError
from mynah.link.keys import OWNER_ONLY, data_folder, private_folder
from mynah.seeing.exchange import Exchange
from mynah.seeing.gate import Gate
from mynah.seeing.loopback import LOOPBACK, House, LoopbackServer
from mynah.seeing.redaction import REDACTION

PATIENCE_S: Final = 5.0
"""For a question: over loopback it takes a millisecond."""

TOKEN_BYTES: Final = 32

Page = Callable[[], tuple[str, bytes]]
"""A page's content type and content, as it is now."""


class LocalServer(LoopbackServer):
    """Use it as `async with LocalServer(…)`."""

    def __init__(
        self, pages: Mapping[str, Page], token: str, *, port: int = 0, address: str = LOOPBACK
    ) -> None:
        """Port 0 is any that is free. UserError if the address is not of this computer alone."""
        self._pages = pages
        house = House(lambda port: Gate(port, token), self._show)
        super().__init__(house, port=port, address=address, patience_s=PATIENCE_S)

    async def _show(self, exchange: Exchange) -> None:
        await exchange.answer(HTTPStatus.OK, *self._pages[exchange.path]())


def token_file() -> Path:
    """Where the endpoint's token lies: who may read it may ask."""
    return data_folder() / "metrics.token"


def known_token(path: Path | None = None) -> str:
    """The token, made if there is none; for nobody else to read."""
    path = path or token_file()
    private_folder(path.parent)
    with suppress(FileExistsError):
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(TOKEN_BYTES) + "\n")
    path.chmod(OWNER_ONLY)
    token = path.read_text("ascii").strip()
    if len(token) < 2 * TOKEN_BYTES:
        raise UserError(f"{path}: not a token; delete it, and another is made")
    REDACTION.hide(token)
    return token
