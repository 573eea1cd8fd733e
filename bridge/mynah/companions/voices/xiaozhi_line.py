"""A line to xiaozhi's server: which answer its messages belong to, and what its tools do."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final, TypeAlias

from mynah.companions.base import Act
from mynah.companions.reaching.backend_trouble import Trouble
from mynah.companions.voices import xiaozhi_messages as messages
from mynah.companions.voices.live_line import LiveLine
from mynah.companions.voices.live_socket import Message
from mynah.companions.voices.live_turn import LiveTurn
from mynah.companions.voices.mcp_device import McpDevice
from mynah.seeing.redaction import REDACTION

Turn: TypeAlias = LiveTurn[messages.Heard]
Offer: TypeAlias = Turn | messages.Alert | messages.Moves

_ALWAYS: Final = messages.Alert | messages.Refused | messages.Odd


class Line(LiveLine[messages.Heard, Offer]):
    """Keeps the server's name for the conversation."""

    def __init__(
        self, url: str, headers: Mapping[str, str], trouble: Trouble, device: McpDevice
    ) -> None:
        super().__init__(url, headers, trouble)
        self._device = device
        self._session_id = ""
        self._greeting: asyncio.Future[messages.Hello | messages.Refused | None] | None = None

    async def greet(self) -> None:
        self._greeting = asyncio.get_running_loop().create_future()
        await self._socket.send(messages.HELLO)
        match await self._greeting:
            case messages.Hello(session_id):
                self._session_id = session_id
            case messages.Refused(reason):
                await self._socket.close()
                raise self._trouble.refused_key(REDACTION.redacted(reason, words=False))
            case None:
                raise self._trouble.unreachable("it hung up instead of a greeting")

    async def ask(self, words: str) -> None:
        """Have them answered."""
        await self._socket.send(messages.injected(self._session_id, words))

    async def listen(self, packets: list[bytes]) -> None:
        """Have a voice answered."""
        await self._socket.send(messages.listen(self._session_id, "start", mode="manual"))
        for packet in packets:
            await self._socket.send(packet)
        await self._socket.send(messages.listen(self._session_id, "stop", mode="manual"))

    async def hush(self, packet: bytes) -> None:
        """One packet, outside of any turn."""
        await self._socket.send(packet)

    def stop(self) -> Mapping[str, Any]:
        return messages.abort(self._session_id)

    def take(self, message: Message) -> None:
        heard = messages.parse(message)
        match heard:
            case messages.Hello() | messages.Refused() if self._greets(heard):
                pass
            case messages.Rpc(payload):
                self._called(payload)
            case messages.Ends() if not self._quiet.is_set():
                self.stopped()
            case _ if self._quiet.is_set():
                self._deliver(heard, len(message))

    def gone(self) -> None:
        self._greets(None)

    def _greets(self, heard: messages.Hello | messages.Refused | None) -> bool:
        if self._greeting is None or self._greeting.done():
            return False
        self._greeting.set_result(heard)
        return True

    def _deliver(self, heard: messages.Heard, size: int) -> None:
        begins = isinstance(heard, messages.Understood | messages.Begins)
        turn = self._turn or self._offered(heard, begins=begins)
        if isinstance(heard, messages.Leaves):
            self._socket.cut()  # the next turn, or this one if it has not begun, opens another
        if turn is None:
            return
        turn.begun = turn.begun or begins
        if turn.begun or isinstance(heard, _ALWAYS):
            turn.put(heard, size)
        if turn.begun and isinstance(heard, messages.Ends):
            self.answered(turn)

    def _offered(self, heard: messages.Heard, *, begins: bool) -> Turn | None:
        """What comes while nobody waits for an answer."""
        if self.unasked is None:
            return None
        if isinstance(heard, messages.Alert):
            self.unasked(heard)
        elif begins:
            turn: Turn = LiveTurn(self._trouble)
            self._turn = turn
            self.unasked(turn)
        return self._turn

    def _called(self, payload: object) -> None:
        answered = self._device.answer(payload)
        if answered.act is not None:
            self._moved(answered.act)
        if answered.payload is not None:
            self.tell(messages.rpc(self._session_id, answered.payload))

    def _moved(self, act: Act) -> None:
        if self._turn is not None:
            self._turn.put(messages.Moves(act), 0)
        elif self.unasked is not None:
            self.unasked(messages.Moves(act))
