"""One answer of a Realtime server: the pieces that its events come to. No I/O."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from mynah.companions.base import Piece
from mynah.companions.plausible import PlausibleText
from mynah.companions.reaching.backend_trouble import Trouble
from mynah.companions.ring_tools import RingTools
from mynah.companions.voices import realtime_events as events
from mynah.companions.voices import realtime_requests as requests
from mynah.companions.voices.captioned import Captioned
from mynah.companions.voices.realtime_settings import PREFIX, SOUND_HZ, Server

MOST_ODD: Final = 20
"""Events in one answer that are none."""

MOST_CALLS: Final = 8
"""In one answer: a model that moves the ring more often is going round in circles."""


@dataclass(slots=True)
class Item:
    """Of the server's conversation: one of what an answer is made of."""

    id: str
    samples: int = 0
    """Of sound, as the server sent it; none if it is text."""


class Answer:
    """Of one turn; it takes as many responses as there are functions to be answered."""

    def __init__(self, trouble: Trouble, tools: RingTools, server: Server, *, aloud: bool) -> None:
        """`aloud`: in the server's own voice; else what it says is text for another."""
        self._trouble = trouble
        self._aloud = aloud
        self._server = server
        self._tools = tools
        self._captioned = Captioned(trouble.whose, SOUND_HZ)
        self._plausible = PlausibleText(trouble.whose)
        self._known: set[str] = set()
        self._odd = 0
        self.items: list[Item] = []
        self._results: list[dict[str, object]] = []
        self.said = False
        """There was something to hear, or to feel."""

    def take(self, event: events.Heard) -> Iterator[Piece]:
        """What it comes to; CompanionError if no answer can go on after it."""
        match event:
            case events.Voice(item_id, sound) if self._aloud:
                self._item(item_id).samples += len(sound)
                yield from self._kept(self._captioned.push(sound))
            case events.Caption(_, text) if self._aloud:
                self._captioned.tell(text)
            case events.Text(item_id, text) | events.Caption(item_id, text):
                self._item(item_id)
                yield from self._kept(self._written(text))
            case events.Calls(call_id, name, arguments) if name and call_id not in self._known:
                yield from self._kept(self._called(call_id, name, arguments))
            case events.Ends(usage, reason):
                if usage is not None:
                    yield usage
                self._check(reason)
            case events.Fails(reason):
                self._check(reason or "no reason given")
            case events.Odd():
                self._odd += 1
                self._check("")

    def finish(self) -> Iterator[Piece]:
        """No more comes."""
        yield from self._kept(self._captioned.finish())
        if rest := self._captioned.silent() + self._plausible.flush():
            yield from self._kept(iter([rest]))
        if not self.said:
            raise self._trouble.cut_off(begun=False)

    def unheard(self, heard_text: str, heard_ms: int) -> Iterator[dict[str, object]]:
        """What makes the server forget all that was not heard."""
        if not (self._aloud and self._server.cuts):
            yield from (requests.deleted(item.id) for item in self.items)
            if heard_text:
                yield requests.answered(heard_text, self._server.dialect)
            return
        start_ms = 0
        for item in self.items:
            end_ms = start_ms + item.samples * 1000 // SOUND_HZ
            if heard_ms <= start_ms:
                yield requests.deleted(item.id)
            elif heard_ms < end_ms:
                yield requests.truncated(item.id, heard_ms - start_ms)
            start_ms = end_ms

    def given(self) -> list[dict[str, object]]:
        """What came of the functions since it was asked last."""
        results, self._results = self._results, []
        return results

    def _check(self, failure: str) -> None:
        if failure:
            raise self._trouble.gave_up(failure)
        if self._odd > MOST_ODD:
            raise self._trouble.no_sense()

    def _item(self, item_id: str) -> Item:
        if not self.items or self.items[-1].id != item_id:
            self.items.append(Item(item_id))
        return self.items[-1]

    def _written(self, text: str) -> Iterator[Piece]:
        text = self._plausible.push(text)
        self._plausible.check()
        if text:
            yield text

    def _called(self, call_id: str, name: str, arguments: str) -> Iterator[Piece]:
        self._known.add(call_id)
        if len(self._known) > MOST_CALLS:
            raise self._trouble.gave_up("it calls functions without end")
        try:
            given = json.loads(arguments or "{}")
        except (ValueError, RecursionError):
            given = {}
        done = self._tools.call(name.removeprefix(PREFIX), given)
        self._results.append(requests.result(call_id, done.text))
        if done.act is not None:
            yield done.act

    def _kept(self, pieces: Iterator[Piece]) -> Iterator[Piece]:
        for piece in pieces:
            self.said = True
            yield piece
