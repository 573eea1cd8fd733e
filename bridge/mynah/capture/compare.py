"""A captured session through the bridge of today, in virtual time: is it still what it was?"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from mynah.app import Conversation
from mynah.capture.player import KEY, PlayedRing, played_stages
from mynah.capture.session import Connection, read
from mynah.capture.virtual_loop import VirtualLoop
from mynah.errors import DeviceError, LinkError
from mynah.link.client import RingClient
from mynah.link.memory import MemoryLink
from mynah.turn.record import TurnRecord

COMPARED: Final = ("transcript", "reply", "heard", "overheard", "error", "revisions")
"""Of a turn. Times are not: the radio's were its own."""


@dataclass(frozen=True, slots=True)
class Change:
    """Something is not as it was."""

    connection: int
    turn: int
    what: str
    captured: object
    now: object


@dataclass(frozen=True, slots=True)
class Compared:
    """A capture, played."""

    turns: int
    changes: list[Change]

    @property
    def same(self) -> bool:
        """Whether every turn came out as it did."""
        return not self.changes


def compare(path: Path) -> Compared:
    """Play a capture and compare each turn; UserError if it is no capture."""
    connections = read(path)
    changes, turns = [], 0
    for number, connection in enumerate(connections, 1):
        turns += len(connection.turns)
        with asyncio.Runner(loop_factory=VirtualLoop) as runner:
            now = runner.run(play(connection))
        changes += _changes(number, connection.turns, now)
    return Compared(turns, changes)


async def play(connection: Connection) -> list[TurnRecord]:
    """The turns that a connection has now."""
    turns: list[TurnRecord] = []
    ring = PlayedRing(connection)
    link = MemoryLink(ring, KEY, device_id=ring.device_id)
    async with RingClient(link) as client:
        conversation = Conversation(client, played_stages(connection), turns.append)
        with suppress(LinkError, DeviceError):  # it hangs up at its end
            await conversation.run()
    return turns


def _changes(
    connection: int, captured: list[Mapping[str, Any]], now: list[TurnRecord]
) -> list[Change]:
    changes = []
    for number, (before, after) in enumerate(zip(captured, now, strict=False), 1):
        fields = after.as_json()
        changes += [
            Change(connection, number, name, before[name], fields[name])
            for name in COMPARED
            if before[name] != fields[name]
        ]
        told = _steps(before["events"]), _steps(after.events)
        if told[0] != told[1]:
            changes.append(Change(connection, number, "events", *told))
    if len(captured) != len(now):
        changes.append(Change(connection, 0, "turns", len(captured), len(now)))
    return changes


def _steps(events: list[list[Any]]) -> list[str]:
    """What the turn machine was told and where that led, without when."""
    return [f"{name}: {', '.join(actions)} -> {state}" for _, name, _, actions, state in events]
