"""The same cases against a real server: llama.cpp's own, whose grammar makes a model say back.

Its slot, not its socket, tells when an answer that nobody hears is over.
"""

import asyncio
import json
from dataclasses import dataclass, field
from importlib.util import find_spec

import httpx
import pytest

from mynah.companions.base import Capabilities
from mynah.companions.models.presets import companion, presets
from mynah.companions.models.probe import probe
from mynah.config import Settings
from tests.bridge.conformance import cases, contract
from tests.bridge.conformance.contract import Adapter
from tests.bridge.llama_server import KEY, llama_server
from tests.bridge.recordings import needs_model

pytestmark = [
    pytest.mark.model,
    needs_model("smollm2"),
    pytest.mark.skipif(find_spec("xllamacpp") is None, reason="xllamacpp is not installed"),
]

CASES = (
    cases.answers,
    cases.tells_what_it_can_do,
    cases.first_words_come_first,
    cases.an_interruption_hangs_up,
    cases.an_answer_says_what_it_cost,
    cases.what_was_not_heard_was_not_said,
    cases.a_guess_leaves_nothing_behind,
    cases.an_answer_that_nobody_reads_is_not_asked_for,
)
PATIENT_S = 30.0
"""The machine may be busy with other tests; that the slot is free in GONE_S is the claim."""
LONG_TOKENS = 1000
"""20 s of writing: nobody waits for their end by accident."""
LOOK_S = 0.02


@dataclass
class Noted:
    told: str
    hung_up: bool = False
    ended: asyncio.Event = field(default_factory=asyncio.Event)


class Llama:
    """The real server, seen as the contract sees a fake."""

    def __init__(self, address):
        self.base_url = f"{address}/v1"
        self.requests = []
        self.asked = asyncio.Event()
        self._slots = httpx.AsyncClient(
            base_url=address, headers={"Authorization": f"Bearer {KEY}"}, trust_env=False
        )
        self._watching = set()
        self._sent = None

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_):
        await asyncio.gather(*self._watching)
        await self._slots.aclose()

    def behave(self, way):
        self.way = way

    def grammar(self, said):
        endless = self.way in {"stall", "endless"}
        return 'root ::= "You said: " ' + ("[a-z ]+" if endless else json.dumps(said.text))

    async def note(self, request):
        if request is self._sent:
            return  # once more, over a new connection: it gave up the kept one
        self._sent = request
        noted = Noted(request.content.decode())
        self.requests.append(noted)
        self.asked.set()
        self._watching.add(asyncio.create_task(self._watch(noted, self.way)))

    async def _watch(self, noted, way):
        """Until the one slot has been busy with it, and is free again."""
        was_busy = False
        while not noted.ended.is_set():
            (slot,) = (await self._slots.get("/slots")).json()
            if was_busy and not slot["is_processing"]:
                noted.hung_up = way in {"stall", "endless"}
                noted.ended.set()
            was_busy = was_busy or slot["is_processing"] or noted is not self.requests[-1]
            await asyncio.sleep(LOOK_S)


class SaysBack:
    """The companion, with a grammar for each turn."""

    def __init__(self, made, server):
        self._made, self._server = made, server
        made._asking._client.event_hooks["request"] = [server.note]

    def __getattr__(self, name):
        return getattr(self._made, name)

    def reply(self, said):
        self._made._settings.extra["grammar"] = self._server.grammar(said)
        return self._made.reply(said)


def made(server):
    table = {"base_url": server.base_url, "api_key": KEY, "wait_s": PATIENT_S}
    table["answer_tokens"] = LONG_TOKENS
    return SaysBack(companion("llamacpp", Settings(companions={"llamacpp": table})), server)


@pytest.fixture(scope="module")
def address():
    with llama_server() as found:
        yield found


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
async def test_llama_cpps_own_server_is_used_as_its_fake_is(case, address, monkeypatch):
    monkeypatch.setattr(contract, "ENDS_S", PATIENT_S)
    counts = Capabilities(thinks=True, counts=True)
    row = Adapter("llamacpp", lambda: Llama(address), made, counts, ways=frozenset({"echo"}))

    await case(row)


async def test_a_probe_finds_out_what_llama_cpps_own_server_is(address):
    steps = []
    found = await probe(
        presets()["lmstudio"], f"{address}/v1", "default", KEY, PATIENT_S, steps.append
    )

    assert found.answers == ""
    assert (found.kind, found.quirks.roles, found.counts) == ("llamacpp", "any", True)
    assert found.first_word_ms > 0
