"""One look at a conversation with a lorebook in hand: which entry is mentioned in it."""

from collections.abc import Iterable, Sequence
from typing import Final

from mynah.characters.entry import Entry
from mynah.characters.keys import Searcher, Text
from mynah.characters.lore_state import LoreState

MOST_SCANNED_CHARACTERS: Final = 50_000
"""Of the conversation, the newest, and as many of lore that brings up lore: keys are looked for in
all of it at every turn."""

MESSAGES_A_TURN: Final = 2


class Scan:
    """Knows what was said, and what entries that were brought up say."""

    def __init__(
        self,
        messages: Sequence[str],
        turn: int,
        state: LoreState,
        *,
        depth: int,
        greeting: int,
        searcher: Searcher,
    ) -> None:
        self._messages = messages
        self._turn = turn
        self._state = state
        self._depth = depth
        self._greeting = greeting
        self._searcher = searcher
        self._lore: list[str] = []
        self._room = MOST_SCANNED_CHARACTERS
        self._texts: dict[int, Text] = {}
        self._fresh = Text("", searcher)
        self.message = turn * MESSAGES_A_TURN + 1
        """The number of the message that is not answered yet."""

    def bring_up(self, contents: Iterable[str]) -> None:
        """These words may bring up other entries from here on."""
        fresh: list[str] = []
        for words in contents:
            if self._room <= 0:
                break
            fresh.append(words[: self._room])
            self._room -= len(fresh[-1])
        self._lore += fresh
        self._fresh = Text("\n".join(fresh), self._searcher)
        self._texts.clear()

    def is_sticky(self, entry: Entry) -> bool:
        """It was found lately, and stays."""
        return self.message < self._state.sticky.get(entry.id, 0)

    def finds(self, entry: Entry, *, by_lore: bool) -> bool:
        """Whether it comes to mind; `by_lore` after other entries have."""
        if not entry.enabled or not self._greets(entry):
            return False
        if entry.forced is not None:
            return entry.forced
        known = entry.id in self._state.found
        if (entry.once and known) or not self._is_time(entry):
            return False
        if entry.only_by_lore:
            if not by_lore:
                return False
        elif by_lore and not self._is_fresh(entry):
            return False
        stays = self.is_sticky(entry) or (entry.keeps_on and known)
        return stays or (self._allows(entry) and (entry.constant or self._mentions(entry)))

    def _is_fresh(self, entry: Entry) -> bool:
        """Whether what was brought up last could have changed anything."""
        keys = (*entry.keys, *entry.secondary, *entry.additional)
        return not entry.not_by_lore and any(self._fresh.mentions(key, entry) for key in keys)

    def score(self, entry: Entry) -> int:
        """How many of its keys are mentioned."""
        text = self._text(entry)
        return text.count(entry.keys, entry) + text.count(entry.secondary, entry)

    def _greets(self, entry: Entry) -> bool:
        return entry.greeting is None or entry.greeting == self._greeting

    def _is_time(self, entry: Entry) -> bool:
        if self.is_sticky(entry):
            return True
        rests = self.message < self._state.cooldown.get(entry.id, 0)
        off_beat = entry.every > 0 and self._turn % entry.every != 0
        early = self.message < entry.delay or self._turn < entry.not_before
        return not (rests or off_beat or early)

    def _allows(self, entry: Entry) -> bool:
        """The decorators' keys."""
        if not (entry.additional or entry.excluded):
            return True
        text = self._text(entry)
        if text.count(entry.excluded, entry):
            return False
        return not entry.additional or text.count(entry.additional, entry) > 0

    def _mentions(self, entry: Entry) -> bool:
        text = self._text(entry)
        if not any(text.mentions(key, entry) for key in entry.keys):
            return False
        if not entry.secondary:
            return True
        count = text.count(entry.secondary, entry)
        match entry.logic:
            case "any":
                return count > 0
            case "all":
                return count == len(entry.secondary)
            case "not_any":
                return count == 0
            case "not_all":
                return count < len(entry.secondary)

    def _text(self, entry: Entry) -> Text:
        depth = self._depth if entry.scan_depth is None else entry.scan_depth
        depth = min(depth, len(self._messages))  # or there were as many texts as depths
        # An entry that lore can't bring up is not looked for in lore.
        key = -1 - depth if entry.not_by_lore else depth
        if key not in self._texts:
            said = "\n".join(self._messages[-depth:] if depth else ())
            lore = [] if entry.not_by_lore else self._lore
            words = "\n".join([said[-MOST_SCANNED_CHARACTERS:], *lore])
            self._texts[key] = Text(words, self._searcher)
        return self._texts[key]
