"""How characters are shown. What a card says is shown as it is: never as markup, never run."""

from contextlib import closing
from typing import TYPE_CHECKING, Final

from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from mynah.errors import printable

if TYPE_CHECKING:
    from mynah.characters.card import Card
    from mynah.characters.home_folder import Folder
    from mynah.characters.view import View

LONGEST: Final = 400
"""Characters of one field: enough to know who it is."""
MOST_EXAMPLES: Final = 2
WIDTH: Final = 14


def shown(card: "Card", folder: "Folder | None") -> None:
    """One character, from a file or from its folder."""
    from mynah.cli.portrait import drawn

    view = card.view
    table = Table.grid(padding=(0, 2))
    table.add_column(width=WIDTH, justify="right", style="dim")
    table.add_column(overflow="fold")
    for label, value in _rows(card, view, folder):
        if value:
            table.add_row(label, Text(_plain(value)))
    picture = drawn(card)
    body: RenderableType = table
    if picture is not None:
        beside = Table.grid(padding=(0, 3))
        beside.add_row(picture, table)
        body = beside
    title = Text(_plain(view.called or "nobody"), "bold")
    console = Console(highlight=False)
    console.print(Panel(Group(body), title=title, title_align="left"))
    for line in (*card.told, *_cut(view)):
        console.print(Text(_plain(line), "yellow"))


def listed(folders: "list[Folder]", used: str) -> None:
    """All of them, one a line; the one that is played is marked."""
    from mynah.errors import UserError

    table = Table.grid(padding=(0, 2))
    for folder in folders:
        mark = Text("►" if folder.name == used else " ", "green")
        try:
            card = folder.card()
        except UserError as error:
            table.add_row(mark, Text(folder.name), Text(str(error), "red"))
            continue
        kind = f"{card.kind}, V{card.version}"
        lore = counted(len(_entries(card.view)), "entry", "entries")
        row = (kind, card.view.language, lore, _remembered(folder))
        table.add_row(mark, Text(_plain(folder.name)), *row)
    Console(highlight=False).print(table)


def _rows(card: "Card", view: "View", folder: "Folder | None") -> list[tuple[str, str]]:
    examples = [
        f"{said} → {answer}" if said else answer for said, answer in view.examples[:MOST_EXAMPLES]
    ]
    return [
        ("name", view.name if view.name != view.called else ""),
        ("card", f"V{card.version}, {card.kind}, {_origin(view)}".rstrip(", ")),
        ("tags", ", ".join(view.tags)),
        ("who", view.description),
        ("personality", view.personality),
        ("scene", view.scenario),
        ("begins with", view.first_mes),
        ("greetings", str(len(view.greetings)) if len(view.greetings) > 1 else ""),
        ("talks so", "\n".join(examples)),
        ("examples", str(len(view.examples)) if view.examples else ""),
        ("language", view.language),
        ("voice", (folder.voice if folder else "") or view.voice),
        ("lore", counted(len(_entries(view)), "entry", "entries")),
        ("moods", ", ".join(view.emotions)),
        ("remembers", _remembered(folder)),
        ("notes", view.creator_notes),
    ]


def _origin(view: "View") -> str:
    return f"by {view.creator}" if view.creator else ""


def counted(count: int, one: str, many: str = "") -> str:
    """In words; nothing for none."""
    return f"{count} {one if count == 1 else many or one + 's'}" if count else ""


def _entries(view: "View") -> list[dict[str, object]]:
    from mynah.characters.lorebook import entries_of
    from mynah.errors import UserError

    try:
        return entries_of(view.book) if view.book else []
    except UserError:
        return []


def _cut(view: "View") -> list[str]:
    from mynah.characters.lorebook import Lorebook

    told = Lorebook.of(view.book).told if _entries(view) and view.book else ""
    return [told] if told else []


def _remembered(folder: "Folder | None") -> str:
    if folder is None or not folder.memory_file.is_file():
        return ""
    from mynah.memory.store import MemoryStore

    with closing(MemoryStore(folder.memory_file)) as memory:
        both = counted(len(memory.facts()), "fact"), counted(len(memory.log()), "turn")
        return ", ".join(filter(None, both))


def _plain(words: str) -> str:
    """Without anything that would move the cursor, and not endless."""
    shown = printable(words.strip(), "\n")
    return shown if len(shown) <= LONGEST else f"{shown[:LONGEST].rstrip()} …"
