"""One question to a model's server: asked until it is understood, streamed, hung up on."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager, suppress
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

import httpx

from mynah.companions.base import Usage
from mynah.companions.mind import Chat
from mynah.companions.models.frames import frames_of
from mynah.companions.models.learned import learn
from mynah.companions.models.openai_chunks import one_line, reason_of
from mynah.companions.models.openai_trouble import Trouble
from mynah.companions.models.quirks import Quirks, taught
from mynah.companions.models.wire import Chunk, Reader, Wire, Wish
from mynah.companions.reaching.openai_http import MOST_BYTES, TooMuchError, new_client
from mynah.errors import CompanionError

LINGER_S: Final = 0.2
"""What follows the last word, its cost and the stream's end: read, but not waited for."""

REASON_S: Final = 2.0
"""For the rest of a refusal: it is small, and comes with its head."""

LONGEST_PAUSE_S: Final = 2.0
"""A server that wants to be left alone for longer is no use in a conversation: that is told."""

THINK_S: Final = 90.0
"""A server that shows its thoughts is not silent; nobody listens to that for longer."""

ABORT_S: Final = 1.0
"""For an order to stop. The next question waits for it, lest it stops that one."""


LOAD_S: Final = 60.0
"""For a model from a disk into memory; whoever speaks before that waits as long as they like to."""

_TEACHING: Final = frozenset(
    {
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.UNPROCESSABLE_ENTITY,
        HTTPStatus.INTERNAL_SERVER_ERROR,  # llama.cpp's, if a chat's template gives up
    }
)


class _TaughtError(Exception):
    """The stream began with a refusal that says what to do differently."""


class Asking:
    """One server. Nothing is asked again once a word of an answer has come."""

    def __init__(
        self, wire: Wire, base_url: str, key: str, quirks: Quirks, trouble: Trouble, wait_s: float
    ) -> None:
        self.quirks = quirks
        self._proved = quirks  # those of the last answer: only they are kept
        self._wire = wire
        self._base_url = base_url
        self._key = key
        self._trouble = trouble
        self._wait_s = wait_s
        self._client = new_client(base_url, "")
        self._kept = False  # there was an answer: a connection may lie ready
        self._stopping: set[asyncio.Task[None]] = set()

    async def answer(self, chat: Chat, wish: Wish) -> AsyncGenerator[Chunk, None]:
        """As it comes, to its last word; CompanionError if that does not come."""
        while True:
            with suppress(_TaughtError):
                async with aclosing(self._told(chat, wish)) as chunks:
                    async for chunk in chunks:
                        yield chunk
                return

    async def warm(self, wish: Wish) -> None:
        """Have the model loaded, where that can be asked for; what fails, the first turn tells."""
        body = self._wire.warm(wish)
        if body is not None:
            with suppress(httpx.HTTPError, TooMuchError):
                await self._client.post(
                    self._base_url + self._wire.path,
                    json=body,
                    headers=self._wire.headers(self._key),
                    timeout=LOAD_S,
                )

    async def close(self) -> None:
        await self._stopped()
        await self._client.aclose()

    async def _told(self, chat: Chat, wish: Wish) -> AsyncGenerator[Chunk, None]:
        reader = self._wire.reader()
        begun = over = False
        try:
            async with (
                self._asked(chat, wish) as response,
                aclosing(frames_of(response, self._wire.frames)) as frames,
            ):
                try:
                    patience = asyncio.get_running_loop().time() + max(THINK_S, self._wait_s)
                    while not over:
                        chunk = await self._next(frames, reader, begun=begun)
                        if chunk.error is not None:
                            raise self._gave_up(chunk.error, begun=begun)
                        self._keep(wish.model)
                        begun = begun or bool(chunk.text)
                        over = chunk.finished
                        yield chunk
                        if not begun and asyncio.get_running_loop().time() > patience:
                            raise self._trouble.only_thought()
                    if usage := await _rest(frames, reader):
                        yield Chunk(usage=usage)
                    self._kept = True
                finally:
                    if not over:
                        self._stop()
        except TooMuchError as error:
            raise self._trouble.too_much(MOST_BYTES) from error
        except TimeoutError as error:
            raise self._trouble.silent(begun=begun) from error
        except httpx.HTTPError as error:
            raise self._failed(error, begun=begun) from error

    async def _next(
        self, frames: AsyncGenerator[str, None], reader: Reader, *, begun: bool
    ) -> Chunk:
        while True:
            async with asyncio.timeout(self._wait_s):
                data = await anext(frames, None)
            if data is None:
                raise self._trouble.cut_off(begun=begun)
            if not data.strip():
                continue  # a sign of life
            chunk = reader.push(data)
            if chunk is None:
                raise self._trouble.no_chunk()
            return chunk

    def _failed(self, error: httpx.HTTPError, *, begun: bool) -> CompanionError:
        told = one_line(str(error), self._key)
        match error:
            case httpx.ConnectError() | httpx.ConnectTimeout():
                return self._trouble.unreachable(told)
            case httpx.DecodingError():
                return self._trouble.packed(told)
        return self._trouble.cut_off(begun=begun)

    def _gave_up(self, reason: str, *, begun: bool) -> Exception:
        if not begun and self._learn(reason):
            return _TaughtError()
        return self._trouble.gave_up(one_line(reason, self._key))

    @asynccontextmanager
    async def _asked(self, chat: Chat, wish: Wish) -> AsyncIterator[httpx.Response]:
        """The stream of an answer; leaving it hangs up. Asks again if that may help."""
        patient = True
        while True:
            response = await self._post(chat, wish)
            try:
                kind = response.headers.get("content-type", "").partition(";")[0].strip()
                if response.is_success and kind in self._wire.content_types:
                    yield response
                    return
                reason = await self._reason(response)
            finally:
                await response.aclose()
            if response.is_success:
                raise self._trouble.no_stream(
                    one_line(kind, self._key), one_line(reason, self._key)
                )
            if response.status_code in _TEACHING and self._learn(reason):
                continue
            pause_s = self._pause_s(response) if patient else None
            if pause_s is None:
                shown = one_line(reason, self._key)
                raise self._trouble.refused(response.status_code, response.headers, shown)
            patient = False
            await asyncio.sleep(pause_s)

    async def _post(self, chat: Chat, wish: Wish) -> httpx.Response:
        await self._stopped()
        request = self._client.build_request(
            "POST",
            self._base_url + self._wire.path,
            json=self._wire.body(chat, wish, self.quirks),
            headers={
                **self._wire.headers(self._key),
                "Accept": ", ".join(sorted(self._wire.content_types)),
            },
        )
        async with asyncio.timeout(self._wait_s):
            try:
                return await self._client.send(request, stream=True)
            except (httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError):
                if not self._kept:
                    raise
                # Most likely the server gave up a kept connection as we took it; llama.cpp's own
                # was seen to. Nothing was answered, so nothing is said twice.
                return await self._client.send(request, stream=True)
            except asyncio.CancelledError:  # nobody waits any more, or it took too long
                self._stop()
                raise

    async def _reason(self, response: httpx.Response) -> str:
        """What the server says of its refusal, if it says it soon."""
        with suppress(TimeoutError, httpx.HTTPError, TooMuchError):
            async with asyncio.timeout(REASON_S):
                return reason_of(await response.aread())
        return ""

    def _learn(self, reason: str) -> bool:
        """Whether the next try is another one."""
        quirks = taught(self.quirks, reason)
        if quirks is None:
            return False
        self.quirks = quirks
        return True

    def _keep(self, model: str) -> None:
        """It answers: what its refusals taught was right."""
        if self.quirks != self._proved:
            learn(self._base_url, model, self._proved, self.quirks)
            self._proved = self.quirks

    def _pause_s(self, response: httpx.Response) -> float | None:
        """How soon to ask again; None for never."""
        if response.status_code not in {
            HTTPStatus.TOO_MANY_REQUESTS,
            HTTPStatus.SERVICE_UNAVAILABLE,
        }:
            return None
        try:
            pause_s = float(response.headers.get("retry-after", ""))
        except ValueError:
            return self.quirks.busy_s or None
        return pause_s if 0 <= pause_s <= LONGEST_PAUSE_S else None

    def _stop(self) -> None:
        """Tell a server that would go on, beside hanging up."""
        if self.quirks.abort:
            task = asyncio.create_task(self._call_off(), name="an order to stop")
            self._stopping.add(task)
            task.add_done_callback(self._stopping.discard)

    async def _call_off(self) -> None:
        parts = urlsplit(self._base_url)
        url = f"{parts.scheme}://{parts.netloc}{self.quirks.abort}"
        with suppress(TimeoutError, httpx.HTTPError, TooMuchError):
            async with asyncio.timeout(ABORT_S):
                await self._client.post(url, json={}, headers=self._wire.headers(self._key))

    async def _stopped(self) -> None:
        if self._stopping:
            await asyncio.wait(self._stopping)


async def _rest(frames: AsyncGenerator[str, None], reader: Reader) -> Usage | None:
    """What comes after the last word. Read to the end, the connection can be used again."""
    usage = None
    with suppress(TimeoutError, httpx.HTTPError, TooMuchError):
        async with asyncio.timeout(LINGER_S):
            async for data in frames:
                chunk = reader.push(data) if data.strip() else None
                usage = chunk.usage or usage if chunk is not None else usage
    return usage
