"""A server that packs what nobody asked to pack: 4 MB of it are 4 GB, so nobody unpacks any."""

import asyncio
import re
from contextlib import aclosing, asynccontextmanager

import pytest

from mynah.companions.agents.webhook import Webhook
from mynah.companions.base import Said
from mynah.companions.fakes.ollama import FakeOllama
from mynah.companions.fakes.openai import FakeOpenAI
from mynah.companions.fakes.webhook import FakeWebhook
from mynah.companions.models.presets import companion
from mynah.companions.reaching.openai_http import MOST_BYTES, TooMuchError, new_client
from mynah.config import Settings
from mynah.errors import CompanionError

SAID = Said("Good morning.", "en")


def preset(name):
    return lambda url: companion(name, Settings(companions={name: {"base_url": url}}))


@asynccontextmanager
async def refusing(status, most):
    """A server whose every answer says that it is packed, and has so many bytes."""

    async def serve(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(f"HTTP/1.1 {status} Odd\r\nContent-Encoding: br\r\n\r\n".encode())
        writer.write(b"x" * most)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1") as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


@pytest.mark.parametrize(
    ("fake", "make"),
    [
        (FakeOpenAI, preset("llamacpp")),
        (FakeOllama, preset("ollama")),
        (FakeWebhook, lambda url: Webhook(url=url)),
    ],
)
async def test_an_answer_that_is_packed_is_refused_before_it_is_unpacked(fake, make):
    async with asyncio.timeout(5), fake() as server:
        server.behave("gzip")
        companion = make(server.base_url)
        with pytest.raises(CompanionError, match=r"packed its answer \(gzip\)") as caught:
            async with aclosing(companion.reply(SAID)) as reply:
                await anext(reply)
        assert re.fullmatch(r"[^\n]+[^.]", str(caught.value))
        assert server.requests[0].headers["accept-encoding"] == "identity"

        server.behave("echo")
        async with aclosing(companion.reply(SAID)) as reply:
            assert await anext(reply)
        await companion.close()


async def test_a_refusal_that_is_packed_is_told_by_its_status_alone():
    async with refusing(401, 10) as url, new_client(url, "") as client:
        response = await client.get(url)

        assert (response.status_code, response.content) == (401, b"x" * 10)


async def test_a_server_is_not_told_again_what_it_left_with_us():
    told = []

    async def serve(reader, writer):
        told.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 200 OK\r\nSet-Cookie: who=you\r\nConnection: close\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1") as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with new_client(url, "") as client:
            await client.get(url)
            await client.get(url)

    assert [b"who=you" in head for head in told] == [False, False]


async def test_whatever_is_asked_for_no_more_is_read_than_an_answer_may_have():
    async with refusing(404, MOST_BYTES + 1) as url, new_client(url, "") as client:
        with pytest.raises(TooMuchError):
            await client.get(url)
