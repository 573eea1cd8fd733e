"""POST /v1/chat/completions: what was said last, to the companion, and what it answers.

The companion has a character, a memory and a conversation of its own. So the last message alone
reaches it: a system prompt and earlier turns are checked, and left out.
"""

import json
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from http import HTTPStatus
from secrets import token_hex
from typing import Any, Final

from mynah.companions.base import Usage
from mynah.errors import MynahError, one_line
from mynah.seeing.exchange import Exchange
from mynah.serving.answer_text import Asked
from mynah.serving.fields import Fields, unbroken
from mynah.serving.refusals import JSON, RequestError, body_of, status_of
from mynah.serving.services import Services

MOST_MESSAGES: Final = 2000
"""A whole chat, as front ends send it each time."""

MOST_CHARACTERS: Final = 8000
"""Of what is said: nobody talks ten minutes without a pause."""

MOST_NAME: Final = 200

ROLES: Final = frozenset({"system", "developer", "user", "assistant", "tool"})
EVENT_STREAM: Final = "text/event-stream"
SILLYTAVERN: Final = "sillytavern"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was said, and how the answer is to come."""

    said: str
    stream: bool
    with_usage: bool


def wanted(fields: Fields) -> Wanted:
    """RequestError if it can't be done. Temperatures, limits and penalties are the companion's."""
    fields.text("model", MOST_NAME, "")
    if fields.number("n", 1, 128, 1) != 1:
        raise RequestError("n can only be 1", param="n")
    for name in ("tools", "functions", "audio"):
        if fields.get(name):
            raise RequestError(f"{name} can't be had: the companion only talks", param=name)
    messages = [_message(each) for each in fields.items("messages", MOST_MESSAGES)]
    role, said = messages[-1]
    if role != "user":
        raise RequestError("the last message has to be the user's", param="messages")
    if not said.strip():
        raise RequestError("the last message says nothing", param="messages")
    if len(said) > MOST_CHARACTERS:
        raise RequestError(
            f"the last message is longer than {MOST_CHARACTERS} characters", param="messages"
        )
    stream = fields.flag("stream")
    options = Fields(fields.get("stream_options") or {})
    return Wanted(said, stream, not stream or options.flag("include_usage"))


async def complete(services: Services, exchange: Exchange) -> None:
    """Hung up on, it hangs up on the companion."""
    asked = wanted(Fields.parsed(await exchange.body()))
    if services.names.companion == SILLYTAVERN:
        raise RequestError(
            "the companion is SillyTavern itself, which would ask itself; set another",
            HTTPStatus.CONFLICT,
        )
    answer = Asked(services, asked.said)
    telling = _Telling(services.names.companion)
    async with aclosing(answer.text()) as text:
        if not asked.stream:
            words = "".join([piece async for piece in text]).strip()
            told = json.dumps(telling.whole(words, answer.usage))
            await exchange.answer(HTTPStatus.OK, JSON, told.encode())
            return
        whole = await _stream(exchange, telling, text)
    if whole and asked.with_usage and answer.usage is not None:
        await exchange.send(_event(telling.chunk(None) | {"choices": [], **_usage(answer.usage)}))
    if whole:
        await exchange.send(b"data: [DONE]\n\n")
    await exchange.end()


async def _stream(exchange: Exchange, telling: "_Telling", text: AsyncGenerator[str, None]) -> bool:
    """Whether it came to its end; else the last event says why not."""
    try:
        async for piece in text:
            if not exchange.begun:
                await exchange.begin(EVENT_STREAM)
                await exchange.send(_event(telling.chunk({"role": "assistant", "content": ""})))
            await exchange.send(_event(telling.chunk({"content": piece})))
    except MynahError as error:
        if not exchange.begun:
            raise
        await exchange.send(_event(body_of(status_of(error), one_line(error))))
        return False
    if not exchange.begun:
        await exchange.begin(EVENT_STREAM)
    await exchange.send(_event(telling.chunk({}, "stop")))
    return True


class _Telling:
    """One completion's answers."""

    def __init__(self, model: str) -> None:
        self._same: dict[str, Any] = {
            "id": f"chatcmpl-{token_hex(12)}",
            "created": int(time.time()),
            "model": model,
        }

    def chunk(self, delta: dict[str, str] | None, finish: str | None = None) -> dict[str, Any]:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        return {**self._same, "object": "chat.completion.chunk", "choices": [choice]}

    def whole(self, text: str, usage: Usage | None) -> dict[str, Any]:
        message = {"role": "assistant", "content": text}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        return {
            **self._same,
            "object": "chat.completion",
            "choices": [choice],
            **(_usage(usage) if usage else {}),
        }


def _usage(usage: Usage) -> dict[str, Any]:
    total = usage.prompt + usage.answer
    counted = {"prompt_tokens": usage.prompt, "completion_tokens": usage.answer}
    return {"usage": {**counted, "total_tokens": total}}


def _event(fields: dict[str, Any]) -> bytes:
    return b"data: " + json.dumps(fields, ensure_ascii=False).encode() + b"\n\n"


def _message(sent: object) -> tuple[str, str]:
    """Who says it, and what."""
    if not isinstance(sent, dict) or not _is_role(sent.get("role")):
        raise RequestError(
            f"each message needs a role of: {', '.join(sorted(ROLES))}", param="messages"
        )
    content = sent.get("content")
    if isinstance(content, list):
        content = "".join(map(_part, content))
    if not isinstance(content, str | None):
        raise RequestError("each message needs a text as its content", param="messages")
    return sent["role"], unbroken(content or "")


def _is_role(sent: object) -> bool:
    return isinstance(sent, str) and sent in ROLES


def _part(sent: object) -> str:
    text = sent.get("text") if isinstance(sent, dict) and sent.get("type") == "text" else None
    if not isinstance(text, str):
        raise RequestError("messages can hold text alone", param="messages")
    return text
