"""Language models behind the emulated ring: heard while they still write, stopped when pressed."""

import asyncio
from contextlib import aclosing, asynccontextmanager
from importlib.util import find_spec
from time import monotonic

import pytest

from mynah.audio.files import write_wav
from mynah.companions.guest import Guest
from mynah.companions.local import LocalCompanion
from mynah.companions.models.openai import OpenAICompanion
from mynah.config import Local, parse
from mynah.emulator.wearer import LEAD_MS, TAP_MS, Wearer
from mynah_wire.uplink import STARTED, Cursor
from tests.bridge.listening_proxy import ListeningProxy
from tests.bridge.llama_server import KEY, llama_server
from tests.bridge.recordings import needs_model
from tests.end_to_end.background import STORY, mynah, voiced
from tests.end_to_end.conversing import DEADLINE_S, murmur, talking

pytestmark = [
    pytest.mark.model,
    pytest.mark.slow,
    needs_model("smollm2"),
    pytest.mark.skipif(find_spec("xllamacpp") is None, reason="xllamacpp is not installed"),
]

LONG_TOKENS = 300
SHORT_TOKENS = 24  # 8 s of speech
PIECE_S = 0.25  # so that such an answer takes 3 s: a larger model's pace
CLOSED_WITHIN_S = 1.0
PRESS_S = 0.4

CONFIG = """
[openai]
base_url = "{address}/v1"
api_key = "{key}"
answer_tokens = {tokens}
persona = "{persona}"
temperature = 0
"""
PERSONA = "You tell very long stories, with all details."

AFTER_HEARING = ("companion", "clause", "tts", "downlink", "device_buffer")


@pytest.fixture(scope="module")
def server():
    with llama_server() as address:
        yield address


@asynccontextmanager
async def remote(address):
    table = {"base_url": f"{address}/v1", "api_key": KEY, "answer_tokens": LONG_TOKENS}
    table |= {"temperature": 0, "persona": PERSONA}
    companion = OpenAICompanion(parse({"openai": table}, "settings").openai)
    try:
        yield companion
    finally:
        await companion.close()


@needs_model("tiny.en")
@needs_model("joe")
async def test_the_first_clause_sounds_while_the_server_still_writes(server, tmp_path):
    clip, config, out = (tmp_path / name for name in ("clip.wav", "mynah.toml", "out"))
    write_wav(clip, await asyncio.to_thread(lambda: voiced()[STORY]))
    async with ListeningProxy(server, piece_s=PIECE_S) as proxy:
        text = CONFIG.format(address=proxy.address, key=KEY, tokens=SHORT_TOKENS, persona=PERSONA)
        config.write_text(text)
        options = ("--companion", "openai", "--config", str(config), "--out", str(out))
        ran = await asyncio.to_thread(mynah, tmp_path, "talk", str(clip), *options)

    assert ran.code == 0, ran.errors + ran.output
    (connection,) = proxy.connections
    (turn,) = ran.turns
    written_ms = (connection.told_s[-1] - connection.asked_s) * 1000
    from_asked_ms = sum(turn["waterfall"][stage] for stage in AFTER_HEARING)
    assert from_asked_ms < written_ms, turn["waterfall"]


async def test_a_press_in_mid_reply_hangs_up_within_a_second(server):
    async with (
        ListeningProxy(server, piece_s=PIECE_S) as proxy,
        remote(proxy.address) as companion,
        talking(STORY, "words", companion=Guest("openai", companion)) as them,
    ):
        await Wearer(them.ring.world).say(murmur(0.5))
        await them.client.until(Cursor, lambda cursor: cursor.state == STARTED)
        (connection,) = proxy.connections
        open_before = not connection.over.is_set()
        await asyncio.sleep(PRESS_S)
        pressed_s = touch(them.ring)
        record = await them.turn()
        async with asyncio.timeout(DEADLINE_S):
            await connection.over.wait()

    assert open_before
    assert 0 < connection.hung_up_s - pressed_s < CLOSED_WITHIN_S
    assert record.error is None
    assert record.reply.startswith(record.heard)


class Timed:
    """A companion, and when its last words came."""

    def __init__(self, companion):
        self.companion = companion
        self.ended = asyncio.Event()
        self.ended_s = 0.0

    async def reply(self, said):
        async with aclosing(self.companion.reply(said)) as pieces:
            async for piece in pieces:
                self.ended_s = monotonic()
                yield piece
        self.ended.set()

    def heard(self, said, text):
        self.companion.heard(said, text)

    async def close(self):
        await self.companion.close()


async def test_the_first_clause_sounds_while_the_model_on_this_computer_still_writes():
    settings = Local(seed=1, sentences=100, answer_tokens=LONG_TOKENS, persona=PERSONA)
    companion = Timed(LocalCompanion(settings))
    try:
        await companion.companion.start()
        async with talking(STORY, companion=Guest("openai", companion)) as them:
            await Wearer(them.ring.world).say(murmur(0.5))
            async with asyncio.timeout(DEADLINE_S):
                await companion.ended.wait()
            started = await them.client.until(Cursor, lambda cursor: cursor.state == STARTED)
            started_s = seconds(them.ring, them.ring_ms(started.device_ms))
            touch(them.ring)
            record = await them.turn()
    finally:
        await companion.close()

    assert started_s < companion.ended_s
    assert len(record.reply) > len(record.heard)


def touch(ring):
    """Stop the reply; when, on this computer's clock."""
    pressed_ms = ring.world.now_ms + LEAD_MS
    ring.world.press(pressed_ms)
    ring.world.release(pressed_ms + TAP_MS)
    return seconds(ring, pressed_ms)


def seconds(ring, ring_ms):
    return ring.clock.epoch_us / 1e6 + ring_ms / 1000
