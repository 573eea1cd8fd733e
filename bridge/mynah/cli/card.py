"""`mynah card`: characters come, go, are looked at, chosen, and rescued."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from mynah.characters.moving_in import MovedIn

app = typer.Typer(
    help="Characters: cards in and out, whole souls, and those rescued from pasted lines.",
    no_args_is_help=True,
)

SUFFIXES = {".json", ".png", ".apng", ".charx", ".jpg", ".jpeg"}
"""Of the files in a folder that may be cards; a .charx may begin with a picture."""

Files = Annotated[list[Path], typer.Argument(help="Cards: .json, .png or .charx; or folders.")]
Name = Annotated[str, typer.Option(help="What it is called here; default: the card's name.")]
Replace = Annotated[
    bool, typer.Option("--replace", help="Give one that lives here this card; it keeps its memory.")
]
Character = Annotated[str, typer.Argument(help="A name from `mynah card list`.")]
Config = Annotated[Path | None, typer.Option(help="Settings in TOML.")]


@app.command("import")
def import_cards(files: Files, name: Name = "", replace: Replace = False) -> None:
    """Take characters in, with the memory and conversations that a capsule brings."""
    from rich.progress import track

    from mynah.characters.moving_in import move_in
    from mynah.errors import UserError

    paths = [path for file in files for path in _cards_in(file)]
    if name and len(paths) > 1:
        raise UserError(f"--name is for one card, these are {len(paths)}")
    failed = 0
    row = track(paths, "reading", transient=True) if len(paths) > 1 else paths
    for path in row:
        try:
            _tell(move_in(path, name, replacing=replace))
        except UserError as error:
            if len(paths) == 1:
                raise
            failed += 1
            typer.echo(f"left out: {error}", err=True)
    if failed:
        raise UserError(f"{failed} of {len(paths)} cards could not be taken in")


@app.command("export")
def export_card(
    character: Character,
    to: Annotated[Path | None, typer.Option(help="The file; default: NAME and its suffix.")] = None,
    kind: Annotated[
        Literal["charx", "png", "json"] | None,
        typer.Option("--format", help="Default: that of --to, else the card's own."),
    ] = None,
    capsule: Annotated[
        bool, typer.Option("--capsule", help="All of it: memory, voice and conversations too.")
    ] = False,
    portrait: Annotated[Path | None, typer.Option(help="A PNG to be its picture.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the file.")] = False,
    config: Config = None,
) -> None:
    """Write a character into a file that other programs read; unchanged, it is byte for byte."""
    from mynah.characters import home_folder
    from mynah.characters.assets import left_behind
    from mynah.characters.leaving import exported, kind_of
    from mynah.config import load
    from mynah.errors import UserError
    from mynah.link.keys import make_private

    folder = home_folder.find(character)
    card = folder.card()
    chosen = kind_of(card, to, kind, capsule=capsule)
    path = to or Path(f"{folder.name}.{chosen}")
    if path.exists() and not force:
        raise UserError(f"{path} is there already; choose another --to, or --force")
    content = exported(folder, chosen, portrait, load(config), capsule=capsule)
    if capsule:  # what was said in confidence is in it
        make_private(path)
    path.write_bytes(content)
    typer.echo(f"wrote {path}, {path.stat().st_size / 1e3:.0f} kB")
    if lost := left_behind(card, chosen):
        typer.echo(f"left behind: {', '.join(lost)}; --format charx takes them along")


@app.command("show")
def show_card(
    card: Annotated[str, typer.Argument(help="A name from `mynah card list`, or a file.")],
) -> None:
    """Who it is: what the card says, what it knows, how it speaks."""
    from mynah.characters import home_folder
    from mynah.characters.reading import read_file
    from mynah.cli.card_view import shown

    path = Path(card)
    if path.is_file():
        shown(read_file(path), None)
    else:
        folder = home_folder.find(card)
        shown(folder.card(), folder)


@app.command("list")
def list_cards(config: Config = None) -> None:
    """Who lives here."""
    from mynah.characters.home_folder import all_folders
    from mynah.cli.card_view import listed
    from mynah.config import load

    folders = all_folders()
    if not folders:
        typer.echo("nobody yet: mynah card import FILE")
    listed(folders, load(config).character)


@app.command("use")
def use_card(
    character: Annotated[str, typer.Argument(help="A name; `none` for Mynah's own persona.")],
    voice: Annotated[str, typer.Option(help="The Piper voice it speaks with.")] = "",
    config: Config = None,
) -> None:
    """Choose who the companion plays from now on."""
    from mynah.characters import home_folder
    from mynah.characters.voice import chosen, mute
    from mynah.config import load
    from mynah.setting import set_keys

    if character == "none":
        typer.echo(f"{set_keys(config, character='')}: Mynah is herself from now on")
        return
    folder = home_folder.find(character)
    if voice:
        voice = chosen(voice)
        folder.write(folder.voice_file, f"{voice}\n".encode())
    path = set_keys(config, character=folder.name)
    typer.echo(f"{path}: {folder.name} is played from now on{f', with {voice}' if voice else ''}")
    if line := mute(folder, load(config)):
        typer.echo(line)


@app.command("rescue")
def rescue_card(
    files: Annotated[
        list[Path] | None,
        typer.Argument(help="Pasted lines or exported chats; without any: paste them now."),
    ] = None,
    name: Annotated[str, typer.Option(help="The character's name.")] = "",
    user: Annotated[str, typer.Option(help="What you are called in the lines.")] = "",
    persona: Annotated[str, typer.Option(help="Who they are: words, or a text file.")] = "",
    portrait: Annotated[Path | None, typer.Option(help="A picture of them, PNG.")] = None,
    replace: Replace = False,
) -> None:
    """Make a card of what is left: pasted lines, a few words, a picture. They become memory too."""
    from mynah.characters.rescuing import rescue
    from mynah.cli.card_view import shown
    from mynah.cli.rescue_questions import asked

    lost = asked(files or [], name, user, persona)
    moved = rescue(lost, portrait, replacing=replace)
    _tell(moved)
    shown(moved.folder.card(), moved.folder)


@app.command("chats")
def import_chats(
    character: Character,
    files: Annotated[list[Path], typer.Argument(help="SillyTavern's .jsonl, exports, or text.")],
    user: Annotated[str, typer.Option(help="What you are called in pasted lines.")] = "",
) -> None:
    """Let a character remember conversations from elsewhere."""
    from rich.progress import track

    from mynah.characters import home_folder
    from mynah.characters.chats.reading import read_file
    from mynah.characters.moving_in import remember
    from mynah.cli.card_view import counted

    folder = home_folder.find(character)
    called = folder.card().view.called
    for path in track(files, "reading", transient=True) if len(files) > 1 else files:
        chats = read_file(path, user, called if path.suffix == ".txt" else "")
        turns = remember(folder, chats, path.stem)
        typer.echo(f"{path}: {counted(turns, 'turn') or 'nothing'} new to {folder.name}")
        for line in (line for chat in chats for line in chat.told):
            typer.echo(f"  {line}")


@app.command("lore")
def import_lore(
    character: Character,
    files: Annotated[list[Path], typer.Argument(help="Lorebooks: SillyTavern's, V3's, others'.")],
) -> None:
    """Put lorebooks into a character's card."""
    from mynah.characters import home_folder
    from mynah.characters.lore_file import read_lore, with_lore
    from mynah.characters.lorebook import Lorebook
    from mynah.cli.card_view import counted

    folder = home_folder.find(character)
    card = folder.card()
    for path in files:
        card, count = with_lore(card, read_lore(path))
        entries = counted(count, "entry", "entries") or "nothing"
        typer.echo(f"{path}: {entries} new to {folder.name}")
    folder.keep(card)
    if told := Lorebook.of(card.view.book or {"entries": []}).told:
        typer.echo(told)


def _cards_in(path: Path) -> list[Path]:
    from mynah.errors import UserError

    if not path.is_dir():
        return [path]
    found = sorted(each for each in path.iterdir() if each.suffix.lower() in SUFFIXES)
    if not found:
        raise UserError(f"{path}: no cards in this folder")
    return found


def _tell(moved: "MovedIn") -> None:
    import shlex

    from mynah.cli.card_view import counted

    brought = filter(None, (counted(moved.facts, "fact"), counted(moved.turns, "turn")))
    with_it = " and ".join(brought)
    name = moved.folder.name
    lives = f"{name} lives here now{f' with {with_it}' if with_it else ''}"
    typer.echo(f"{lives}; mynah card use {shlex.quote(name)}")
    for line in moved.told:
        typer.echo(f"  {line}")
