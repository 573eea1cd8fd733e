"""Two rings on one bridge: what each wearer waits when both talk at once, beside one alone."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np

from mynah.bench.clips import Clip
from mynah.bench.machine import machine
from mynah.beside import several
from mynah.companions import open_companion
from mynah.config import Settings
from mynah.emulator.emulated import SCHEME
from mynah.errors import UserError
from mynah.scripted import Script, Spoken, speak
from mynah.stages import Stages, stages_of
from mynah.view import View

NAMES: Final = ("one", "two")
ALONE: Final = "alone"
PERCENTILES: Final = (50, 95, 100)


@dataclass(frozen=True, slots=True)
class RingsResult:
    """V2V of each ring, and of one that was alone on the same bridge with the same clips."""

    spoken: Mapping[str, Sequence[Spoken]]
    settings: Settings
    machine: str = field(default_factory=machine)

    def waits_ms(self, name: str) -> list[float]:
        """Of the turns that had a whole reply."""
        answers = [spoken.answer for spoken in self.spoken[name]]
        return [each.v2v_ms for each in answers if each is not None and each.v2v_ms is not None]

    def failed(self, name: str) -> int:
        """Clips without one."""
        return len(self.spoken[name]) - len(self.waits_ms(name))

    @property
    def whole(self) -> bool:
        """Every clip was answered, whoever spoke it."""
        return not any(self.failed(name) for name in self.spoken)

    def percentile_ms(self, name: str, percent: float) -> float | None:
        """Of its waits; None without any."""
        waits_ms = self.waits_ms(name)
        return round(float(np.percentile(waits_ms, percent)), 1) if waits_ms else None

    def as_json(self) -> dict[str, object]:
        """For other programs."""
        return {
            **{name: self._figures(name) for name in self.spoken},
            "machine": self.machine,
            "model": self.settings.hearing.model,
            "companion": self.settings.companion,
            "voice": self.settings.speaking.voice,
        }

    def _figures(self, name: str) -> dict[str, object]:
        levels = {f"v2v_p{p}_ms": self.percentile_ms(name, p) for p in PERCENTILES}
        return {"clips": len(self.spoken[name]), "failed": self.failed(name), **levels}


async def measure(clips: Sequence[Clip], settings: Settings, view: View) -> RingsResult:
    """One ring speaks every clip; then two do at once, the second beginning in the middle."""
    if not settings.link.startswith(SCHEME):
        raise UserError(f"link {settings.link!r}: this needs emulated rings; use {SCHEME}")
    stages = stages_of(settings)
    paths = tuple(clip.path for clip in clips)
    companions = [stages.companion, *(open_companion(settings.companion, settings) for _ in NAMES)]
    lone, *both = several(stages, companions)
    try:
        view.tell(f"one ring alone: {len(paths)} clips")
        alone = await speak(Script(paths, settings, stages=lone), view)
        view.tell(f"two rings at once: {len(paths)} clips each")
        turned = paths[len(paths) // 2 :] + paths[: len(paths) // 2]
        spoken = await asyncio.gather(
            _speak(NAMES[0], paths, settings, both[0], view),
            _speak(NAMES[1], turned, settings, both[1], view),
        )
    finally:
        for each in both:
            await each.stop()
    return RingsResult({ALONE: alone, **dict(zip(NAMES, spoken, strict=True))}, settings)


async def _speak(
    name: str, paths: tuple[Path, ...], settings: Settings, stages: Stages, view: View
) -> list[Spoken]:
    _, mark, options = settings.link.partition("?")
    script = Script(
        paths, settings.overridden(link=f"{SCHEME}{name}{mark}{options}"), stages=stages
    )
    return await speak(script, view)
