"""A backend that is asked over HTTP: one new turn in a POST, the answer as a stream of frames."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import aclosing, asynccontextmanager, suppress
from typing import Any, Final, TypeAlias

import httpx
from httpx_sse import EventSource

from mynah.companions.models.openai_chunks import reason_of
from mynah.companions.reaching.backend_trouble import Trouble
from mynah.companions.reaching.openai_http import TooMuchError, new_client
from mynah.companions.reaching.steps import BrokenError

EVENTS: Final = "text/event-stream"
LINES: Final = frozenset({"application/x-ndjson", "application/jsonl", "application/ndjson"})
WHOLE: Final = "application/json"

REASON_S: Final = 2.0
"""For the rest of a refusal: it is small, and comes with its head."""

SOON_S: Final = 1.0
"""A server that is free again by then is waited for; the wearer would hardly notice."""

CALL_S: Final = 2.0
"""For an order to stop; what it says is nobody's business."""

_BUSY: Final = frozenset({httpx.codes.TOO_MANY_REQUESTS, httpx.codes.SERVICE_UNAVAILABLE})
_LOST: Final = (httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError)

Body: TypeAlias = Callable[[], dict[str, Any]]
Renew: TypeAlias = Callable[[int, str], bool]


class HttpBackend:
    """One server. Nothing is asked twice that it may have taken once: it would remember both."""

    def __init__(self, base_url: str, key: str, trouble: Trouble) -> None:
        self._base_url = base_url
        self._trouble = trouble
        self._client = new_client(base_url, key)
        self._calls: set[asyncio.Task[None]] = set()

    async def frames(
        self,
        path: str,
        body: Body,
        kinds: frozenset[str] = frozenset({EVENTS}),
        renew: Renew = lambda _status, _reason: False,
    ) -> AsyncGenerator[str, None]:
        """The data of each event or line, or of a whole answer, if it is one of these kinds.

        `renew` may learn from a refusal; if it says True, the body is made and sent once more.
        Closing this hangs up. CompanionError, BrokenError, TooMuchError.
        """
        try:
            async with self._asked(path, body, renew) as response:
                kind = _kind(response)
                if kind not in kinds:
                    raise self._trouble.no_stream(kind)
                async with aclosing(_frames(response, kind)) as frames:
                    async for frame in frames:
                        yield frame
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError) as error:
            raise self._trouble.unreachable(str(error)) from error
        except httpx.DecodingError as error:
            raise self._trouble.packed(str(error)) from error
        except httpx.HTTPError as error:
            raise BrokenError from error

    def call(self, path: str, body: Mapping[str, Any]) -> None:
        """Post something beside the conversation, in the background, whatever comes of it."""
        task = asyncio.create_task(self._call(path, body), name=f"call {path}")
        self._calls.add(task)
        task.add_done_callback(self._calls.discard)

    async def close(self) -> None:
        """After the calls."""
        await asyncio.gather(*self._calls, return_exceptions=True)
        await self._client.aclose()

    @asynccontextmanager
    async def _asked(self, path: str, body: Body, renew: Renew) -> AsyncIterator[httpx.Response]:
        """A success; leaving it hangs up. Asks twice if the first refusal says how, or when."""
        for last in (False, True):
            response = await self._posted(path, body())
            try:
                if response.is_success:
                    yield response
                    return
                reason = await _reason(response)
            finally:
                await response.aclose()
            status, headers = response.status_code, response.headers
            soon_s = _soon(headers) if status in _BUSY else None
            if last or (soon_s is None and not renew(status, reason)):
                raise self._trouble.refused(status, headers, reason)
            await asyncio.sleep(soon_s or 0)

    async def _posted(self, path: str, body: Mapping[str, Any]) -> httpx.Response:
        fresh = False

        async def notice(event: str, _: Mapping[str, Any]) -> None:
            nonlocal fresh
            fresh = fresh or event.startswith("connection.connect")

        def request() -> httpx.Request:
            return self._client.build_request(
                "POST",
                self._base_url + path,
                json=body,
                headers={"Accept": ", ".join((EVENTS, *sorted(LINES), WHOLE))},
                extensions={"trace": notice},
            )

        try:
            return await self._client.send(request(), stream=True)
        except _LOST:
            if fresh:
                raise
            # The server gave up a kept connection just as we took it: it has not read a word.
            return await self._client.send(request(), stream=True)

    async def _call(self, path: str, body: Mapping[str, Any]) -> None:
        with suppress(httpx.HTTPError, TimeoutError, TooMuchError):
            async with asyncio.timeout(CALL_S):
                await self._client.post(self._base_url + path, json=body)


async def _frames(response: httpx.Response, kind: str) -> AsyncGenerator[str, None]:
    if kind == EVENTS:
        async with aclosing(EventSource(response).aiter_sse()) as events:
            async for event in events:
                if event.data:  # else a sign of life
                    yield event.data
    elif kind in LINES:
        async for line in response.aiter_lines():
            if line.strip():
                yield line
    else:
        yield (await response.aread()).decode(errors="replace")


def _kind(response: httpx.Response) -> str:
    kind: str = response.headers.get("content-type", "")
    return kind.partition(";")[0].strip().lower()


def _soon(headers: Mapping[str, str]) -> float | None:
    """When a busy server will be free, if that is soon."""
    seconds = headers.get("retry-after", "")
    return float(seconds) if seconds.isdecimal() and int(seconds) <= SOON_S else None


async def _reason(response: httpx.Response) -> str:
    """What the server says of its refusal, if it says it soon."""
    with suppress(TimeoutError, httpx.HTTPError, TooMuchError):
        async with asyncio.timeout(REASON_S):
            return reason_of(await response.aread())
    return ""
