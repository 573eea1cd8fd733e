"""A fake companion at the other end of a WebSocket; it can speak unasked."""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any, ClassVar

from mynah.companions.fakes.behaviour import Behaviour, Dialect, common
from mynah.companions.fakes.socket import Client, FakeSocketServer, over_socket
from mynah.companions.fakes.turn import Turn
from mynah.companions.fakes.webhook import ObjectDialect


class FakeWebSocket(FakeSocketServer):
    """Another companion."""

    companion: ClassVar[str] = "websocket"
    dialect: ClassVar[Dialect] = ObjectDialect()

    def __init__(
        self,
        port: int = 0,
        always: Behaviour | None = None,
        *,
        numbered: bool = True,
        deaf: bool = False,
    ) -> None:
        """Its answers carry the number of the turn, or not; `deaf` never stops when called off."""
        super().__init__(port, always)
        self._numbered = numbered
        self._deaf = deaf
        self._clients: list[Client] = []

    @classmethod
    def ways(cls) -> Mapping[str, Behaviour]:
        return _ways()

    async def greet(self, client: Client) -> None:
        self._clients.append(client)

    async def receive(self, client: Client, fields: dict[str, Any]) -> None:
        number = fields.get("id")
        match fields.get("op"):
            case "turn":
                client.answer(number, fields["text"], fields)
            case "cancel" if not self._deaf and await client.call_off(number):
                await client.send({"end": True, **self._number(number)})
            case "touch":
                await client.send({"text": "That tickles!", "end": True})

    async def speak(self, *objects: Mapping[str, Any]) -> None:
        """Unasked, to whoever came last."""
        for each in objects:
            await self._clients[-1].send(each)

    def worded(self, turn: Turn, part: bytes) -> str | bytes:
        try:
            fields = json.loads(part)
        except ValueError:
            return part
        return json.dumps(fields | self._number(turn.body["id"]))

    def _number(self, number: object) -> dict[str, object]:
        return {"id": number} if self._numbered else {}


@cache
def _ways() -> dict[str, Behaviour]:
    return over_socket(common(ObjectDialect()))
