"""One connection to Home Assistant: a log-in, its pipelines, one run after another."""

from collections.abc import AsyncGenerator
from contextlib import suppress
from typing import Any, Final, Self

from mynah.companions.reaching.backend_trouble import Trouble
from mynah.companions.reaching.json_socket import JsonSocket
from mynah.companions.reaching.steps import BrokenError

PATH: Final = "/api/websocket"


class Line:
    """Messages have numbers; what the server says carries the number that it answers."""

    def __init__(self, socket: JsonSocket, trouble: Trouble) -> None:
        self.pipelines: dict[str, Any] = {}
        """As the server lists them; empty if it does not."""
        self._socket = socket
        self._trouble = trouble
        self._number = 0

    @classmethod
    async def open(cls, url: str, token: str, trouble: Trouble) -> Self:
        """Logged in; CompanionError if that can't be."""
        socket = await JsonSocket.open(url + PATH, trouble)
        line = cls(socket, trouble)
        try:
            await line._log_in(token)
            await line._list()
        except BrokenError as error:
            raise trouble.cut_off(begun=False) from error
        except BaseException:
            socket.cut()
            raise
        return line

    @property
    def alive(self) -> bool:
        return self._socket.alive

    async def ask(self, kind: str, **fields: Any) -> int:
        """Send a command; its number."""
        self._socket.begin()
        self._number += 1
        await self._socket.send({"id": self._number, "type": kind, **fields})
        return self._number

    async def about(self, number: int) -> AsyncGenerator[dict[str, Any], None]:
        """All that is said of one command from here on."""
        while True:
            fields = await self._socket.receive()
            if not fields:
                self._socket.cut()  # what else is on its way makes no more sense
                raise self._trouble.no_sense()
            if fields.get("id") == number:
                yield fields

    async def forget(self, number: int) -> None:
        """No more of that: the server ends the run that it belongs to."""
        with suppress(BrokenError):
            await self.ask("unsubscribe_events", subscription=number)

    async def close(self) -> None:
        await self._socket.close()

    async def _log_in(self, token: str) -> None:
        while True:
            match (await self._socket.receive()).get("type"):
                case "auth_required":
                    await self._socket.send({"type": "auth", "access_token": token})
                case "auth_invalid":
                    raise self._trouble.refused_key("it is no token of this server")
                case "auth_ok":
                    return
                case _:
                    raise self._trouble.no_sense()

    async def _list(self) -> None:
        number = await self.ask("assist_pipeline/pipeline/list")
        async for fields in self.about(number):
            result = fields.get("result")
            self.pipelines = result if isinstance(result, dict) else {}
            return
