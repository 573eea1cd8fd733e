"""The servers that the settings ask for, beside a conversation or alone."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Final

from mynah.config import Serving, Settings
from mynah.link.keys import data_folder
from mynah.seeing import log
from mynah.seeing.server import known_token

if TYPE_CHECKING:
    from mynah.companions.base import Begin, Companion
    from mynah.serving.services import Names, Services
    from mynah.serving.worn import Worn
    from mynah.stages import Stages

DEFAULT_PORT: Final = 8355
"""Where `mynah serve` listens if nothing is set. SillyTavern itself listens on 8000."""


def token_file() -> Path:
    """Where the token lies: who may read it may ask."""
    return data_folder() / "serving.token"


def names_of(settings: Settings) -> "Names":
    """What the parts are called."""
    from mynah.serving.services import Names

    return Names(
        settings.companion,
        settings.hearing.model,
        settings.speaking.voice,
        settings.hearing.language,
        version("mynah-companion"),
    )


@asynccontextmanager
async def served_beside(
    settings: Settings,
    stages: "Stages",
    another: "Callable[[], Companion]",
    begin: "Begin",
    worn: "Worn",
) -> AsyncIterator[list[str]]:
    """What the settings ask for, beside a conversation, with its ears, voice and ring.

    `another` opens a companion beside the wearer's, which may be in mid-sentence. Enter it before
    the stages are shared among rings.
    """
    if not settings.serving.port and not settings.serving.wyoming_port:
        yield []
        return
    from mynah.serving.services import Services
    from mynah.speech.asr import WhisperTranscriber

    ears = stages.transcriber
    if isinstance(ears, WhisperTranscriber):
        ears = ears.beside()
    stages.open_acts = worn.around(stages.open_acts)
    companion = another()
    services = Services(
        ears,
        stages.synthesizer,
        companion,
        names_of(settings),
        begin=lambda: begin if worn.lent() else None,
        ring=worn.lent,
    )
    try:
        with log.heard_by(worn.note):
            async with serving(settings.serving, services) as lines:
                yield lines
    finally:
        await companion.close()


@asynccontextmanager
async def serving(settings: Serving, services: "Services") -> AsyncIterator[list[str]]:
    """While it lasts, they serve; yields where, in lines for a person. None without a port."""
    from mynah.seeing.loopback import LoopbackServer
    from mynah.serving.api import house

    lines = []
    async with AsyncExitStack() as stack:
        if settings.port:
            inside = house(services, known_token(token_file()), tuple(settings.origins.split()))
            server = LoopbackServer(inside, port=settings.port)
            await stack.enter_async_context(server)
            lines.append(f"serving at http://127.0.0.1:{server.port}, token in {token_file()}")
        if settings.wyoming_port:
            from mynah.serving.wyoming import WyomingServer

            wyoming = WyomingServer(services, settings.wyoming_port)
            await stack.enter_async_context(wyoming)
            lines.append(f"Wyoming at tcp://127.0.0.1:{wyoming.port}")
        yield lines
