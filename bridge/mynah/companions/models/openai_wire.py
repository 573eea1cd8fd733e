"""OpenAI's chat completions, as every server that follows them wants to be asked. Pure."""

from typing import Any, ClassVar, Final, Literal

from mynah.companions.mind import Chat
from mynah.companions.models.openai_chunks import OpenAIReader
from mynah.companions.models.quirks import Quirks
from mynah.companions.models.roles import normalised
from mynah.companions.models.wire import Wish, merged

OWN_EXAMPLES: Final = 3
"""Of how the character talks: MiniMax advises one to three."""


class OpenAIWire:
    """Never adds /v1: a base URL is what comes before /chat/completions."""

    path: ClassVar[str] = "/chat/completions"
    models: ClassVar[str] = "/models"
    content_types: ClassVar[frozenset[str]] = frozenset({"text/event-stream"})
    frames: ClassVar[Literal["events", "lines"]] = "events"

    def headers(self, key: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {key}"} if key else {}

    def body(self, chat: Chat, wish: Wish, quirks: Quirks) -> dict[str, Any]:
        messages: list[Any] = normalised(chat.messages(), quirks.roles)
        body: dict[str, Any] = {
            "model": wish.model,
            "messages": _with_own_roles(chat) if quirks.own_roles else messages,
            "stream": True,
            quirks.limit_name: within(wish.answer_tokens, quirks),
        }
        if quirks.usage:
            body["stream_options"] = {"include_usage": True}
        if (temperature := clamped(wish.temperature, quirks)) is not None:
            body["temperature"] = temperature
        if stops := list(wish.stop[: quirks.most_stops]):
            body["stop"] = stops
        if wish.tools and quirks.tools:
            body["tools"] = list(wish.tools)
        if quirks.meta:
            body["meta"] = _meta(chat)
        return merged(body, quirks.quiet, quirks.extra, wish.extra)

    def warm(self, wish: Wish) -> None:  # noqa: ARG002 - there is no such thing
        return None

    def reader(self) -> OpenAIReader:
        return OpenAIReader()


def within(tokens: int, quirks: Quirks) -> int:
    """The most tokens to ask for."""
    return min(tokens, quirks.most_tokens) if quirks.most_tokens else tokens


def clamped(temperature: float | None, quirks: Quirks) -> float | None:
    """What may be sent of it; None for nothing."""
    if temperature is None or not quirks.temperature:
        return None
    return min(max(temperature, quirks.temperature[0]), quirks.temperature[-1])


def _with_own_roles(chat: Chat) -> list[dict[str, str]]:
    """MiniMax's M2-her: who the character is, who the user is, the scene, and how they talk."""
    her = {"name": chat.character} if chat.character else {}
    user = {"name": chat.user} if chat.user else {}
    lines = [{"role": "system", **her, "content": "\n\n".join(chat.system)}]
    if chat.user:
        about = f"The user's name is {chat.user}."
        lines.append({"role": "user_system", **user, "content": about})
    if chat.scene:
        lines.append({"role": "group", "content": chat.scene})
    for said, answer in chat.examples[:OWN_EXAMPLES]:
        lines.append({"role": "sample_message_user", **user, "content": said})
        lines.append({"role": "sample_message_ai", **her, "content": answer})
    names = {"user": user, "assistant": her, "system": {}}
    lines += [
        {**each, **names.get(each["role"], {})} for each in normalised(chat.turns, "alternate")
    ]
    return lines


def _meta(chat: Chat) -> dict[str, str]:
    return {
        "user_name": chat.user or "user",
        "user_info": chat.scene,
        "bot_name": chat.character or "Mynah",
        "bot_info": "\n\n".join(chat.system),
    }
