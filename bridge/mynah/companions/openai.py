"""Any server that speaks OpenAI's chat completions: streamed, and cancelled by hanging up."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager, suppress
from typing import Any, Final

import httpx
from httpx_sse import EventSource, ServerSentEvent

from mynah.companions.base import Said
from mynah.companions.mind import Mind, PlainMind
from mynah.companions.openai_chunks import Chunk, one_line, parse_chunk, reason_of
from mynah.companions.openai_http import (
    Bounded,
    TooMuchError,
    api_key,
    is_this_computer,
    new_client,
)
from mynah.companions.openai_trouble import Trouble
from mynah.companions.spoken import SpokenText
from mynah.config import OpenAI

LINGER_S: Final = 0.2
"""What follows the last word: read, so that the connection can be used again, but not awaited."""

MOST_BYTES: Final = 4_000_000
"""An answer at its longest, 8000 characters in an event each, takes half of that."""

REASON_S: Final = 2.0
"""For the rest of a refusal: it is small, and comes with its head."""

NEW_LIMIT_NAME: Final = "max_completion_tokens"


class OpenAICompanion:
    """Sends the persona, the last turns as they were heard, and what is said now."""

    def __init__(self, settings: OpenAI) -> None:
        self._settings = settings
        self._key = api_key(settings)
        self._trouble = Trouble(settings.base_url, settings.model, settings.wait_s)
        self._limit_name = "max_tokens"
        self.mind: Mind = PlainMind(settings.persona, settings.context_tokens)
        self._client = new_client(settings.base_url, self._key)

    @property
    def free(self) -> bool:
        """On this computer nobody is paid."""
        return is_this_computer(self._settings.base_url)

    async def reply(self, said: Said) -> AsyncGenerator[str, None]:
        spoken = SpokenText(self._trouble.whose)
        async with aclosing(self._chunks(said)) as chunks:
            async for chunk in chunks:
                if text := spoken.push(chunk.text):
                    yield text
                spoken.check()
        if rest := spoken.flush():
            yield rest

    def heard(self, said: Said, text: str) -> None:
        self.mind.heard(said, text)

    async def close(self) -> None:
        await self._client.aclose()

    async def _chunks(self, said: Said) -> AsyncGenerator[Chunk, None]:
        """The answer as it comes, to its last word; CompanionError if that does not come."""
        begun = False
        try:
            async with (
                self._asked(said) as response,
                aclosing(EventSource(response).aiter_sse()) as events,
            ):
                async for chunk in self._parsed(events):
                    begun = begun or bool(chunk.text)
                    yield chunk
                    if chunk.finished:
                        await _hear_out(events)
                        return
                raise self._trouble.cut_off(begun=begun)
        except TooMuchError as error:
            raise self._trouble.too_much(MOST_BYTES) from error
        except TimeoutError as error:
            raise self._trouble.silent(begun=begun) from error
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise self._trouble.unreachable(one_line(str(error), self._key)) from error
        except httpx.HTTPError as error:
            raise self._trouble.cut_off(begun=begun) from error

    async def _parsed(self, events: AsyncGenerator[ServerSentEvent, None]) -> AsyncIterator[Chunk]:
        while True:
            async with asyncio.timeout(self._settings.wait_s):
                event = await anext(events, None)
            if event is None:
                return
            if not event.data:
                continue  # a sign of life
            chunk = parse_chunk(event.data)
            if chunk is None:
                raise self._trouble.no_chunk()
            if chunk.error is not None:
                raise self._trouble.gave_up(one_line(chunk.error, self._key))
            yield chunk

    @asynccontextmanager
    async def _asked(self, said: Said) -> AsyncIterator[httpx.Response]:
        """The stream of an answer; leaving it hangs up. Asks twice if the first try teaches how."""
        while True:
            response = await self._post(said)
            try:
                kind = response.headers.get("content-type", "").partition(";")[0].strip()
                if response.is_success and kind == "text/event-stream":
                    yield response
                    return
                reason = await self._reason(response)
            finally:
                await response.aclose()
            if response.is_success:
                raise self._trouble.no_stream(one_line(kind, self._key), reason)
            if not self._learn(reason):
                raise self._trouble.refused(response.status_code, response.headers, reason)

    async def _post(self, said: Said) -> httpx.Response:
        request = self._client.build_request(
            "POST",
            f"{self._settings.base_url}/chat/completions",
            json=self._body(said),
            headers={"Accept": "text/event-stream", "Accept-Encoding": "identity"},
        )
        async with asyncio.timeout(self._settings.wait_s):
            try:
                response = await self._client.send(request, stream=True)
            except (httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError):
                # Most likely the server gave up a kept connection as we took it; llama.cpp's own
                # was seen to. Nothing was answered, so nothing is said twice.
                response = await self._client.send(request, stream=True)
        response.stream = Bounded(response.stream, MOST_BYTES)
        return response

    def _body(self, said: Said) -> dict[str, Any]:
        settings = self._settings
        body: dict[str, Any] = {
            "model": settings.model,
            "messages": self.mind.chat(said).messages(),
            "stream": True,
            self._limit_name: settings.answer_tokens,
        }
        if settings.temperature is not None:
            body["temperature"] = settings.temperature
        return body

    def _learn(self, reason: str) -> bool:
        """Newer models of OpenAI's own refuse the name that every other server knows."""
        if self._limit_name == NEW_LIMIT_NAME or NEW_LIMIT_NAME not in reason:
            return False
        self._limit_name = NEW_LIMIT_NAME
        return True

    async def _reason(self, response: httpx.Response) -> str:
        """What the server says of its refusal, if it says it soon."""
        with suppress(TimeoutError, httpx.HTTPError, TooMuchError):
            async with asyncio.timeout(REASON_S):
                return one_line(reason_of(await response.aread()), self._key)
        return ""


async def _hear_out(events: AsyncGenerator[ServerSentEvent, None]) -> None:
    with suppress(TimeoutError, httpx.HTTPError, TooMuchError):
        async with asyncio.timeout(LINGER_S):
            async for _ in events:
                pass
