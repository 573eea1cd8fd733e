"""The ring as a device of the Model Context Protocol: JSON-RPC in, JSON-RPC out. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, Final

from mynah.companions.base import Act
from mynah.companions.ring_tools import TOOLS, RingTools

VERSION: Final = "2024-11-05"
"""Of MCP: what xiaozhi's boards answer, whatever they are asked for."""

PREFIX: Final = "self.ring."

METHOD_NOT_FOUND: Final = -32601
INVALID_REQUEST: Final = -32600


@dataclass(frozen=True, slots=True)
class Answered:
    """What a message comes to."""

    payload: Mapping[str, Any] | None = None
    """To be sent back; None for what wants no answer."""
    act: Act | None = None


class McpDevice:
    """Keeps nothing between two messages: servers use their numbers again."""

    def __init__(self, tools: RingTools) -> None:
        self._tools = tools

    def answer(self, payload: object) -> Answered:
        """To anything a server may have sent."""
        if not isinstance(payload, Mapping) or not isinstance(payload.get("method"), str):
            return Answered()  # nobody asks a server for anything, so it is no answer either
        number = payload.get("id")
        if number is None:
            return Answered()  # a notification
        if isinstance(number, bool) or not isinstance(number, int | str):
            return Answered(_error(None, INVALID_REQUEST, "an id is a number or a string"))
        parameters = payload.get("params")
        return self._answer(
            payload["method"], parameters if isinstance(parameters, Mapping) else {}, number
        )

    def _answer(self, method: str, parameters: Mapping[str, Any], number: int | str) -> Answered:
        match method:
            case "initialize":
                return Answered(_result(number, _WELCOME))
            case "ping":
                return Answered(_result(number, {}))
            case "tools/list":
                return Answered(_result(number, {"tools": _LISTED}))
            case "tools/call":
                return self._call(parameters, number)
        return Answered(_error(number, METHOD_NOT_FOUND, "unknown method"))

    def _call(self, parameters: Mapping[str, Any], number: int | str) -> Answered:
        name = str(parameters.get("name"))
        if not name.startswith(PREFIX):
            return Answered(_error(number, METHOD_NOT_FOUND, "unknown tool"))
        done = self._tools.call(name.removeprefix(PREFIX), parameters.get("arguments"))
        content = [{"type": "text", "text": done.text}]
        # xiaozhi's server reads `error` and not `content` of a call that failed.
        reason = {"error": done.text} if done.failed else {}
        return Answered(
            _result(number, {"content": content, "isError": done.failed, **reason}), done.act
        )


_WELCOME: Final = {
    "protocolVersion": VERSION,
    "capabilities": {"tools": {}},
    "serverInfo": {"name": "mynah-ring", "version": version("mynah-companion")},
}
_LISTED: Final = [
    {"name": PREFIX + tool.name, "description": tool.about, "inputSchema": dict(tool.schema)}
    for tool in TOOLS
]


def _result(number: int | str, result: Mapping[str, Any]) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": number, "result": result}


def _error(number: int | str | None, code: int, message: str) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": number, "error": {"code": code, "message": message}}
