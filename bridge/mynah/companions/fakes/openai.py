"""A fake of every OpenAI-compatible server: the model's name in a request chooses which."""

from collections.abc import Mapping
from typing import ClassVar

from mynah.companions.fakes.behaviour import Behaviour
from mynah.companions.fakes.openai_ways import USAGE, OpenAIDialect, ways
from mynah.companions.fakes.server import FakeHttpServer, Request
from mynah.config import OpenAI


class FakeOpenAI(FakeHttpServer):
    """Also has KoboldCpp's and text-generation-webui's orders to stop."""

    root: ClassVar[str] = "/v1"
    companion: ClassVar[str] = "openai"
    port: ClassVar[int] = 8080
    dialect: ClassVar[OpenAIDialect] = OpenAIDialect()

    @classmethod
    def ways(cls) -> Mapping[str, Behaviour]:
        return ways()

    def settings(self) -> str:
        if self.base_url == OpenAI().base_url:
            return ""
        return f'[openai]\nbase_url = "{self.base_url}"'

    def page(self, request: Request) -> object | None:
        if request.path.endswith("/models"):
            models = [{"id": name, "about": each.about} for name, each in self.ways().items()]
            return {"object": "list", "data": models}
        if request.path in {"/api/extra/abort", "/v1/internal/stop-generation"}:
            return {"success": True}
        return super().page(request)


__all__ = ["USAGE", "FakeOpenAI"]
