"""Voice to voice: how long a wearer waits for the reply's first sound, and for what.

Ours and the Wyoming pair, button held and hands free, in one go: on the same clips, computer, air,
models, companion and conversation.
"""

import asyncio
import tempfile
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from mynah.bench.clips import Clip, cut
from mynah.bench.cores import CoreMeter
from mynah.bench.machine import machine
from mynah.bench.modes import HANDS_FREE, HOLD, Mode, ratio
from mynah.bench.wyoming_pair import wyoming_stages
from mynah.config import Settings
from mynah.emulator.emulated import SCHEME, forget_said
from mynah.errors import WorkerError
from mynah.inbox.inboxes import inboxes_in
from mynah.scripted import Script, speak
from mynah.stages import Stages, stages_of
from mynah.turn.glimpse import Glimpse
from mynah.turn.record import TurnRecord
from mynah.view import View

POLICIES: Final = (HOLD, HANDS_FREE)

RING: Final = "bench"


@dataclass(frozen=True, slots=True)
class TurnResult:
    """All of it; a mode that was not run is left out."""

    settings: Settings
    clips: tuple[Clip, ...]
    ours: dict[str, Mode]
    wyoming: dict[str, Mode]
    """Empty if the pair could not be run."""
    source: str = ""
    """Where the clips are from."""
    machine: str = field(default_factory=machine)

    def ratio(self, policy: str) -> float | None:
        """Our median wait over Wyoming's."""
        return ratio(self.ours.get(policy), self.wyoming.get(policy))

    @property
    def cpu_cores(self) -> float:
        """Kept busy while ours ran, over all its modes alike."""
        each = [mode.cpu_cores for mode in self.ours.values()]
        return sum(each) / len(each) if each else 0.0

    @property
    def failed(self) -> list[tuple[Clip, str]]:
        """Of ours."""
        return [each for mode in self.ours.values() for each in mode.failed]

    def as_json(self) -> dict[str, object]:
        """For other programs."""
        return {
            "clips": len(self.clips),
            **_modes(self.ours),
            "wyoming": _modes(self.wyoming) if self.wyoming else None,
            "ratio_hold": self.ratio(HOLD),
            "ratio_hands_free": self.ratio(HANDS_FREE),
            "cpu_cores": round(self.cpu_cores, 2),
            "machine": self.machine,
            "speech": self.source,
            "link": self.settings.link,
            "model": self.settings.hearing.model,
            "companion": self.settings.companion,
            "voice": self.settings.speaking.voice,
        }


def _modes(modes: dict[str, Mode]) -> dict[str, object]:
    hands_free = modes.get(HANDS_FREE)
    return {
        **{policy: modes[policy].as_json() if policy in modes else None for policy in POLICIES},
        "false_cutoff_rate": round(hands_free.false_cutoff_rate, 4) if hands_free else None,
    }


async def measure(
    clips: Sequence[Clip],
    settings: Settings,
    view: View,
    *,
    policies: Sequence[str] = POLICIES,
    peers: bool = True,
    source: str = "",
) -> TurnResult:
    """Speak every clip to an emulated ring and hear every reply out, in real time.

    With `peers` in each way to the Wyoming pair as well: it is left out if it fails.
    """
    ours: dict[str, Mode] = {}
    wyoming: dict[str, Mode] = {}
    settings = settings.overridden(link=_with_own_ring(settings.link))
    with tempfile.TemporaryDirectory(prefix="mynah-bench-") as folder:
        spoken = await _cut(clips, Path(folder), view)
        for policy in policies:
            mode = policy.replace("_", " ")
            stages = stages_of(settings)
            stages.inboxes = inboxes_in(Path(folder) / policy)
            watch = _Watch(view, f"{mode}, ours", spoken)
            ours[policy] = await _run(stages, policy, settings, watch)
            if not peers:
                continue
            watch = _Watch(view, f"{mode}, Wyoming", spoken)
            try:
                wyoming[policy] = await _run(wyoming_stages(settings), policy, settings, watch)
            except WorkerError as error:
                view.trouble(f"without the Wyoming pair: {error}")
                peers = False
    return TurnResult(settings, tuple(clips), ours, wyoming, source)


async def _run(stages: Stages, policy: str, settings: Settings, watch: "_Watch") -> Mode:
    stages.hands_free = policy == HANDS_FREE
    # A ring that remembers nothing: what another bridge left unanswered is no clip of this one.
    forget_said(RING)
    script = Script(tuple(watch.clips), settings, stages=stages)
    spoken = await speak(script, watch)
    return Mode(tuple(watch.clips.values()), tuple(spoken), watch.meter.cores)


def _with_own_ring(link: str) -> str:
    """The same air around another ring than the one that somebody talks to."""
    _, _, air = link.removeprefix(SCHEME).partition("?")
    return f"{SCHEME}{RING}?{air}" if link.startswith(SCHEME) or not link else link


async def _cut(clips: Sequence[Clip], folder: Path, view: View) -> dict[Path, Clip]:
    """The clips by the files that are spoken."""
    spoken = {}
    with view.busy("cutting the clips where their speakers are done"):
        for number, clip in enumerate(clips, 1):
            path = folder / f"{number:02}_{clip.path.stem}.wav"
            await asyncio.to_thread(cut, clip, path)
            spoken[path] = clip
    return spoken


class _Watch(View):
    """Says how far it is, under the names of the clips and not of what was made of them."""

    def __init__(self, view: View, mode: str, clips: dict[Path, Clip]) -> None:
        self.clips = clips
        self.meter = CoreMeter()
        self._view = view
        self._mode = mode
        self._done: set[Path] = set()
        view.tell(f"{mode}: {len(clips)} clips")

    def busy(self, what: str) -> AbstractContextManager[object]:
        done = f"{len(self._done)} of {len(self.clips)} clips are done"
        return self._view.busy(f"{self._mode}: {what}; {done}")

    def show(self, glimpse: Glimpse | None, ring: str, hint: str) -> None:
        del glimpse, ring, hint
        self.meter.begin()  # all is loaded

    def turn(self, record: TurnRecord, companion: str) -> None:
        path = Path(record.input or "")
        self._done.add(path)
        self.meter.read()
        record.input = str(self.clips[path].path)
        self._view.turn(record, companion)
