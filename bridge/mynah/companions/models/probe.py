"""What a server can do, found by asking it: its models, and answers of one word."""

from collections.abc import Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass, field, replace
from time import monotonic
from typing import Any, Final
from urllib.parse import urlsplit

import httpx

from mynah.companions.mind import Chat
from mynah.companions.models.asking import REASON_S, Asking
from mynah.companions.models.learned import note
from mynah.companions.models.openai_chunks import loaded
from mynah.companions.models.openai_trouble import Trouble
from mynah.companions.models.presets import WIRES, Preset, presets
from mynah.companions.models.quirks import ROLES, Quirks, different
from mynah.companions.models.wire import Wire, Wish
from mynah.companions.reaching.openai_http import TooMuchError, new_client
from mynah.companions.thoughts import Thoughts
from mynah.errors import CompanionError

MOST_BYTES: Final = 1_000_000
"""Of a list of models: OpenRouter's of 400 takes half of it."""

ONE_WORD: Final = 1
"""Tokens: enough to see that a chat is taken, and next to nothing to pay."""

SOME_WORDS: Final = 24
"""Tokens: enough to see how an answer begins."""

_KINDS: Final = (
    ("koboldcpp", "/api/extra/version", "result"),
    ("llamacpp", "/props", "default_generation_settings"),
    ("textgen", "/v1/internal/model/info", "model_name"),
)
"""Servers of one's own by a page that they alone have, and what is in it."""

_TASK: Final = "Answer in one word."

_CHATS: Final = {
    "any": ("system", "assistant", "user", "system", "user"),
    "alternate": ("system", "user", "assistant", "user"),
    "no-system": ("user", "assistant", "user"),
}
"""The loosest chat of each strictness: who takes it, takes all."""


@dataclass(slots=True)
class Found:
    """What is known of a server."""

    base_url: str
    model: str
    kind: str
    """Which preset it is like."""
    models: tuple[str, ...] = ()
    answers: str = ""
    """Empty if it answers, else why not."""
    first_word_ms: int | None = None
    thinks: str = ""
    """In which way, if it did."""
    counts: bool = False
    """It says what an answer cost."""
    quirks: Quirks = field(default_factory=Quirks)
    learned: tuple[str, ...] = ()
    """The names of the quirks that the table did not know."""


async def probe(
    preset: Preset,
    base_url: str,
    model: str,
    key: str,
    wait_s: float,
    tell: Callable[[str], None],
    section: str = "",
) -> Found:
    """Ask a server what it can do, and remember it; `tell` hears of each step.

    `section` is the table of settings that it stands in, if it does.
    """
    wire = WIRES[preset.wire]()
    found = Found(base_url, model, preset.name, quirks=preset.quirks)
    async with new_client(base_url, "") as client:
        tell("which models")
        found.models = await _models(client, wire, base_url, key)
        if not preset.hosts and not preset.quirks.abort and preset.wire == "openai":
            tell("what kind of server")
            await _recognise(client, found, wire.headers(key))
    if model == "default" and found.models:
        found.model = found.models[0]
    trouble = Trouble(base_url, found.model, wait_s, section=section, variable=preset.variable)
    asking = Asking(wire, base_url, key, found.quirks, trouble, wait_s)
    try:
        tell("how it answers")
        await _answer(asking, found)
        if not found.answers:
            tell("who may speak when")
            await _roles(asking, found)
    finally:
        await asking.close()
    if found.answers:
        return found
    facts = different(preset.quirks, asking.quirks)
    found.quirks, found.learned = asking.quirks, tuple(facts)
    for name in {model, found.model}:
        note(base_url, name, {**facts, "kind": found.kind})
    return found


async def _models(
    client: httpx.AsyncClient, wire: Wire, base_url: str, key: str
) -> tuple[str, ...]:
    """Their names; none if it does not tell."""
    page = await _page(client, base_url + wire.models, wire.headers(key)) or {}
    listed = page.get("data") or page.get("models")
    names = [
        str(each.get("id") or each.get("name") or "")
        for each in (listed if isinstance(listed, list) else [])
        if isinstance(each, dict)
    ]
    return tuple(name for name in names if name)


async def _recognise(client: httpx.AsyncClient, found: Found, headers: dict[str, str]) -> None:
    """A server of one's own, by what it has: its orders to stop are then known."""
    parts = urlsplit(found.base_url)
    for kind, path, key in _KINDS:
        page = await _page(client, f"{parts.scheme}://{parts.netloc}{path}", headers)
        if page is not None and key in page:
            found.kind = kind
            quirks = presets()[kind].quirks
            found.quirks = replace(found.quirks, abort=quirks.abort, busy_s=quirks.busy_s)
            return


async def _page(
    client: httpx.AsyncClient, url: str, headers: dict[str, str]
) -> dict[str, Any] | None:
    """A page of JSON; None if there is none, or it is no object. It says nothing by being away."""
    read = b""
    with suppress(httpx.HTTPError, TooMuchError):
        async with client.stream("GET", url, headers=headers, timeout=REASON_S) as response:
            if not response.is_success:
                return None
            async for part in response.aiter_bytes():
                read += part
                if len(read) > MOST_BYTES:
                    return None
    return loaded(read)


async def _answer(asking: Asking, found: Found) -> None:
    begun = monotonic()
    thoughts = Thoughts()
    chat = Chat((_TASK,), ({"role": "user", "content": "Hello."},))
    try:
        async with aclosing(asking.answer(chat, Wish(found.model, SOME_WORDS))) as chunks:
            async for chunk in chunks:
                if found.first_word_ms is None and (chunk.text or chunk.thought):
                    found.first_word_ms = round((monotonic() - begun) * 1000)
                found.counts = found.counts or chunk.usage is not None
                if chunk.thought:
                    found.thinks = "beside the words"
                if any(not isinstance(part, str) for part in thoughts.push(chunk.text)):
                    found.thinks = "in tags"
    except CompanionError as error:
        found.answers = str(error)
    if thoughts.unopened:
        found.thinks = "in tags that only end"
        asking.quirks = asking.quirks.but(unopened=True)


async def _roles(asking: Asking, found: Found) -> None:
    """The loosest chat that it takes. A refusal whose words say why is a lesson for Asking."""
    for roles in ROLES[ROLES.index(asking.quirks.roles) :]:
        with suppress(CompanionError):  # a refusal that says nothing: try the next
            chat = _chat(_CHATS[roles])
            async with aclosing(asking.answer(chat, Wish(found.model, ONE_WORD))) as chunks:
                async for _ in chunks:
                    pass
            if asking.quirks.roles == ROLES[0]:
                asking.quirks = asking.quirks.but(roles=roles)
            return


def _chat(roles: tuple[str, ...]) -> Chat:
    system = (_TASK,) if roles[0] == "system" else ()
    return Chat(system, tuple({"role": role, "content": "Hello."} for role in roles[len(system) :]))
