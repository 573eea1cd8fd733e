"""The bridge as a server, with fakes behind it, and clients of it."""

import asyncio
import json
from contextlib import asynccontextmanager

import httpx
import numpy as np

from mynah.audio import SPEECH_HZ
from mynah.companions.base import Capabilities, Reasoning, Usage
from mynah.errors import CompanionError
from mynah.seeing.loopback import LOOPBACK, LoopbackServer
from mynah.serving.api import house
from mynah.serving.services import Names, Services
from mynah.serving.sound_out import encoder
from mynah.serving.tabs import Tabs
from mynah.speech.asr import ScriptedTranscriber
from mynah.speech.tts import ToneSynthesizer

TOKEN = "7" * 64
ORIGIN = "http://127.0.0.1:8000"
HEADERS = {"Authorization": f"Bearer {TOKEN}"}


class Talker:
    """Answers with what it was given, and remembers what it was asked and told."""

    free = True
    capabilities = Capabilities(counts=True, thinks=True)

    def __init__(self, *pieces):
        self.pieces = pieces or ("Hello ", Reasoning("secret thoughts"), "there.", Usage(10, 2))
        self.asked, self.told, self.cancelled, self.closed = [], [], [], 0

    async def start(self):
        pass

    async def reply(self, said):
        self.asked.append(said.text)
        try:
            for piece in self.pieces:
                if isinstance(piece, Exception):
                    raise piece
                if piece is None:
                    await asyncio.Event().wait()
                yield piece
        finally:
            self.closed += 1

    async def cancel(self, heard_text, heard_ms):
        self.cancelled.append(heard_text)

    def heard(self, said, text):
        self.told.append((said.text, text))

    def notify(self, touch):
        return None

    def on_proactive(self, begin):
        pass

    async def close(self):
        pass


DOWN = CompanionError("the companion is down; start it")


def services(*pieces, heard=("a purple tractor",), **more):
    parts = {
        "transcriber": ScriptedTranscriber(heard),
        "synthesizer": ToneSynthesizer(),
        "companion": Talker(*pieces),
        "names": Names(),
        "tabs": Tabs(),
    }
    return Services(**parts | more)


@asynccontextmanager
async def served(offered=None, **options):
    """The services, the server, and a client that holds the token."""
    offered = offered or services()
    async with (
        LoopbackServer(house(offered, TOKEN, (ORIGIN,)), **options) as server,
        httpx.AsyncClient(
            base_url=f"http://{LOOPBACK}:{server.port}",
            headers=HEADERS,
            timeout=20,
            trust_env=False,
        ) as client,
    ):
        yield offered, server, client


async def until(condition):
    """As soon as it is so: nothing here takes longer than a machine is busy."""
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - what is waited for has no event of its own
            await asyncio.sleep(0.005)


def sound(seconds=1.0):
    times = np.arange(round(seconds * SPEECH_HZ)) / SPEECH_HZ
    return (8000 * np.sin(2 * np.pi * 440 * times)).astype(np.int16)


def coded(name, samples):
    coder = encoder(name)
    return coder.push(samples) + coder.finish()


def body(reply):
    return json.loads(reply.content)
