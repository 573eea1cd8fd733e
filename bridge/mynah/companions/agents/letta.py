"""The companion `letta`: an agent with a memory of its own. A community companion: see README."""

from collections.abc import Iterator
from contextlib import aclosing
from typing import Any, Final
from urllib.parse import quote

from pydantic import Field, SecretStr

from mynah.companions.base import Capabilities, Piece, Reasoning, Reply, Said, Usage, token_count
from mynah.companions.reaching.backend_http import EVENTS, WHOLE, HttpBackend
from mynah.companions.reaching.backend_trouble import Trouble
from mynah.companions.reaching.objects import object_in
from mynah.companions.reaching.openai_http import key_of, key_variable
from mynah.companions.reaching.sections import ANYWHERE, Root, section, where, with_scheme
from mynah.companions.reaching.steps import Step, answer
from mynah.companions.reaching.unheard import BUILT_IN, Unheard
from mynah.config import Section

NAME: Final = "letta"

WELL_ENDED: Final = frozenset({"end_turn", "tool_rule", "max_steps", "max_tokens_exceeded"})
"""Reasons to stop after which there is an answer, if a short one; any other is trouble."""


class LettaSettings(Section):
    """[companions.letta]."""

    url: Root = "http://127.0.0.1:8283"
    """What comes before /v1."""
    agent: str = Field(min_length=1)
    """Its id: agent-…"""
    api_key: SecretStr = SecretStr("")
    """Better kept in the environment, as MYNAH_LETTA_API_KEY; a server of your own needs none."""
    interrupted: str = BUILT_IN
    """What the next turn begins with after an interruption; {heard} is what was heard."""
    wait_s: float = Field(default=60.0, gt=0, le=80)
    """How long it may be silent: it thinks, and looks into its memory, before it speaks."""


class Letta:
    """Sends what is new; the agent is the conversation."""

    capabilities = Capabilities(memory="server", cancel="call", thinks=True, counts=True)

    def __init__(self, **table: Any) -> None:
        self._settings = section(LettaSettings, NAME, table)
        url, key = (
            self._settings.url,
            key_of(NAME, self._settings.api_key.get_secret_value(), ANYWHERE),
        )
        self._trouble = Trouble(
            NAME, where(url), self._settings.wait_s, key=key, variable=key_variable(NAME)
        )
        self._backend = HttpBackend(with_scheme(url, socket=False), key, self._trouble)
        self._path = f"/v1/agents/{quote(self._settings.agent, safe='')}/messages"
        self._unheard = Unheard(self._settings.interrupted)

    async def reply(self, said: Said) -> Reply:
        stream = Stream()
        body = {
            "messages": [{"role": "user", "content": self._unheard.words(said)}],
            "streaming": True,
            "stream_tokens": True,
            "include_pings": True,
        }
        # Servers from before `streaming` answer in one piece.
        frames = self._backend.frames(self._path, lambda: body, frozenset({EVENTS, WHOLE}))
        try:
            with self._unheard.asking():
                async with aclosing(answer(frames, stream.read, self._trouble)) as pieces:
                    async for piece in pieces:
                        yield piece
        finally:
            if stream.run_id and not stream.over:
                self._backend.call(f"{self._path}/cancel", {"run_ids": [stream.run_id]})

    async def cancel(self, heard_text: str, heard_ms: int) -> None:  # noqa: ARG002
        self._unheard.cancelled(heard_text)

    def heard(self, said: Said, text: str) -> None:  # noqa: ARG002
        self._unheard.heard(text)

    async def close(self) -> None:
        await self._backend.close()


class Stream:
    """What Letta's events mean. Pure."""

    def __init__(self) -> None:
        self.run_id = ""
        self.over = False
        """The server does nothing more for it."""
        self._message = ""  # the id of the one in hand
        self._said = False

    def read(self, data: str) -> Step | None:
        """What the data of an event, or a whole answer, comes to."""
        if data.strip() == "[DONE]":
            self.over = True
            return Step(done=True)
        fields = object_in(data)
        if fields is None:
            return None
        if isinstance(fields.get("messages"), list):
            return self._whole(fields)
        if isinstance(run := fields.get("run_id"), str):
            self.run_id = run
        if "message_type" not in fields and fields.get("error"):
            return self._gave_up(fields)
        return self._message_of(fields)

    def _message_of(self, fields: dict[str, Any]) -> Step | None:
        step: Step | None = Step()  # its tools, and what they say, are its own business
        match fields.get("message_type"):
            case "assistant_message":
                step = Step(tuple(self._words(fields)))
            case "reasoning_message":
                thought = fields.get("reasoning")
                step = Step((Reasoning(thought),) if isinstance(thought, str) and thought else ())
            case "stop_reason":
                self.over = True
                reason = str(fields.get("stop_reason"))
                well = reason in WELL_ENDED
                step = Step(done=True) if well else Step(error=f"it stopped: {reason}")
            case "usage_statistics":
                step = Step(_usage(fields))
            case "error_message" if not self.over:
                step = self._gave_up(fields)
            case "ping":
                step = Step(idle=True)
            case kind if not isinstance(kind, str):
                step = None
        return step

    def _words(self, fields: dict[str, Any]) -> Iterator[Piece]:
        """Text, or a list of parts with text; another message than before does not stick to it."""
        content = fields.get("content")
        parts = content if isinstance(content, list) else [{"text": content}]
        texts = [each.get("text") for each in parts if isinstance(each, dict)]
        text = "".join(each for each in texts if isinstance(each, str))
        if not text:
            return
        message = str(fields.get("id") or fields.get("otid") or "")
        separate = self._said and message != self._message
        self._message, self._said = message, True
        yield f" {text}" if separate else text

    def _whole(self, fields: dict[str, Any]) -> Step:
        """An answer that was not streamed."""
        self.over = True
        pieces: list[Piece] = []
        for each in fields["messages"]:
            step = self._message_of(each) if isinstance(each, dict) else None
            pieces += step.pieces if step else ()
        usage = fields.get("usage")
        return Step((*pieces, *(_usage(usage) if isinstance(usage, dict) else ())), done=True)

    def _gave_up(self, fields: dict[str, Any]) -> Step:
        self.over = True
        told = fields.get("message") or fields.get("detail") or fields.get("error")
        told = told.get("message") if isinstance(told, dict) else told
        return Step(error=str(told or fields.get("error_type") or ""))


def _usage(fields: dict[str, Any]) -> tuple[Usage, ...]:
    prompt = token_count(fields.get("prompt_tokens"))
    written = token_count(fields.get("completion_tokens"))
    return (Usage(prompt, written),) if prompt or written else ()
