"""`mynah memory`: what a character remembers: seen, edited, pinned, forgotten, taken along."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mynah.cli import memory_view as view
from mynah.errors import UserError

if TYPE_CHECKING:
    from mynah.config import Settings
    from mynah.memory.fact import Fact
    from mynah.memory.store import MemoryStore

app = typer.Typer(
    help="What a character remembers: see, edit, pin, forget, export.", no_args_is_help=True
)

Character = Annotated[
    str | None, typer.Option(help="Whose memory; default: the one in the settings, else Mynah's.")
]
Config = Annotated[Path | None, typer.Option(help="Settings in TOML.")]
Json = Annotated[bool, typer.Option("--json", help="JSON on standard output, nothing else.")]
Id = Annotated[int, typer.Argument(help="Its number in `mynah memory list`.")]
Words = Annotated[str, typer.Argument(help="Words, in any language.")]
Keys = Annotated[
    list[str] | None, typer.Option("--key", help="A word that brings it back; more than once.")
]


@app.command("list")
def list_facts(character: Character = None, config: Config = None, as_json: Json = False) -> None:
    """Every fact, oldest first, and what it tells itself of all that was said."""
    store = _store(character, config)
    view.show_facts(store.facts(), as_json=as_json)
    if not as_json:
        view.tell_summary(store.summary)


@app.command()
def search(
    words: Words, character: Character = None, config: Config = None, as_json: Json = False
) -> None:
    """What these words call to mind, and every turn that has them."""
    import time

    store = _store(character, config)
    called = store.recall(words, time.time(), most=20)
    found = store.search(words)
    facts = [*called, *(fact for fact in found.facts if fact not in called)]
    view.show_found(facts, found.turns, as_json=as_json)


@app.command()
def show(
    fact_id: Id, character: Character = None, config: Config = None, as_json: Json = False
) -> None:
    """One fact, and the turns it comes from."""
    found = _store(character, config).with_sources(fact_id)
    view.show_fact(found.facts[0], found.turns, as_json=as_json)


@app.command()
def edit(
    fact_id: Id,
    words: Annotated[str | None, typer.Argument(help="What it says from now on.")] = None,
    key: Keys = None,
    character: Character = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Say a fact otherwise. {{user}} stands for you."""
    if words is None and key is None:
        raise UserError("nothing to change: give the new words, or --key")
    view.show_facts([_store(character, config).edit(fact_id, words, key)], as_json=as_json)


@app.command()
def pin(
    fact_id: Id, character: Character = None, config: Config = None, as_json: Json = False
) -> None:
    """Tell a fact always, and keep it for good."""
    view.show_facts([_store(character, config).pin(fact_id)], as_json=as_json)


@app.command()
def unpin(
    fact_id: Id, character: Character = None, config: Config = None, as_json: Json = False
) -> None:
    """Tell a fact only when it is called for."""
    view.show_facts([_store(character, config).pin(fact_id, pinned=False)], as_json=as_json)


@app.command()
def forget(
    what: Annotated[str, typer.Argument(help="A fact's number, or words: all that has them.")],
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
    character: Character = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Forget a fact with the turns it comes from, or whatever has these words, for good.

    It is gone from the file itself. Capsules and exports made before still have it.
    """
    store = _store(character, config)
    by_id = int(what) if what.isascii() and what.isdigit() else None
    found = store.search(what) if by_id is None else store.with_sources(by_id)
    if not as_json:
        view.show_found(found.facts, found.turns, as_json=False)
    if not (found.facts or found.turns):
        raise UserError(f"nothing has the words {what!r}; `mynah memory search` finds less exactly")
    if not yes and not typer.confirm("Forget all of this for good?", err=True):
        raise typer.Exit(1)
    gone = store.forget(what) if by_id is None else store.forget_fact(by_id)
    _brief_anew(character, config)
    view.tell_forgotten(gone, as_json=as_json)


@app.command()
def add(
    words: Words,
    key: Keys = None,
    pin: Annotated[bool, typer.Option("--pin", help="Tell it always.")] = False,
    character: Character = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Have the character know something. {{user}} stands for you."""
    from mynah.memory.store import MemoryStore

    fact = _new_fact(words, key or [], pinned=pin)
    view.show_facts([MemoryStore(_file(character, config)).add(fact)], as_json=as_json)


@app.command()
def export(
    file: Annotated[
        Path, typer.Argument(help="A lorebook, or the log if its name ends in .jsonl.")
    ],
    character: Character = None,
    config: Config = None,
) -> None:
    """Write the facts as a lorebook that SillyTavern and others read, or the log, a turn a line.

    Nobody else on this computer may read the file.
    """
    from mynah.link.keys import write_private

    store = _store(character, config)
    if file.suffix == ".jsonl":
        lines = [json.dumps(view.of_turn(turn), ensure_ascii=False) for turn in store.log()]
        text = "".join(f"{line}\n" for line in lines)
    else:
        book = {"name": "memory", "extensions": {}, "entries": store.entries()}
        text = json.dumps({"spec": "lorebook_v3", "data": book}, ensure_ascii=False, indent=2)
    write_private(file, text.encode())
    typer.echo(f"{file}: written")


@app.command()
def reflect(
    rules: Annotated[bool, typer.Option("--rules", help="Ask nobody.")] = False,
    character: Character = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Think back now over turns that were not thought about; shows the facts that were noted.

    The companion in the settings is asked, unless it is too small for it: then rules look.
    """
    import asyncio

    settings = _settings(config)
    facts = asyncio.run(_reflect(settings, _whose(settings, character), rules=rules))
    view.show_facts(facts, as_json=as_json)


async def _reflect(settings: "Settings", character: str, *, rules: bool) -> "list[Fact]":
    from mynah.prompting.opening import open_mind

    mind = open_mind(settings, character)
    try:
        if rules or not mind.reflects:
            return await mind.reflect(None)
        companion = _companion(settings, mind)
        try:
            await companion.start()
            return await mind.reflect(companion.reply)
        finally:
            await companion.close()
    finally:
        await mind.close()


def _companion(settings: "Settings", mind: Any) -> Any:
    from mynah.companions import open_companion

    companion = open_companion(settings.companion, settings)
    inner = getattr(companion, "companion", companion)
    if not hasattr(inner, "mind"):
        raise UserError(
            f"companion {settings.companion} keeps the conversation itself and is not asked; "
            "use --rules"
        )
    inner.mind = mind
    return companion


def _brief_anew(character: str | None, config: Path | None) -> None:
    """What is laid out for the character's next companion may tell what is forgotten now."""
    from mynah.characters.moving_on import pack
    from mynah.prompting.opening import folder_of

    settings = _settings(config)
    folder = folder_of(_whose(settings, character))
    if folder.exists and folder.briefing_file.is_file():
        pack(folder, settings.memory.user_name, keeps_conversation=True)


def _new_fact(words: str, keys: list[str], *, pinned: bool) -> "Fact":
    import time

    from mynah.memory.fact import MOST_CONTENT, Fact, clean, clean_keys
    from mynah.memory.noticing import keys_of

    content = clean(words, MOST_CONTENT)
    if not content:
        raise UserError("no words to remember")
    found = clean_keys(keys) or keys_of(content)
    return Fact(content, found, created=time.time(), pinned=pinned)


def _store(character: str | None, config: Path | None) -> "MemoryStore":
    """To look into, that is: where there is none, none is made."""
    from mynah.memory.store import MemoryStore

    file = _file(character, config)
    return MemoryStore(file if file.is_file() else None)


def _file(character: str | None, config: Path | None) -> Path:
    from mynah.prompting.opening import folder_of

    return folder_of(_whose(_settings(config), character)).memory_file


def _whose(settings: "Settings", character: str | None) -> str:
    return getattr(settings, "character", "") if character is None else character


def _settings(config: Path | None) -> "Settings":
    from mynah.config import load

    return load(config)
