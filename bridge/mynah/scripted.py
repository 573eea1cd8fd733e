"""A scripted conversation with an emulated ring: what `mynah talk` does."""

import asyncio
import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mynah.audio import SPEECH_HZ, Samples
from mynah.audio.files import read_speech
from mynah.audio.levels import first_sound
from mynah.config import Settings
from mynah.conversing import conversing, unless
from mynah.emulator.emulated import SCHEME, Emulated, emulated
from mynah.emulator.wearer import Wearer
from mynah.errors import AudioError, UserError
from mynah.link.client import monotonic_ms
from mynah.link.keys import data_folder
from mynah.speech.vad import last_speech_end
from mynah.stages import Stages, stages_of
from mynah.turn.glimpse import Glimpse
from mynah.turn.last import LastTurns
from mynah.turn.machine import State
from mynah.turn.record import TurnRecord
from mynah.view import View
from mynah_wire.clock import PERIOD_MS

AFTER_S: Final = 0.3
"""The recordings go on so long after the last reply, so that its end can be heard in them."""

QUIET_MS: Final = 1000.0
"""Without anybody's turn, once a recording is over, no turn of it is still to come: a stopped one
is told of half a second late, and a voice is one after a tenth."""

NO_SPEECH: Final = "there is no speech in it, and hands free nothing else ends a turn"
UNHEARD: Final = "no voice was heard, so that nobody's turn began"
NEVER_CAME: Final = "the ring was lost before it told of this turn"


@dataclass(frozen=True, slots=True)
class Script:
    """What to say, to whom, and where to keep what came of it."""

    clips: tuple[Path, ...]
    settings: Settings
    out: Path | None = None
    stages: Stages | None = None
    """Instead of those that the settings name; `mynah why` is then told nothing."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A recording that was spoken, and what came of it."""

    turns: tuple[TurnRecord, ...]
    """In the order in which they were over; hands free a long pause makes two of one recording."""
    done_ms: float | None = None
    """Ring time: the release, or hands free the end of the speech in the recording itself."""
    cut_off: bool = False
    """Something sounded before that."""
    unusable: int = 0
    """The exit code of a recording that could not be spoken."""

    @property
    def answer(self) -> TurnRecord | None:
        """The turn that took what was said to its end, if it had a whole reply."""
        last = self.turns[-1]
        return last if last.reply_start_ms is not None and last.error is None else None

    @property
    def exit_code(self) -> int:
        """What `mynah talk` promises: a part that was gone on with needs no reply of its own."""
        return self.unusable or int(self.answer is None)


async def converse(script: Script, view: View) -> int:
    """Say every clip and hear every reply; the exit code that `mynah talk` promises."""
    return max((spoken.exit_code for spoken in await speak(script, view)), default=0)


async def speak(script: Script, view: View) -> list[Spoken]:
    """The same, as what came of each clip."""
    stages = script.stages or stages_of(script.settings)
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
        self._turns: asyncio.Queue[TurnRecord | None] = asyncio.Queue()
        self._view = _Watch(view, lambda: self._turns.put_nowait(None))
        self._ring = on.ring
        self._wearer = Wearer(on.ring.world)
        self._place = on.place()
        self._stages = stages
        self._told = 0
        self._tapped = False
        self._figures = LastTurns(data_folder()) if script.stages is None else None
        self._file = None if script.out is None else script.out / "turns.jsonl"
        if self._file is not None:
            self._file.write_text("")

    async def play(self) -> list[Spoken]:
        """Every clip in turn."""
        async with conversing(
            self._place, self._stages, self._turns.put_nowait, self._view
        ) as running:
            return [await self._say(clip, running) for clip in self._script.clips]

    async def _say(self, path: Path, running: "asyncio.Task[None]") -> Spoken:
        try:
            clip = await asyncio.to_thread(read_speech, path)
        except AudioError as error:
            record = TurnRecord(0, error=str(error))
            return Spoken((self._tell(record, path),), unusable=error.exit_code)
        say = self._freely if self._stages.hands_free else self._held
        with self._view.busy(f"speaking {path.name}, {len(clip) / SPEECH_HZ:.1f} s"):
            try:
                return await say(clip, path, running)
            except Exception:  # the scene ends here, but not before this turn was told of
                untold = None if self._turns.empty() else self._turns.get_nowait()
                self._tell(untold or TurnRecord(0, error=NEVER_CAME), path)
                raise

    async def _held(self, clip: Samples, path: Path, running: "asyncio.Task[None]") -> Spoken:
        """With the button held: one turn."""
        await unless(running, self._wearer.say(clip))
        record = None
        while record is None:
            record = await unless(running, self._turns.get())
        self._tell(record, path)
        return Spoken((record,), record.done_ms)

    async def _freely(self, clip: Samples, path: Path, running: "asyncio.Task[None]") -> Spoken:
        """Hands free: as many turns as are made of it."""
        done = await asyncio.to_thread(last_speech_end, clip)
        speak = self._wearer.go_on if self._tapped else self._wearer.tap_and_say
        self._tapped = True
        end_ms = await unless(running, speak(clip))
        if done is None:
            return Spoken((self._tell(TurnRecord(0, error=NO_SPEECH), path),))
        self._view.until_quiet()
        turns = []
        while (record := await unless(running, self._turns.get())) is not None:
            turns.append(self._tell(record, path))
        if not turns:
            turns.append(self._tell(TurnRecord(0, error=UNHEARD), path))
        start_ms = end_ms - len(clip) * 1000 / SPEECH_HZ
        done_ms = start_ms + done * 1000 / SPEECH_HZ
        sounded = first_sound(self._ring.world.speaker_samples(start_ms, done_ms))
        return Spoken(tuple(turns), round(done_ms, 1), cut_off=sounded is not None)

    def _tell(self, record: TurnRecord, path: Path) -> TurnRecord:
        """A turn that was spoken, on ring time."""
        self._told += 1
        record.turn = self._told
        record.input = str(path)
        for name in ("done_ms", "reply_start_ms", "reply_end_ms"):
            device_ms = getattr(record, name)
            if device_ms is not None:
                since_ms = (device_ms - self._ring.clock.epoch_us / 1000) % PERIOD_MS
                setattr(record, name, round(since_ms, 1))
        self._view.turn(record, self._script.settings.companion)
        if self._figures is not None:
            self._figures.keep(record)
        if self._file is not None:
            with self._file.open("a", encoding="utf-8") as file:
                file.write(record.line() + "\n")
        return record


class _Watch(View):
    """Passes on what is shown, and says when it has been nobody's turn for a while."""

    def __init__(self, view: View, on_quiet: Callable[[], None]) -> None:
        self._view = view
        self._on_quiet = on_quiet
        self._waits = False
        self._since_ms: float | None = None

    def until_quiet(self) -> None:
        """Say it once, when it is so from now on."""
        self._waits, self._since_ms = True, None

    def busy(self, what: str) -> AbstractContextManager[object]:
        return self._view.busy(what)

    def show(self, glimpse: Glimpse | None, ring: str, hint: str) -> None:
        self._view.show(glimpse, ring, hint)
        now_ms = monotonic_ms()
        if glimpse is None or glimpse.state is not State.LISTENING or self._since_ms is None:
            quiet = glimpse is not None and glimpse.state is State.LISTENING
            self._since_ms = now_ms if quiet else None
        elif self._waits and now_ms - self._since_ms >= QUIET_MS:
            self._waits = False
            self._on_quiet()

    def turn(self, record: TurnRecord, companion: str) -> None:
        self._view.turn(record, companion)

    def tell(self, text: str) -> None:
        self._view.tell(text)

    def trouble(self, text: str) -> None:
        self._view.trouble(text)


def _folder(path: Path) -> Path:
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)  # a voice is private
    except OSError as error:
        raise UserError(f"{path}: can't be a folder for results ({error.strerror})") from error
    if not os.access(path, os.W_OK):
        raise UserError(f"{path}: nothing can be written there; name another folder with --out")
    return path
