"""What happens beside the turns of a live conversation: reminders, rituals, touches, whispers."""

import asyncio
import json
import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Final

from mynah.care.phrases import known, table
from mynah.care.quiet import quiet_hours
from mynah.care.reminders import Reminder, Reminders, Talked
from mynah.companions.base import Act, Reply, Said, Touch
from mynah.config import Settings
from mynah.link.keys import data_folder
from mynah.rituals.rituals import Rituals, Stir, words_of
from mynah.stages import Stages
from mynah.turn.record import TurnRecord

LOOK_S: Final = 60.0
"""Nobody waits for a whisper: once a minute is soon enough."""

CARE: Final = "care"


class Attending:
    """Of one ring's wearer."""

    def __init__(
        self,
        stages: Stages,
        settings: Settings,
        clock: Callable[[], datetime] = datetime.now,
        chance: Callable[[], float] = random.random,
    ) -> None:
        care, language = settings.care, settings.hearing.language
        self._stages = stages
        self._language = language
        self._clock = clock
        self._chance = chance
        self._words = table("words.toml")[known(language, "words.toml")]
        self._file = data_folder() / "care.json"
        self._reminders = None
        if care.reminders:
            self._reminders = Reminders(_talked(self._file), minor=care.minor)
        self._rituals = Rituals(
            quiet_hours(care.quiet),
            care.whispers_a_day,
            speaks=care.speak_on_touch,
            words=words_of(language),
        )
        stages.on_touch = self.touch
        stages.may_begin = lambda: self._rituals.may_begin(clock())

    def turn(self, record: TurnRecord) -> None:
        """A turn is over."""
        if record.occasion is not None or not record.transcript:
            return
        now = self._clock()
        self._rituals.turn(now)
        if self._reminders is None:
            return
        reminder = self._reminders.turn(now.timestamp() * 1000)
        if reminder is not None:
            self._say(reminder, self._reminders.hours)
        with suppress(OSError):  # it is told once too often then
            self._file.parent.mkdir(parents=True, exist_ok=True)
            self._file.write_text(json.dumps(asdict(self._reminders.talked)), "utf-8")

    def touch(self, touch: Touch) -> None:
        """The ring was touched without a word."""
        self._stir(self._rituals.touch(touch, self._clock()))

    async def run(self) -> None:
        """As long as there is a conversation."""
        while True:
            await asyncio.sleep(LOOK_S)
            self._stir(self._rituals.tick(self._clock(), self._chance()))

    def _say(self, reminder: Reminder, hours: float) -> None:
        words = str(self._words[reminder]).format(hours=f"{hours:g}")
        self._stages.occasions.put(CARE, self._said(), _piece(words), own=False)

    def _stir(self, stir: Stir | None) -> None:
        if stir is None:
            return
        if stir.act is not None:
            self._stages.occasions.put(stir.cause, self._said(), _piece(stir.act), own=False)
        elif stir.touch is not None:
            reply = self._stages.companion.notify(stir.touch)
            if reply is not None:
                self._stages.occasions.put(stir.cause, self._said(stir.touch.line), reply)

    def _said(self, line: str = "") -> Said:
        return Said("", self._language, line)


async def _piece(piece: str | Act) -> Reply:
    yield piece


def _talked(file: Path) -> Talked:
    """What was noted; nothing if that can't be read."""
    try:
        noted = json.loads(file.read_text("utf-8"))
        return Talked(**{key: float(value) for key, value in noted.items() if value is not None})
    except (OSError, ValueError, TypeError, AttributeError):
        return Talked()
