"""What happens beside the turns of a live conversation: reminders, rituals, touches, whispers."""

import asyncio
import json
import logging
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
from mynah.companions.home import Home
from mynah.config import Settings
from mynah.errors import UserError
from mynah.link.keys import OWNER_ONLY, data_folder, private_folder
from mynah.rituals.rituals import Rituals, Stir, words_of
from mynah.stages import Stages
from mynah.turn.record import TurnRecord

LOOK_S: Final = 60.0
"""Nobody waits for a whisper: once a minute is soon enough."""

CARE: Final = "care"

_logger = logging.getLogger(__name__)


class Attending:
    """Of one ring's wearer."""

    def __init__(
        self,
        stages: Stages,
        settings: Settings,
        clock: Callable[[], datetime] = datetime.now,
        chance: Callable[[], float] = random.random,
        *,
        thinks: bool = True,
    ) -> None:
        """`thinks`: the companion thinks back when nobody talks; of several with one memory, one
        does.
        """
        care, language = settings.care, settings.hearing.language
        self._stages = stages
        self._thinks = thinks
        self._language = language
        self._clock = clock
        self._chance = chance
        self._words = table("words.toml")[known(language, "words.toml")]
        self._file = data_folder() / "care.json"
        self._reminders = None
        if care.reminders and stages.companion.capabilities.memory != "none":
            self._reminders = Reminders(_talked(self._file), minor=care.minor)
        self._quiet = quiet_hours(care.quiet)
        self._rituals = Rituals(
            self._quiet,
            care.whispers_a_day,
            speaks=care.speak_on_touch,
            words=words_of(language),
        )
        self._thinking: asyncio.Task[None] | None = None
        stages.on_touch = self.touch
        stages.on_begin = self.begin
        stages.may_begin = lambda: self._rituals.may_begin(clock())

    def turn(self, record: TurnRecord) -> None:
        """A turn is over."""
        if record.occasion == CARE and self._reminders is not None:
            self._reminders.told(heard=bool(record.heard))
            self._note(self._reminders)
        if record.occasion is not None or not record.transcript:
            return
        now = self._clock()
        self._rituals.turn(now)
        if self._reminders is None:
            return
        reminder = self._reminders.turn(now.timestamp() * 1000)
        if reminder is not None:
            self._say(reminder, self._reminders.hours)
        self._note(self._reminders)

    def _note(self, reminders: Reminders) -> None:
        fresh = self._file.with_suffix(".new")
        with suppress(OSError, UserError):  # it is told once too often then
            private_folder(self._file.parent)
            fresh.touch(mode=OWNER_ONLY)
            fresh.write_text(json.dumps(asdict(reminders.talked)), "utf-8")
            fresh.replace(self._file)

    def touch(self, touch: Touch) -> None:
        """The ring was touched without a word."""
        self._stir(self._rituals.touch(touch, self._clock()))

    async def run(self) -> None:
        """As long as there is a conversation."""
        try:
            while True:
                await asyncio.sleep(LOOK_S)
                self._tick(self._clock())
        finally:
            self.begin()

    def _tick(self, now: datetime) -> None:
        try:
            self._stir(self._rituals.tick(now, self._chance()))
            self._think(now)
        except Exception as error:  # noqa: BLE001 - a whisper is not worth a conversation
            _logger.warning("a ritual failed: %s", type(error).__name__)

    def begin(self) -> None:
        """The wearer talks: whoever is lost in thought comes back."""
        if self._thinking is not None:
            self._thinking.cancel()

    def _think(self, now: datetime) -> None:
        companion = self._stages.companion
        idle = self._thinking is None or self._thinking.done()
        if idle and self._thinks and isinstance(companion, Home):
            thought = companion.idle(now.timestamp(), quiet=self._quiet.holds(now))
            self._thinking = asyncio.create_task(thought, name="reflection")
            self._thinking.add_done_callback(_noted)

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


def _noted(thinking: "asyncio.Task[None]") -> None:
    error = None if thinking.cancelled() else thinking.exception()
    if error is not None:  # it is thought of another time
        _logger.warning("thinking back failed: %s", type(error).__name__)


async def _piece(piece: str | Act) -> Reply:
    yield piece


def _talked(file: Path) -> Talked:
    """What was noted; nothing if that can't be read."""
    try:
        noted = json.loads(file.read_text("utf-8"))
        return Talked(**{key: float(value) for key, value in noted.items() if value is not None})
    except (OSError, ValueError, TypeError, AttributeError, RecursionError):
        return Talked()
