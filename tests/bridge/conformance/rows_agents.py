"""Those that keep the conversation themselves: Home Assistant, Dify, Letta, and one's own."""

from functools import partial

from mynah.companions.agents.dify import Dify
from mynah.companions.agents.home_assistant import HomeAssistant
from mynah.companions.agents.letta import Letta
from mynah.companions.agents.program import Program
from mynah.companions.agents.webhook import Webhook
from mynah.companions.agents.websocket import WebSocketCompanion
from mynah.companions.fakes.dify import FakeDify
from mynah.companions.fakes.home_assistant import FakeHomeAssistant
from mynah.companions.fakes.letta import FakeLetta
from mynah.companions.fakes.program import FakeProgram
from mynah.companions.fakes.webhook import FakeWebhook
from mynah.companions.fakes.websocket import FakeWebSocket
from tests.bridge.conformance.contract import ALL, SECRET, WAIT_S, Adapter

SOCKET = ALL - {"busy"}
"""Whoever is busy refuses a connection; it is not asked again, since it is kept for ever."""

LINES = ALL - {"busy"}
PLAIN = LINES - {"thoughts", "error", "garbage", "binary"}
"""Any line of plain text is an answer."""


def url_of(made, **fields):
    return lambda fake: made(url=fake.base_url, wait_s=WAIT_S, **fields)


def program_of(fake):
    return Program(command=fake.command, wait_s=0.5, stop_s=0.2)


def row(name, fake, make, companion, **fields):
    return Adapter(name, fake, make, companion.capabilities, **{"tells_heard": True, **fields})


ROWS = [
    row(
        "home_assistant",
        FakeHomeAssistant,
        url_of(HomeAssistant, token=SECRET),
        HomeAssistant,
        ways=SOCKET,
        body_bytes=900,
        real="Home Assistant 2024.3.3, once and by hand: its agent for commands, unstreamed",
    ),
    row("dify", FakeDify, url_of(Dify, api_key=SECRET), Dify, body_bytes=1500),
    row("letta", FakeLetta, url_of(Letta, agent="agent-1", api_key=SECRET), Letta, body_bytes=1280),
    row("webhook", FakeWebhook, url_of(Webhook, key=SECRET), Webhook, body_bytes=200),
    row(
        "websocket",
        FakeWebSocket,
        url_of(WebSocketCompanion, key=SECRET),
        WebSocketCompanion,
        ways=SOCKET,
        body_bytes=200,
    ),
    row(
        "websocket, unnumbered",
        partial(FakeWebSocket, numbered=False),
        url_of(WebSocketCompanion, key=SECRET),
        WebSocketCompanion,
        ways=SOCKET,
    ),
    row("program", FakeProgram, program_of, Program, ways=LINES, outside=True),
    row(
        "program, plain",
        partial(FakeProgram, plain=True),
        program_of,
        Program,
        ways=PLAIN,
        outside=True,
    ),
]
