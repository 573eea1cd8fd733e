"""The Model Context Protocol, as far as a server with tools needs it: JSON-RPC, no transport. Pure.

By hand, because the official package brings 28 others, a web framework among them, for five kinds
of messages.
"""

import json
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeAlias

from mynah.errors import MynahError, one_line
from mynah.serving.ring_tools import TOOLS, Told

VERSIONS: Final = ("2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05")
"""Of the protocol; what is used of it is the same in all."""

MOST_MESSAGE_BYTES: Final = 64 * 1024

_PARSE_ERROR: Final = -32700
_INVALID: Final = -32600
_NO_METHOD: Final = -32601
_BAD_PARAMETERS: Final = -32602

Call: TypeAlias = Callable[[str, object], Awaitable[Told]]
"""A tool, by name, with its arguments."""

Message: TypeAlias = dict[str, Any]


class Mcp:
    """Answers requests; nothing is kept of a client."""

    def __init__(self, call: Call, version: str) -> None:
        self._call = call
        self._version = version

    async def answer(self, message: Message) -> Message | None:
        """To a request; None to what wants no answer."""
        name = message.get("method")
        if not isinstance(name, str):
            return None if "result" in message or "error" in message else _refused(None, _INVALID)
        if "id" not in message:
            return None  # a notification
        request = message["id"]
        if isinstance(request, bool) or not isinstance(request, str | int):
            return _refused(None, _INVALID)
        parameters = message.get("params") or {}
        if not isinstance(parameters, dict):
            return _refused(request, _BAD_PARAMETERS)
        return await self._request(request, name, parameters)

    async def _request(self, request: str | int, name: str, parameters: Message) -> Message:
        match name:
            case "initialize":
                return _result(request, self._greeting(parameters))
            case "ping":
                return _result(request, {})
            case "tools/list":
                return _result(request, {"tools": list(TOOLS)})
            case "tools/call":
                return await self._called(request, parameters)
        return _refused(request, _NO_METHOD, f"there is no {name[:40]!r} here")

    async def _called(self, request: str | int, parameters: Message) -> Message:
        tool = parameters.get("name")
        if not isinstance(tool, str):
            return _refused(request, _BAD_PARAMETERS, "a tool has a name")
        try:
            told = await self._call(tool, parameters.get("arguments") or {})
        except MynahError as error:
            return _refused(request, _BAD_PARAMETERS, one_line(error))
        content = [{"type": "text", "text": told.text}]
        return _result(request, {"content": content, "isError": told.failed})

    def _greeting(self, parameters: Message) -> Message:
        asked = parameters.get("protocolVersion")
        return {
            "protocolVersion": asked if asked in VERSIONS else VERSIONS[0],
            "capabilities": {"tools": {}},
            "serverInfo": {"name": "mynah", "version": self._version},
            "instructions": "The tools touch a person who wears this ring: seldom, and gently.",
        }


def parsed(line: bytes) -> Message:
    """One message; ValueError if it is none. Several at once are not taken."""
    if len(line) > MOST_MESSAGE_BYTES:
        raise ValueError(f"more than {MOST_MESSAGE_BYTES} bytes")
    try:
        message = json.loads(line)
    except RecursionError as error:
        raise ValueError("nested without end") from error
    if not isinstance(message, dict) or message.get("jsonrpc") != "2.0":
        raise ValueError("no JSON-RPC 2.0")
    return message


def unreadable() -> Message:
    """The answer to what is no message."""
    return _refused(None, _PARSE_ERROR, "not a message of JSON-RPC 2.0")


def cancels(message: Message) -> str | int | None:
    """The request that need not be answered any more."""
    if message.get("method") != "notifications/cancelled":
        return None
    parameters = message.get("params")
    request = parameters.get("requestId") if isinstance(parameters, dict) else None
    return request if isinstance(request, str | int) else None


def _result(request: str | int, result: Message) -> Message:
    return {"jsonrpc": "2.0", "id": request, "result": result}


def _refused(request: str | int | None, code: int, why: str = "not a request") -> Message:
    return {"jsonrpc": "2.0", "id": request, "error": {"code": code, "message": why}}
