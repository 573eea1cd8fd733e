"""Lane A: models that remember nothing, each by its own wire, against fakes."""

from mynah.companions.base import Capabilities
from mynah.companions.fakes.anthropic import FakeAnthropic
from mynah.companions.fakes.ollama import FakeOllama
from mynah.companions.fakes.openai import FakeOpenAI
from mynah.companions.models.openai import OpenAICompanion
from mynah.companions.models.presets import companion
from mynah.config import OpenAI, Settings
from tests.bridge.conformance.contract import SECRET, WAIT_S, Adapter

COUNTS = Capabilities(thinks=True, counts=True)
STOPPED = Capabilities(cancel="call", thinks=True)
LLAMA = "llama.cpp's own server"


def table(fake):
    return {"base_url": fake.base_url, "api_key": SECRET, "wait_s": WAIT_S, "model": "fake"}


def openai(fake):
    return OpenAICompanion(OpenAI.model_validate(table(fake)))


def preset(name):
    return lambda fake: companion(name, Settings(companions={name: table(fake)}))


ROWS = [
    Adapter("openai", FakeOpenAI, openai, COUNTS, body_bytes=1250, real=LLAMA),
    Adapter("minimax", FakeOpenAI, preset("minimax"), COUNTS, body_bytes=1250),
    Adapter("koboldcpp", FakeOpenAI, preset("koboldcpp"), STOPPED, body_bytes=1250),
    Adapter("anthropic", FakeAnthropic, preset("anthropic"), COUNTS, body_bytes=1500),
    Adapter("ollama", FakeOllama, preset("ollama"), COUNTS, body_bytes=800),
]
