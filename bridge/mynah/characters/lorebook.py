"""A lorebook: which of its entries come to mind now. Pure; what earlier turns left is a value."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any, Final

from mynah.characters.entry import ALWAYS, Entry, entry_of
from mynah.characters.groups import chosen
from mynah.characters.jsons import Raw
from mynah.characters.keys import Searcher, expression_of
from mynah.characters.limits import MOST_ENTRIES
from mynah.characters.lore_bounds import within_bounds
from mynah.characters.lore_state import NOTHING_YET, LoreState
from mynah.characters.macros import hidden_keys, named
from mynah.characters.scan import Scan
from mynah.characters.view import AtDepth, number
from mynah.companions.history import tokens
from mynah.errors import UserError

SCAN_DEPTH: Final = 4
"""Messages, where a book doesn't say. SillyTavern's 2 are for written ones; said ones are shorter,
and two turns of them are what is being talked about."""

MOST_LEVELS: Final = 5
"""Of entries that bring up entries. Each is brought up once, so that there is an end anyhow."""


@dataclass(frozen=True, slots=True)
class Activated:
    """What is put into the prompt, each in order; macros and all."""

    before: tuple[str, ...]
    """Before the character."""
    after: tuple[str, ...]
    at_depth: tuple[AtDepth, ...]
    """Between the messages, the deepest first."""
    ids: tuple[str, ...]
    """Of all these entries."""
    dropped: tuple[str, ...]
    """Of those for which the budget was too small."""
    state: LoreState
    """For the next turn; of no use if this one is thrown away."""


class Lorebook:
    """Made once for a character, asked at every turn."""

    def __init__(
        self,
        entries: Iterable[Entry],
        *,
        scan_depth: int = SCAN_DEPTH,
        budget_tokens: int | None = None,
        recursive: bool = False,
        told: str = "",
    ) -> None:
        self.entries = tuple(entries)
        self.told = told
        """In a line for a person, that it was cut; else empty."""
        self._scan_depth = scan_depth
        self._budget_tokens = budget_tokens
        self._levels = MOST_LEVELS if recursive else 1
        self._searcher = Searcher()
        self._searcher.prepare(
            expression
            for entry in self.entries
            for key in entry.every_key
            if (expression := expression_of(key, entry))
        )

    @classmethod
    def of(cls, raw: Raw, char: str = "", user: str = "") -> "Lorebook":
        """A card's book, a `lorebook_v3`, SillyTavern's world, Agnai's memory or Risu's lore.

        The names stand for {{char}} and {{user}} in keys. UserError if it is none of these.
        """
        book, raws = _parts(raw)
        made = (
            entry_of(_named(each, char, user), at) for at, each in enumerate(raws[:MOST_ENTRIES])
        )
        entries, keys = within_bounds(made)
        return cls(
            _told_apart(entries),
            scan_depth=max(int(number(book.get("scan_depth"), SCAN_DEPTH)), 0),
            budget_tokens=_budget(book.get("token_budget")),
            recursive=book.get("recursive_scanning") is True,
            told=_cut(len(raws) - len(entries), keys),
        )

    @property
    def slow_keys(self) -> list[str]:
        """Regular expressions that came to no end and are not tried any more."""
        return self._searcher.endless

    def activate(
        self,
        messages: Sequence[str],
        turn: int,
        budget_tokens: int,
        random: Random,
        state: LoreState = NOTHING_YET,
        *,
        greeting: int = 0,
    ) -> Activated:
        """What comes to mind after these messages, oldest first, the wearer's last words included.

        `turn` is how often the character has answered in this conversation. The same arguments
        give the same result, but for regular expressions that take too long.
        """
        self._searcher.begin()
        scan = Scan(
            messages,
            turn,
            state,
            depth=self._scan_depth,
            greeting=greeting,
            searcher=self._searcher,
        )
        found = self._found(scan, random)
        kept, dropped = _within(found, self._spendable(budget_tokens))
        return _placed(kept, dropped, len(messages), _after(scan, kept, state))

    def _found(self, scan: Scan, random: Random) -> list[Entry]:
        found: dict[str, Entry] = {}
        left = list(self.entries)
        for level in range(self._levels):
            mentioned = [entry for entry in left if scan.finds(entry, by_lore=level > 0)]
            fresh = [
                entry
                for entry in chosen(mentioned, found.values(), scan, random)
                if entry.forced or scan.is_sticky(entry) or _is_lucky(entry, random)
            ]
            if not fresh:
                break
            found |= {entry.id: entry for entry in fresh}
            # Who was mentioned and not chosen had its chance.
            gone = {entry.id for entry in mentioned}
            left = [entry for entry in left if entry.id not in gone]
            scan.bring_up(hidden_keys(each.content) for each in fresh if not each.brings_none)
        return [each for each in self.entries if each.id in found and each.content.strip()]

    def _spendable(self, budget_tokens: int) -> int:
        return min(budget_tokens, self._budget_tokens or budget_tokens)


def entries_of(raw: Raw) -> list[Raw]:
    """The entries of a book in any of the shapes, as they stand."""
    return _parts(raw)[1]


def _parts(raw: Raw) -> tuple[Raw, list[Raw]]:
    data = raw.get("data")
    book: Raw = data if isinstance(data, dict) else raw
    entries = book.get("entries", data)  # Risu's are called data
    if isinstance(entries, dict):  # SillyTavern's: by number
        entries = list(entries.values())
    if not isinstance(entries, list):
        raise UserError("no lorebook: it has no entries")
    return book, [entry for entry in entries if isinstance(entry, dict)]


def _cut(entries: int, keys: int) -> str:
    lost = [f"{count} {what}" for count, what in ((entries, "entries"), (keys, "keys")) if count]
    return f"too much lore to be looked through: without {' and '.join(lost)}" if lost else ""


def _told_apart(entries: list[Entry]) -> list[Entry]:
    """Each with an id of its own; strangers' may have one for all."""
    counts = Counter(entry.id for entry in entries)
    return [
        entry if counts[entry.id] == 1 else replace(entry, id=f"{entry.id}#{at}")
        for at, entry in enumerate(entries)
    ]


def _named(entry: Raw, char: str, user: str) -> Raw:
    """With the names in its keys."""
    keys: Raw = {
        name: [named(key, char, user) if isinstance(key, str) else key for key in value]
        for name, value in entry.items()
        if "key" in name and isinstance(value, list)
    }
    return entry | keys


def _budget(raw: Any) -> int | None:
    """Nobody means by 0 that nothing is ever to come to mind."""
    return int(number(raw, 0)) or None


def _is_lucky(entry: Entry, random: Random) -> bool:
    return entry.probability >= ALWAYS or random.random() * ALWAYS < entry.probability


def _within(found: list[Entry], budget_tokens: int) -> tuple[list[Entry], list[Entry]]:
    """The highest ranks that fit; from the first on that doesn't, all are dropped."""
    kept: list[Entry] = []
    spent = 0
    by_rank = sorted(found, key=lambda each: -each.rank)
    for entry in by_rank:
        spent += tokens(entry.content)
        if spent > budget_tokens:
            break
        kept.append(entry)
    return kept, by_rank[len(kept) :]


def _placed(kept: list[Entry], dropped: list[Entry], messages: int, state: LoreState) -> Activated:
    row = sorted(kept, key=lambda each: each.order)
    deep = [
        AtDepth(
            max(messages - each.depth, 0) if each.from_beginning else each.depth,
            each.role,
            each.content,
        )
        for each in row
        if each.place == "depth"
    ]
    return Activated(
        before=tuple(each.content for each in row if each.place == "before"),
        after=tuple(each.content for each in row if each.place == "after"),
        at_depth=tuple(sorted(deep, key=lambda each: -each.depth)),
        ids=tuple(each.id for each in row),
        dropped=tuple(each.id for each in dropped),
        state=state,
    )


def _after(scan: Scan, kept: list[Entry], state: LoreState) -> LoreState:
    """Who is found anew stays for its time, and rests after that."""
    now = scan.message
    sticky = {entry: end for entry, end in state.sticky.items() if end > now}
    cooldown = {entry: end for entry, end in state.cooldown.items() if end > now}
    for entry in kept:
        if not scan.is_sticky(entry):
            if entry.sticky:
                sticky[entry.id] = now + entry.sticky
            if entry.cooldown:
                cooldown[entry.id] = now + entry.sticky + entry.cooldown
    asked = {entry.id for entry in kept if entry.keeps_on or entry.once}
    return LoreState(sticky, cooldown, state.found | asked)
