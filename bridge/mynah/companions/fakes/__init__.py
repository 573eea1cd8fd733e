"""Fake servers that speak the real wire formats, for tests and for whoever writes a companion.

They listen on the loopback address alone. `mynah fake SERVER` runs one.
"""

from importlib import import_module
from typing import Any, Final

SERVERS: Final = {
    "openai": "openai:FakeOpenAI",
    "anthropic": "anthropic:FakeAnthropic",
    "ollama": "ollama:FakeOllama",
    "home_assistant": "home_assistant:FakeHomeAssistant",
    "dify": "dify:FakeDify",
    "letta": "letta:FakeLetta",
    "webhook": "webhook:FakeWebhook",
    "websocket": "websocket:FakeWebSocket",
    "program": "program:FakeProgram",
    "xiaozhi": "xiaozhi:FakeXiaozhi",
    "realtime": "realtime:FakeRealtime",
    "open_llm_vtuber": "vtuber:FakeVTuber",
}
"""By name: the module in this package, and the class in it."""


def named(name: str) -> type[Any]:
    """The class of a fake server; KeyError if there is none of that name."""
    module, _, found = SERVERS[name].partition(":")
    loaded: type[Any] = getattr(import_module(f"mynah.companions.fakes.{module}"), found)
    return loaded
