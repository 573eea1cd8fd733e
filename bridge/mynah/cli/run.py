"""`mynah run`: the conversation, with the ring that there is."""

import asyncio
import tempfile
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mynah.errors import MynahError, UserError

if TYPE_CHECKING:
    from mynah.config import Settings
    from mynah.link.place import OpenPlace
    from mynah.live import Live
    from mynah.stages import Stages, Witness
    from mynah.view import View

DEAF = "this ring has no microphone, it only feels taps: run it in a terminal, and press space"

LINES = (
    "Hello there. It is nice to meet you.",
    "I saw a rainbow this morning.",
    "Thank you for talking with me.",
)

Link = Annotated[
    list[str] | None,
    typer.Option(
        help="Which ring: ble:, serial:PORT, emulator:NAME?loss=0.02&interval=30, or "
        "emulator:?board=NAME; several are conversed with at once."
    ),
]
Companion = Annotated[
    str | None, typer.Option(help="Who answers: a name from `mynah companion list`.")
]
Speaker = Annotated[str | None, typer.Option(help="Where replies sound: ring, computer or auto.")]
HandsFree = Annotated[bool, typer.Option("--hands-free", help="One tap, many turns.")]
Config = Annotated[Path | None, typer.Option(help="Settings in TOML.")]
Quiet = Annotated[
    bool, typer.Option("--quiet", help="Only what goes wrong, no words: for output that is kept.")
]


def run(
    link: Link = None,
    companion: Companion = None,
    speaker: Speaker = None,
    hands_free: HandsFree = False,
    config: Config = None,
    quiet: Quiet = False,
) -> None:
    """Keep the conversation going, with the paired ring or else an emulated one.

    Where nobody can talk to an emulated ring, a few sample lines are spoken into it.
    """
    from mynah.config import load

    settings = load(config).overridden(
        link=" ".join(link or ()), companion=companion, speaker=speaker, hands_free=hands_free
    )
    if not quiet:
        raise typer.Exit(asyncio.run(keep_conversing(settings)))
    from mynah.cli.quiet import QuietView, hush

    raise typer.Exit(asyncio.run(keep_conversing(settings, view=QuietView(hush()))))


async def keep_conversing(
    settings: "Settings", witness: "Witness | None" = None, view: "View | None" = None
) -> int:
    """Until the person leaves; the exit code. A witness is shown every conversation."""
    from mynah.at_home import open_home
    from mynah.beside import several
    from mynah.characters.voice import unspoken
    from mynah.emulator.emulated import SCHEME, hears
    from mynah.link.keys import KeyStore
    from mynah.link.place import real_places
    from mynah.seeing.seen import seen
    from mynah.stages import stages_of

    links = settings.link.split() or (["ble:"] if KeyStore().all() else [SCHEME])
    stages = stages_of(settings)  # what is wrong with the settings is told before anything else
    stages.witness = witness
    emulated = [settings.overridden(link=link) for link in links if link.startswith(SCHEME)]
    real = [link for link in links if not link.startswith(SCHEME)]
    places = real_places(real, expected=view is not None)  # a service begins before it is there
    async with AsyncExitStack() as stack:
        shown = view or _view(settings, stack)
        view = await stack.enter_async_context(seen(settings, shown))
        if line := unspoken(settings):
            view.trouble(line)
        await _serve_beside(settings, stages, view, stack)
        deaf = {each.link for each in emulated if not hears(each.link)}
        nobody = _nobody(hearing=len(deaf) < len(emulated)) if emulated else None
        if nobody and places:
            view.tell(f"{nobody}: the emulated rings are left out")
            emulated = []
        elif nobody and deaf:
            emulated = _speakable(emulated, deaf, view)
        others = [open_home(settings) for _ in range(len(places) + len(emulated) - 1)]
        rings = _Rings(places, emulated, several(stages, [stages.companion, *others]))
        if not emulated:
            return await _until_left(_live(rings, settings, view), view)
        if nobody:
            view.tell(f"{nobody}: sample lines are spoken into an emulated ring instead")
            return await _say_lines(rings, view)
        return await _talk_as_wearer(rings, settings, view)


async def _serve_beside(
    settings: "Settings", stages: "Stages", view: "View", stack: AsyncExitStack
) -> None:
    """Other programs on this computer may use ears, voice and ring, if the settings say so."""
    from mynah.at_home import open_home
    from mynah.serving.running import served_beside
    from mynah.serving.worn import Worn

    worn = Worn()
    stages.touch_watchers.append(worn.touched)
    serving = served_beside(settings, stages, lambda: open_home(settings), stages.begin, worn)
    try:
        for line in await stack.enter_async_context(serving):
            view.tell(line)
    except UserError:
        raise
    except MynahError as error:  # whoever has the port must not keep the wearer from talking
        view.trouble(f"other programs are not served: {error}")


@dataclass(frozen=True, slots=True)
class _Rings:
    """Real ones and emulated ones, and the stages of each in this order."""

    places: "list[OpenPlace]"
    emulated: "list[Settings]"
    stages: "list[Stages]"


def _live(rings: _Rings, settings: "Settings", view: "View", *worn: "OpenPlace") -> "Live":
    from mynah.attending import Attending
    from mynah.heap import Tidy
    from mynah.link.adapter import switched
    from mynah.live import Live

    # An emulated ring has an air of its own, whatever becomes of this computer's Bluetooth.
    adapter = None if rings.emulated else switched
    return Live(
        rings.stages,
        settings.companion,
        view,
        *rings.places,
        *worn,
        adapter=adapter,
        attend=lambda each: Attending(each, settings, thinks=each is rings.stages[0]),
        tidy=Tidy(),
    )


async def _talk_as_wearer(rings: _Rings, settings: "Settings", view: "View") -> int:
    """The person at this computer wears the emulated rings, and has a finger on the first."""
    from mynah.emulator.person import Person
    from mynah.terminal.shell import TerminalFinger

    alone = len(rings.stages) == 1
    worn = [Person(each, view, "" if alone else f"ring {each.link}") for each in rings.emulated]
    live = _live(rings, settings, view, *(person.wear for person in worn))
    async with TerminalFinger(worn[0].act) as finger:
        for person in worn:
            person.begin(finger, live.end)
        return await _until_left(live, view)


async def _say_lines(rings: _Rings, view: "View") -> int:
    """Into each emulated ring, all at once."""
    from mynah.beside import Beside

    if len(rings.emulated) == 1:
        stages = rings.stages[0] if rings.stages[0].witness else None
        return await converse_in_lines(rings.emulated[0], LINES, view, stages)
    beside = Beside(view)
    speaking = (
        converse_in_lines(each, LINES, beside.of(f"ring {each.link}"), stages)
        for each, stages in zip(rings.emulated, rings.stages[-len(rings.emulated) :], strict=True)
    )
    return max(await asyncio.gather(*speaking))


async def _until_left(live: "Live", view: "View") -> int:
    """To leave is not a failure: the exit code is 0."""
    with suppress(asyncio.CancelledError):  # Ctrl-C
        await live.run()
    view.tell(live.summary)
    return 0


def _speakable(emulated: "list[Settings]", deaf: set[str], view: "View") -> "list[Settings]":
    """Those that sample lines can be spoken into."""
    hearing = [each for each in emulated if each.link not in deaf]
    if not hearing:
        raise UserError(f"{min(deaf)}: {DEAF}")
    for link in sorted(deaf):
        view.tell(f"{link} is left out: {DEAF}")
    return hearing


def _nobody(*, hearing: bool) -> str | None:
    """Why nobody can talk to an emulated ring here, or tap it where none is `hearing`; or None."""
    from mynah.audio.sound_card import has_input
    from mynah.terminal.shell import usable

    if not usable():
        return "no terminal to press keys in"
    return None if not hearing or has_input() else "no microphone on this computer"


def _view(settings: "Settings", stack: AsyncExitStack) -> "View":
    """A live one where the terminal can show it."""
    from rich.console import Console

    from mynah.cli.live_view import LiveView
    from mynah.cli.plain_view import PlainView

    console = Console(highlight=False)
    if not LiveView.fits(console):
        return PlainView(console)
    return stack.enter_context(LiveView(console, title="mynah", companion=settings.companion))


async def converse_in_lines(
    settings: "Settings",
    lines: tuple[str, ...],
    view: "View | None" = None,
    stages: "Stages | None" = None,
) -> int:
    """Speak each line into the emulated ring in the voice of the settings; the exit code."""
    from mynah.cli.view import TerminalView
    from mynah.scripted import Script, converse

    view = view or TerminalView()
    with tempfile.TemporaryDirectory(prefix="mynah-lines-") as folder:
        with view.busy("synthesising what you would say"):
            clips = await _synthesise(settings, lines, Path(folder))
        return await converse(Script(clips, settings, stages=stages), view)


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
