"""A scripted conversation with an emulated ring: what `mynah talk` does."""

import asyncio
import os
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mynah.audio import SPEECH_HZ, Samples
from mynah.audio.files import read_speech
from mynah.config import Settings
from mynah.conversing import conversing, unless
from mynah.emulator.emulated import SCHEME, Emulated, emulated
from mynah.emulator.wearer import Wearer
from mynah.errors import AudioError, UserError
from mynah.link.keys import data_folder
from mynah.speech.vad import last_speech_end
from mynah.stages import Stages, stages_of
from mynah.turn.endpoint import SILENCE_MS
from mynah.turn.last import LastTurns
from mynah.turn.record import TurnRecord
from mynah.view import View
from mynah_wire.clock import PERIOD_MS

AFTER_S: Final = 0.3
"""The recordings go on so long after the last reply, so that its end can be heard in them."""

NO_SPEECH: Final = "there is no speech in it, and hands free nothing else ends a turn"
NEVER_CAME: Final = "the ring was lost before it told of this turn"


@dataclass(frozen=True, slots=True)
class Script:
    """What to say, to whom, and where to keep what came of it."""

    clips: tuple[Path, ...]
    settings: Settings
    out: Path | None = None


async def converse(script: Script, view: View) -> int:
    """Say every clip and hear every reply; the exit code that `mynah talk` promises."""
    stages = stages_of(script.settings)
    out = None if script.out is None else _folder(script.out)
    trace = None if out is None else out / "trace.jsonl"
    loading = asyncio.create_task(stages.start(), name="loading")  # while the ring boots
    try:
        async with emulated(script.settings.link or SCHEME, trace) as on:
            scene = Scene(script, view, on, stages)
            try:
                with view.busy("loading the models"):
                    await loading
                return await scene.play()
            finally:
                if out is not None:
                    await asyncio.sleep(AFTER_S)
                    on.ring.world.save(out)
    finally:
        loading.cancel()
        await asyncio.gather(loading, return_exceptions=True)
        await stages.stop()


class Scene:
    """One ring, one wearer, clip after clip."""

    def __init__(self, script: Script, view: View, on: Emulated, stages: Stages) -> None:
        self._script = script
        self._view = view
        self._ring = on.ring
        self._wearer = Wearer(on.ring.world)
        self._place = on.place()
        self._stages = stages
        self._turns: asyncio.Queue[TurnRecord] = asyncio.Queue()
        self._spoken = 0
        self._figures = LastTurns(data_folder())
        self._file = None if script.out is None else script.out / "turns.jsonl"
        if self._file is not None:
            self._file.write_text("")

    async def play(self) -> int:
        """Every clip in turn."""
        async with conversing(
            self._place, self._stages, self._turns.put_nowait, self._view
        ) as running:
            codes = [await self._say(clip, running) for clip in self._script.clips]
        return max(codes, default=0)

    async def _say(self, path: Path, running: "asyncio.Task[None]") -> int:
        try:
            clip = await asyncio.to_thread(read_speech, path)
        except AudioError as error:
            self._spoken += 1
            self._keep(TurnRecord(self._spoken, input=str(path), error=str(error)))
            return error.exit_code
        codes = []
        with self._view.busy(f"speaking {path.name}, {len(clip) / SPEECH_HZ:.1f} s"):
            try:
                async for record in self._turns_of(clip, running):
                    self._tell(record, path)
                    answered = record.reply_start_ms is not None and record.error is None
                    codes.append(0 if answered else 1)
            except Exception:  # the scene ends here, but not before this turn was told of
                untold = TurnRecord(0, error=NEVER_CAME) if self._turns.empty() else None
                self._tell(untold or self._turns.get_nowait(), path)
                raise
        return max(codes)

    async def _turns_of(
        self, clip: Samples, running: "asyncio.Task[None]"
    ) -> AsyncGenerator[TurnRecord, None]:
        """One with a held button; hands free one more for each long pause in the clip."""
        if not self._script.settings.hands_free:
            await unless(running, self._wearer.say(clip))
            yield await unless(running, self._turns.get())
            return
        done = await asyncio.to_thread(last_speech_end, clip)
        speak = self._wearer.go_on if self._spoken else self._wearer.tap_and_say
        end_ms = await unless(running, speak(clip))
        if done is None:
            yield TurnRecord(0, error=NO_SPEECH)
            return
        done_ms = end_ms - (len(clip) - done) * 1000 / SPEECH_HZ
        heard_ms = 0.0
        while heard_ms < done_ms - SILENCE_MS:  # what ended sooner was followed by a pause
            record = await unless(running, self._turns.get())
            yield record
            heard_ms = record.done_ms or done_ms  # on ring time, now that it was told

    def _tell(self, record: TurnRecord, path: Path) -> None:
        """A turn that was spoken, on ring time."""
        self._spoken += 1
        record.turn = self._spoken
        record.input = str(path)
        for name in ("done_ms", "reply_start_ms", "reply_end_ms"):
            device_ms = getattr(record, name)
            if device_ms is not None:
                since_ms = (device_ms - self._ring.clock.epoch_us / 1000) % PERIOD_MS
                setattr(record, name, round(since_ms, 1))
        self._keep(record)

    def _keep(self, record: TurnRecord) -> None:
        self._view.turn(record, self._script.settings.companion)
        self._figures.keep(record)
        if self._file is not None:
            with self._file.open("a", encoding="utf-8") as file:
                file.write(record.line() + "\n")


def _folder(path: Path) -> Path:
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)  # a voice is private
    except OSError as error:
        raise UserError(f"{path}: can't be a folder for results ({error.strerror})") from error
    if not os.access(path, os.W_OK):
        raise UserError(f"{path}: nothing can be written there; name another folder with --out")
    return path
