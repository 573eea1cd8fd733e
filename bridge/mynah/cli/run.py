"""`mynah run`: the conversation, with the ring that there is."""

import asyncio
import tempfile
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from mynah.config import Settings
    from mynah.live import Live
    from mynah.stages import Stages
    from mynah.view import View

LINES = (
    "Hello there. It is nice to meet you.",
    "I saw a rainbow this morning.",
    "Thank you for talking with me.",
)

Link = Annotated[
    str | None,
    typer.Option(help="Which ring: ble:, serial:PORT, or emulator:NAME?loss=0.02&interval=30"),
]
Companion = Annotated[str | None, typer.Option(help="Who answers.")]
Speaker = Annotated[str | None, typer.Option(help="Where replies sound: ring, computer or auto.")]
HandsFree = Annotated[bool, typer.Option("--hands-free", help="One tap, many turns.")]
Config = Annotated[Path | None, typer.Option(help="Settings in TOML.")]


def run(
    link: Link = None,
    companion: Companion = None,
    speaker: Speaker = None,
    hands_free: HandsFree = False,
    config: Config = None,
) -> None:
    """Keep the conversation going, with the paired ring or else an emulated one.

    Where nobody can talk to an emulated ring, a few sample lines are spoken into it.
    """
    from mynah.config import load

    settings = load(config).overridden(
        link=link, companion=companion, speaker=speaker, hands_free=hands_free
    )
    raise typer.Exit(asyncio.run(_run(settings)))


async def _run(settings: "Settings") -> int:
    from mynah.emulator.emulated import SCHEME
    from mynah.link.keys import KeyStore
    from mynah.link.place import at_ring
    from mynah.live import Live
    from mynah.stages import stages_of

    uri = settings.link or ("ble:" if KeyStore().all() else SCHEME)
    settings = settings.overridden(link=uri)
    stages = stages_of(settings)  # what is wrong with the settings is told before anything else
    with ExitStack() as stack:
        view = _view(settings, stack)
        if not uri.startswith(SCHEME):
            live = Live(stages, settings.companion, view, lambda: at_ring(uri))
            return await _until_left(live, view)
        if nobody := _nobody():
            view.tell(f"{nobody}: sample lines are spoken into an emulated ring instead")
            return await converse_in_lines(settings, LINES, view)
        return await _talk_as_wearer(settings, stages, view)


async def _talk_as_wearer(settings: "Settings", stages: "Stages", view: "View") -> int:
    """The person at this computer wears the emulated ring."""
    from mynah.emulator.person import Person
    from mynah.live import Live
    from mynah.terminal.shell import TerminalFinger

    person = Person(settings, view)
    live = Live(stages, settings.companion, view, person.wear)
    async with TerminalFinger(person.act) as finger:
        person.begin(finger, live.end)
        return await _until_left(live, view)


async def _until_left(live: "Live", view: "View") -> int:
    """To leave is not a failure: the exit code is 0."""
    with suppress(asyncio.CancelledError):  # Ctrl-C
        await live.run()
    view.tell(live.summary)
    return 0


def _nobody() -> str | None:
    """Why nobody can talk to an emulated ring here; None if somebody can."""
    from mynah.audio.sound_card import has_input
    from mynah.terminal.shell import usable

    if not usable():
        return "no terminal to press keys in"
    return None if has_input() else "no microphone on this computer"


def _view(settings: "Settings", stack: ExitStack) -> "View":
    """A live one where the terminal can show it."""
    from rich.console import Console

    from mynah.cli.live_view import LiveView
    from mynah.cli.plain_view import PlainView

    console = Console(highlight=False)
    if not LiveView.fits(console):
        return PlainView(console)
    return stack.enter_context(LiveView(console, title="mynah", companion=settings.companion))


async def converse_in_lines(
    settings: "Settings", lines: tuple[str, ...], view: "View | None" = None
) -> int:
    """Speak each line into the emulated ring in the voice of the settings; the exit code."""
    from mynah.cli.view import TerminalView
    from mynah.scripted import Script, converse

    view = view or TerminalView()
    with tempfile.TemporaryDirectory(prefix="mynah-lines-") as folder:
        with view.busy("synthesising what you would say"):
            clips = await _synthesise(settings, lines, Path(folder))
        return await converse(Script(clips, settings), view)


async def _synthesise(
    settings: "Settings", lines: tuple[str, ...], folder: Path
) -> tuple[Path, ...]:
    import numpy as np

    from mynah.audio.files import write_wav
    from mynah.speech.models import find
    from mynah.speech.tts import PiperSynthesizer

    synthesizer = PiperSynthesizer(find(settings.speaking.voice))
    paths = []
    try:
        for number, line in enumerate(lines, 1):
            pieces = [samples async for samples in synthesizer.speak(line)]
            path = folder / f"line_{number}.wav"
            write_wav(path, np.concatenate(pieces))
            paths.append(path)
    finally:
        await synthesizer.stop()
    return tuple(paths)
