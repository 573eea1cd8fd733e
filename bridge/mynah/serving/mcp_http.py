"""POST /mcp: the ring's tools for a program that speaks MCP over HTTP, one message a request."""

import json
from http import HTTPStatus

from mynah.seeing.exchange import PLAIN, Exchange
from mynah.serving.mcp import Mcp, parsed, unreadable
from mynah.serving.refusals import JSON
from mynah.serving.services import Services


async def call(services: Services, exchange: Exchange) -> None:
    """Hung up on, a tool that waits stops waiting."""
    try:
        message = parsed(await exchange.body())
    except ValueError:
        body = json.dumps(unreadable()).encode()
        await exchange.answer(HTTPStatus.BAD_REQUEST, JSON, body)
        return
    told = await Mcp(services.tools.call, services.names.version).answer(message)
    if told is None:
        await exchange.answer(HTTPStatus.ACCEPTED, PLAIN, b"")
        return
    await exchange.answer(HTTPStatus.OK, JSON, json.dumps(told).encode())
