"""`mynah run`: the conversation. In this version, two sample lines with an emulated ring."""

import asyncio
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from mynah.config import Settings

LINES = (
    "Good morning. Did you sleep well?",
    "I am going for a walk by the river. Do you want to come along?",
)

Link = Annotated[str | None, typer.Option(help="emulator:NAME?loss=0.02&interval=30")]
Companion = Annotated[str | None, typer.Option(help="Who answers.")]
Config = Annotated[Path | None, typer.Option(help="Settings in TOML.")]


def run(link: Link = None, companion: Companion = None, config: Config = None) -> None:
    """Speak two sample lines into an emulated ring and hear the replies."""
    from mynah.config import load

    settings = load(config).overridden(link=link, companion=companion)
    raise typer.Exit(asyncio.run(converse_in_lines(settings, LINES)))


async def converse_in_lines(settings: "Settings", lines: tuple[str, ...]) -> int:
    """Speak each line into the emulated ring in the voice of the settings; the exit code."""
    from mynah.cli.view import TerminalView
    from mynah.scripted import Script, converse

    view = TerminalView()
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
