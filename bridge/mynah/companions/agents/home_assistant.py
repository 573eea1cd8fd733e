"""The companion `home_assistant`: a conversation agent there, asked in text and heard as it writes.

A pipeline of its voice assistant is run from `intent` to `intent`: our ears and voice, its house.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any, Final

from pydantic import Field, SecretStr

from mynah.companions.agents.home_assistant_events import Run, pipeline_for
from mynah.companions.agents.home_assistant_line import Line
from mynah.companions.base import Capabilities, Reply, Said
from mynah.companions.reaching.backend_trouble import Trouble
from mynah.companions.reaching.openai_http import key_of, key_variable
from mynah.companions.reaching.sections import ANYWHERE, Root, section, where, with_scheme
from mynah.companions.reaching.steps import answer, once_more
from mynah.companions.reaching.unheard import BUILT_IN, Unheard
from mynah.config import Section
from mynah.errors import CompanionError

NAME: Final = "home_assistant"

RUN_S: Final = 120
"""Home Assistant's own limit on a run is five minutes; nobody waits so long for a sentence."""


class HomeAssistantSettings(Section):
    """[companions.home_assistant]."""

    url: Root = "http://homeassistant.local:8123"
    """As in a browser."""
    token: SecretStr = SecretStr("")
    """A long-lived access token; better kept in the environment: MYNAH_HOME_ASSISTANT_API_KEY."""
    pipeline: str = ""
    """Name or id of an Assist pipeline; empty for one that speaks the wearer's language."""
    interrupted: str = BUILT_IN
    """What the next turn begins with after an interruption; {heard} is what was heard."""
    wait_s: float = Field(default=30.0, gt=0, le=80)
    """How long it may be silent, before its first word and between two."""


class HomeAssistant:
    """Keeps one connection, and the conversation that the server names."""

    capabilities = Capabilities(memory="server", cancel="call", thinks=True)

    def __init__(self, **table: Any) -> None:
        self._settings = section(HomeAssistantSettings, NAME, table)
        self._token = key_of(NAME, self._settings.token.get_secret_value(), ANYWHERE)
        self._trouble = Trouble(
            NAME,
            where(self._settings.url),
            self._settings.wait_s,
            key=self._token,
            variable=key_variable(NAME),
        )
        self._unheard = Unheard(self._settings.interrupted)
        self._line: Line | None = None
        self._conversation_id = ""

    async def start(self) -> None:
        """Connects ahead; a server that is not there yet may be when somebody speaks."""
        try:
            async with asyncio.timeout(self._settings.wait_s):
                await self._connected()
        except TimeoutError:
            return
        except CompanionError as error:
            if not error.retryable:
                raise

    async def reply(self, said: Said) -> Reply:
        run = Run()
        kept = self._line is not None and self._line.alive
        told = self._unheard.words(said)
        messages = once_more(kept, lambda: self._run(said, told, run))
        try:
            with self._unheard.asking():
                async with aclosing(answer(messages, run.read, self._trouble)) as pieces:
                    async for piece in pieces:
                        yield piece
        finally:
            self._conversation_id = run.conversation_id or self._conversation_id

    async def cancel(self, heard_text: str, heard_ms: int) -> None:  # noqa: ARG002
        self._unheard.cancelled(heard_text)

    def heard(self, said: Said, text: str) -> None:  # noqa: ARG002
        self._unheard.heard(text)

    async def close(self) -> None:
        if self._line is not None:
            await self._line.close()

    async def _run(self, said: Said, told: str, run: Run) -> AsyncGenerator[dict[str, Any], None]:
        """What is said of it; closing this before it is over has the server cancel it."""
        line = await self._connected()
        pipeline = pipeline_for(said.language, self._settings.pipeline, line.pipelines)
        text = told if pipeline.chats else said.text
        if not text:
            raise self._trouble.gave_up("its agent takes commands and nothing else", final=True)
        fields: dict[str, Any] = {"input": {"text": text}, "timeout": RUN_S}
        if self._conversation_id:
            fields["conversation_id"] = self._conversation_id
        if pipeline.id:
            fields["pipeline"] = pipeline.id
        number = await line.ask(
            "assist_pipeline/run", start_stage="intent", end_stage="intent", **fields
        )
        try:
            async with aclosing(line.about(number)) as messages:
                async for message in messages:
                    yield message
                    if run.over:
                        return
        finally:
            if not run.over:
                await line.forget(number)

    async def _connected(self) -> Line:
        if self._line is None or not self._line.alive:
            url = with_scheme(self._settings.url, socket=True)
            self._line = await Line.open(url, self._token, self._trouble)
        return self._line
