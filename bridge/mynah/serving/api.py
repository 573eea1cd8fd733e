"""Where what is asked for is answered: the routes of the bridge as a server."""

import json
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Final, TypeAlias

from mynah.errors import MynahError
from mynah.seeing.exchange import Exchange, TooLargeError
from mynah.seeing.gate import Gate, Route
from mynah.seeing.loopback import House
from mynah.serving import chat, mcp_http, speech, tavern_socket, transcriptions
from mynah.serving.refusals import JSON, refuse, refuse_because
from mynah.serving.services import Services

MOST_JSON_BYTES: Final = 1024 * 1024
"""A whole chat; the longest that can be remembered by a model is half of it."""

MOST_UPLOAD_BYTES: Final = 25 * 1024 * 1024
"""As OpenAI has it: ten minutes of uncompressed speech are 19 MB."""

MOST_CONNECTIONS: Final = 16

Answer: TypeAlias = Callable[[Services, Exchange], Awaitable[None]]


async def models(services: Services, exchange: Exchange) -> None:
    """GET /v1/models: who answers, whose ears, whose voice."""
    names = (services.names.companion, services.names.hearing, services.names.voice)
    data = [{"id": name, "object": "model", "created": 0, "owned_by": "mynah"} for name in names]
    body = json.dumps({"object": "list", "data": data}).encode()
    await exchange.answer(HTTPStatus.OK, JSON, body)


_ASKED: Final = Route("POST", MOST_JSON_BYTES, query=True)

ROUTES: Final[Mapping[str, tuple[Route, Answer]]] = {
    "/v1/audio/speech": (_ASKED, speech.speak),
    "/v1/audio/transcriptions": (Route("POST", MOST_UPLOAD_BYTES), transcriptions.transcribe),
    "/v1/chat/completions": (_ASKED, chat.complete),
    "/v1/models": (Route(), models),
    "/mcp": (Route("POST", MOST_JSON_BYTES), mcp_http.call),
    "/ring": (Route(socket=True), tavern_socket.talk),
}


def house(services: Services, token: str, origins: tuple[str, ...] = ()) -> House:
    """All of it, behind one gate."""
    routes = {path: route for path, (route, _) in ROUTES.items()}

    async def answer(exchange: Exchange) -> None:
        try:
            await ROUTES[exchange.path][1](services, exchange)
        except TooLargeError:
            raise
        except MynahError as error:
            if exchange.begun:
                raise
            await refuse_because(exchange, error)

    return House(
        lambda port: Gate(port, token, origins, routes),
        answer,
        refuse,
        called="serving",
        most_connections=MOST_CONNECTIONS,
    )
