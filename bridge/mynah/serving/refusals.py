"""What is wrong with a request, in the shape in which OpenAI's clients look for it."""

import json
from http import HTTPStatus
from typing import Any, Final

from mynah.errors import AudioError, CompanionError, MynahError, UserError, one_line
from mynah.seeing.exchange import Exchange

JSON: Final = "application/json"

_KINDS: Final = {
    HTTPStatus.UNAUTHORIZED: "authentication_error",
    HTTPStatus.FORBIDDEN: "permission_error",
    HTTPStatus.NOT_FOUND: "not_found_error",
    HTTPStatus.TOO_MANY_REQUESTS: "rate_limit_error",
}

_ADVICE: Final = {
    HTTPStatus.UNAUTHORIZED: "the token is missing or wrong; it lies in serving.token, beside the "
    "keys, and belongs into the Authorization header, as `Bearer TOKEN`",
    HTTPStatus.FORBIDDEN: "asked under another name, or by a web page that is not in "
    "serving.origins; use http://127.0.0.1:PORT",
    HTTPStatus.NOT_FOUND: "nothing is there; look at `mynah serve --help`",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "too large; send less",
}


class RequestError(UserError):
    """A request can't be done as it is asked."""

    def __init__(
        self, message: str, status: HTTPStatus = HTTPStatus.BAD_REQUEST, *, param: str | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.param = param


def body_of(status: HTTPStatus, message: str, param: str | None = None) -> dict[str, Any]:
    """An error as OpenAI's clients know it."""
    other = "invalid_request_error" if status < HTTPStatus.INTERNAL_SERVER_ERROR else "server_error"
    kind = _KINDS.get(status, other)
    return {"error": {"message": message, "type": kind, "param": param, "code": None}}


async def refuse(exchange: Exchange, status: HTTPStatus) -> None:
    """With what to do about it."""
    message = _ADVICE.get(status, status.phrase.lower())
    await exchange.answer(status, JSON, json.dumps(body_of(status, message)).encode())


async def refuse_because(exchange: Exchange, error: MynahError) -> None:
    """What went wrong, in one line."""
    status = status_of(error)
    param = error.param if isinstance(error, RequestError) else None
    told = body_of(status, one_line(error), param)
    await exchange.answer(status, JSON, json.dumps(told).encode())


def status_of(error: MynahError) -> HTTPStatus:
    """Whose fault it is."""
    if isinstance(error, RequestError):
        return error.status
    if isinstance(error, AudioError):
        return HTTPStatus.BAD_REQUEST
    if isinstance(error, CompanionError) and not error.retryable:
        return HTTPStatus.BAD_GATEWAY
    return HTTPStatus.SERVICE_UNAVAILABLE
