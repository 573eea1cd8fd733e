"""SmolLM2 in its worker, and the same model behind llama.cpp's own server."""

import asyncio
import urllib.error
import urllib.request
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from time import monotonic

import pytest

from mynah.companions.base import Said
from mynah.companions.local import LocalCompanion, model_file
from mynah.companions.models.openai import OpenAICompanion
from mynah.config import Local, parse
from mynah.errors import CompanionError, ModelError
from tests.bridge.llama_server import KEY, llama_server
from tests.bridge.recordings import needs_model

pytestmark = [pytest.mark.model, needs_model("smollm2")]

HELLO = Said("Good morning. Did you sleep well?", "en")
STORY = Said("Tell me a long story about a river.", "en")
FIRST_WORDS_S = 3.0
"""0.1 s by itself; the machine may be busy with other tests."""

TOKEN_S = 0.005
"""A token takes 8 to 20 ms: no answer of some words is written in a tenth of that."""


ESTABLISHED, LISTENING = "01", "0A"

needs_linux = pytest.mark.skipif(
    not Path("/proc/net/tcp").exists(), reason="only Linux lists its connections in a file"
)


@asynccontextmanager
async def local(**fields):
    companion = LocalCompanion(Local(seed=1, **fields))  # no test is left to luck
    try:
        yield companion
    finally:
        await companion.close()


async def words(companion, said=HELLO):
    return "".join([piece async for piece in companion.reply(said)])


async def test_an_answer_is_one_or_two_sentences_word_by_word():
    async with local() as companion:
        await companion.start()
        pieces = [piece async for piece in companion.reply(HELLO)]

    text = "".join(pieces)
    assert len(pieces) > 1
    assert any(letter.isalpha() for letter in text)
    assert len(text) < 500
    assert sum(text.strip()[:-1].count(end) for end in ("! ", "? ", ". ")) <= 1
    assert "" not in pieces


async def test_the_first_word_comes_before_the_last_is_written():
    async with local(sentences=20) as companion:
        await companion.start()
        begun = monotonic()
        times = [monotonic() - begun async for _ in companion.reply(STORY)]

    assert times[0] < FIRST_WORDS_S
    assert times[-1] - times[0] > 2 * TOKEN_S


async def test_answers_that_nobody_hears_out_cost_less_than_half():
    async with local(sentences=100, answer_tokens=200) as companion:
        await companion.start()
        heard = monotonic()
        for _ in range(3):
            await words(companion, STORY)
        heard_s = monotonic() - heard

        cut = monotonic()
        for _ in range(3):
            async with aclosing(companion.reply(STORY)) as reply:
                await anext(reply)
        cut_s = monotonic() - cut

    assert cut_s < heard_s / 2


async def test_a_conversation_does_not_go_round_in_circles():
    lines = ["I had a bad day.", "I feel lonely.", "I can't sleep.", "Thank you.", "What now?"]
    answers = []
    async with local() as companion:
        for line in lines * 2:
            answers.append((await words(companion, Said(line, "en"))).strip())
            companion.heard(Said(line, "en"), answers[-1])

    # Without the penalty on runs, one such conversation ended as two sentences in turn.
    assert len(set(answers)) >= len(answers) - 2


async def test_it_remembers_what_was_heard():
    async with local() as companion:
        companion.heard(Said("My name is Ann.", "en"), "Hello")
        prompt = companion._prompt(Said("What is my name?", "en")).decode()

    assert prompt.index("My name is Ann.") < prompt.index("Hello\\u2026")
    assert prompt.index("Hello\\u2026") < prompt.index("What is my name?")


async def test_a_prompt_that_is_too_long_for_the_model_costs_one_turn():
    async with local() as companion:
        for number in range(20):
            companion.heard(Said(f"{number} ".ljust(16, "\u4e02"), "zh"), "\u4e03" * 10)
        said = Said("\u4e04" * 2000, "zh")

        with pytest.raises(CompanionError, match=r"refused: request \(\d+ tokens\) exceeds"):
            await words(companion, said)

        assert companion.mind.history.turns == ()
        assert await words(companion)


async def test_a_model_that_was_killed_costs_one_turn():
    async with local() as companion:
        await companion.start()
        reply = companion.reply(STORY)
        await anext(reply)
        await companion._worker.kill()
        with pytest.raises(CompanionError, match=r"the language model ended .*; say it again"):
            async for _ in reply:
                pass

        assert await words(companion)


@needs_linux
async def test_nobody_else_gets_at_the_model_through_its_port():
    async with local() as companion:
        await companion.start()
        port = await asyncio.to_thread(listening_port, companion._worker.pid)
        for path in ("slots", "props", "v1/models"):
            with pytest.raises(urllib.error.HTTPError, match="401"):
                await asyncio.to_thread(urllib.request.urlopen, f"http://127.0.0.1:{port}/{path}")


def test_a_folder_without_a_model_is_refused(tmp_path):
    with pytest.raises(ModelError, match=r"holds 0 \.gguf models"):
        model_file(tmp_path)


@pytest.fixture(scope="module", name="llama_server")
def _llama_server():
    with llama_server() as address:
        yield address


@asynccontextmanager
async def remote(address, **fields):
    table = {"base_url": f"{address}/v1", "api_key": KEY, **fields}
    companion = OpenAICompanion(parse({"openai": table}, "settings").openai)
    try:
        yield companion
    finally:
        await companion.close()


async def test_llama_cpps_own_server_streams(llama_server):
    async with remote(llama_server, answer_tokens=40) as companion:
        pieces = [piece async for piece in companion.reply(HELLO)]

    assert len(pieces) >= 3


@needs_linux
async def test_an_interrupted_answer_of_llama_cpps_own_server_hangs_up_and_frees_it(llama_server):
    async with remote(llama_server, answer_tokens=1000) as companion:
        reply = companion.reply(STORY)
        await anext(reply)
        open_before = connections(llama_server)
        begun = monotonic()
        await reply.aclose()
        closed_s = monotonic() - begun
        open_after = connections(llama_server)
        # It has one slot: the next answer has to wait until this one is given up.
        async with aclosing(companion.reply(HELLO)) as after:
            await anext(after)
        freed_s = monotonic() - begun

    assert (len(open_before), len(open_after)) == (1, 0)
    assert closed_s < 1
    assert freed_s < FIRST_WORDS_S


async def test_llama_cpps_own_server_refuses_a_wrong_key(llama_server):
    async with remote(llama_server, api_key="sk-wrong") as companion:
        with pytest.raises(CompanionError, match=r"refused the key \(401\)"):
            await words(companion)


def connections(address):
    """Those that are open on this computer towards this address, from the kernel's table."""
    port = f":{int(address.rpartition(':')[2]):04X}"
    return [row for row in tcp_table() if row[2].endswith(port) and row[3] == ESTABLISHED]


def listening_port(pid):
    links = [link.readlink().name for link in Path(f"/proc/{pid}/fd").iterdir()]
    inodes = {name[8:-1] for name in links if name.startswith("socket:[")}
    (row,) = [row for row in tcp_table() if row[9] in inodes and row[3] == LISTENING]
    return int(row[1].partition(":")[2], 16)


def tcp_table():
    """Linux's own list: local and remote address, state, inode are columns 1, 2, 3 and 9."""
    return [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
