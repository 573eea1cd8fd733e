"""A scripted conversation with an emulated ring: what `mynah talk` does."""

import asyncio
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from mynah.audio import SPEECH_HZ, Samples
from mynah.audio.files import read_speech
from mynah.audio.levels import first_sound
from mynah.config import Settings
from mynah.conversing import unless
from mynah.emulator.emulated import SCHEME, Emulated, emulated
from mynah.emulator.trace import Event
from mynah.emulator.wearer import Wearer
from mynah.errors import AudioError, DeviceError, UserError
from mynah.faults.plan import Plan
from mynah.faults.scene import FaultyScene
from mynah.inbox.inbox import UNTOLD_MS
from mynah.link.keys import data_folder, make_private
from mynah.returning import AWAY_S, Returning
from mynah.speech.vad import last_speech_end
from mynah.stages import Stages, stages_of
from mynah.turn.last import LastTurns
from mynah.turn.record import TurnRecord
from mynah.view import View
from mynah.watch import Watch
from mynah_wire.clock import PERIOD_MS
from mynah_wire.uplink import MICROPHONE, Ready

AFTER_S: Final = 0.3
"""The recordings go on so long after the last reply, so that its end can be heard in them."""

QUIET_MS: Final = 1000.0
"""Without anybody's turn, once a recording is over, no turn of it is still to come: a stopped one
is told of half a second late, and a voice is one after a tenth."""

LATE_MS: Final = UNTOLD_MS + 2000.0
"""So long nothing happened over a link that was lost and is back: what was said is then answered,
or was told to be lost."""

NO_MICROPHONE: Final = (
    "this ring has no microphone, so nothing can be said to it: wear it with `mynah run` in a "
    "terminal, where a tap is answered"
)
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
    faults: Plan = field(default_factory=Plan)
    """What goes wrong on the way."""
    away_s: float = AWAY_S
    """How long the ring may stay away."""


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
        sounded = last.reply_start_ms is not None or last.heard  # late it has no time of its own
        return last if sounded and last.error is None else None

    @property
    def exit_code(self) -> int:
        """What `mynah talk` promises: a part that was gone on with needs no reply of its own."""
        return self.unusable or int(self.answer is None)


async def converse(script: Script, view: View) -> int:
    """Say every clip and hear every reply; the exit code that `mynah talk` promises."""
    try:
        code = max((spoken.exit_code for spoken in await speak(script, view)), default=0)
    except Exception as error:
        if not isinstance(error, UserError):
            _tell_how_to_repeat(script.faults, view)
        raise
    if code:
        _tell_how_to_repeat(script.faults, view)
    return code


async def speak(script: Script, view: View) -> list[Spoken]:
    """The same, as what came of each clip."""
    stages = script.stages or stages_of(script.settings)
    faults = FaultyScene(script.faults, stages)
    out = None if script.out is None else _folder(script.out)
    trace = None if out is None else out / "trace.jsonl"
    loading = asyncio.create_task(stages.start(), name="loading")  # while the ring boots
    try:
        async with emulated(script.settings.link or SCHEME, trace, fate=faults.fate) as on:
            scene = Scene(script, view, on, stages, faults)
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

    def __init__(
        self,
        script: Script,
        view: View,
        on: Emulated,
        stages: Stages,
        faults: FaultyScene | None = None,
    ) -> None:
        self._script = script
        self._turns: asyncio.Queue[TurnRecord | None] = asyncio.Queue()
        self._view = Watch(view, lambda: self._turns.put_nowait(None))
        self._on = on
        self._wearer = Wearer(on.ring.world)
        self._stages = stages
        self._faults = faults or FaultyScene(script.faults, stages)
        self._told = 0
        self._begun: list[tuple[float, Path]] = []  # ring time
        self._losses = 0  # before this clip
        self._listens = False  # the ring, hands free
        self._hears = True
        stages.on_ready = self._meet
        on.ring.trace.listen(self._on_event)
        self._figures = LastTurns(data_folder()) if script.stages is None else None
        self._file = None if script.out is None else script.out / "turns.jsonl"
        if self._file is not None:
            make_private(self._file)
            self._file.write_text("")

    async def play(self) -> list[Spoken]:
        """Every clip in turn."""
        async with self._faults.befalling(self._on) as place:
            self._returning = Returning(
                place, self._stages, self._turns.put_nowait, self._view, self._script.away_s
            )
            patient = bool(self._script.faults.faults)
            going = asyncio.create_task(self._returning.run(patient=patient), name="going")
            faults = None
            try:
                await unless(going, self._returning.ready.wait())
                if not self._hears:
                    raise DeviceError(NO_MICROPHONE)
                faults = self._faults.begin()
                return [await self._say(clip, going) for clip in self._script.clips]
            finally:
                tasks = [going] if faults is None else [going, faults]
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    async def _say(self, path: Path, going: "asyncio.Task[None]") -> Spoken:
        try:
            clip = await asyncio.to_thread(read_speech, path)
        except AudioError as error:
            record = TurnRecord(0, error=str(error))
            return Spoken((self._tell(record, path),), unusable=error.exit_code)
        self._begun.append((self._on.ring.world.now_ms, path))
        self._losses = self._returning.losses
        self._faults.turn()
        told = self._told
        say = self._freely if self._stages.hands_free else self._held
        with self._view.busy(f"speaking {path.name}, {len(clip) / SPEECH_HZ:.1f} s"):
            try:
                return await say(clip, path, going)
            except Exception:  # the scene ends here, but not before this turn was told of
                untold = None if self._turns.empty() else self._turns.get_nowait()
                if untold is not None or self._told == told:
                    self._tell(untold or TurnRecord(0, error=NEVER_CAME), path)
                raise

    async def _held(self, clip: Samples, path: Path, going: "asyncio.Task[None]") -> Spoken:
        """With the button held: one turn, and what comes late of it if the link was lost."""
        await unless(going, self._wearer.say(clip))
        self._view.until_quiet(lambda: self._late_ms(float("inf")))
        turns: list[TurnRecord] = []
        while not turns or turns[-1].kept:
            record = await self._next(path, going)
            if record is None:
                break
            turns.append(self._tell(record, path))
        self._view.until_quiet(None)
        if not turns:
            turns.append(self._tell(TurnRecord(0, error=NEVER_CAME), path))
        return Spoken(tuple(turns), turns[-1].done_ms)

    async def _freely(self, clip: Samples, path: Path, going: "asyncio.Task[None]") -> Spoken:
        """Hands free: as many turns as are made of it."""
        done = await asyncio.to_thread(last_speech_end, clip)
        speak = self._wearer.go_on if self._listens else self._wearer.tap_and_say
        end_ms = await unless(going, speak(clip))
        if done is None:
            return Spoken((self._tell(TurnRecord(0, error=NO_SPEECH), path),))
        self._view.until_quiet(lambda: self._late_ms(QUIET_MS))
        turns = []
        while (record := await self._next(path, going)) is not None:
            turns.append(self._tell(record, path))
        if not turns:
            turns.append(self._tell(TurnRecord(0, error=UNHEARD), path))
        start_ms = end_ms - len(clip) * 1000 / SPEECH_HZ
        done_ms = start_ms + done * 1000 / SPEECH_HZ
        sounded = first_sound(self._on.ring.world.speaker_samples(start_ms, done_ms))
        return Spoken(tuple(turns), round(done_ms, 1), cut_off=sounded is not None)

    async def _next(self, path: Path, going: "asyncio.Task[None]") -> TurnRecord | None:
        """What comes of this clip next; None if nothing does. Of others it is told in passing."""
        while True:
            record = await unless(going, self._turns.get())
            whose = path if record is None else self._whose(record, path)
            if record is None or whose == path:
                return record
            self._tell(record, whose)

    def _whose(self, record: TurnRecord, path: Path) -> Path | None:
        """What it comes of; None if that was said before this program began."""
        if record.late_s is None:
            return path
        said_ms = self._on.ring.world.now_ms - record.late_s * 1000  # or before that
        begun = (path for begin_ms, path in reversed(self._begun) if begin_ms <= said_ms)
        whose = next(begun, None)
        if record.said_at is None and self._returning.losses == self._losses:
            return None  # of a boot before
        return whose

    def _late_ms(self, else_ms: float) -> float:
        return LATE_MS if self._returning.losses > self._losses else else_ms

    def _meet(self, ready: Ready) -> None:
        self._hears = bool(ready.capabilities & MICROPHONE)

    def _on_event(self, event: Event) -> None:
        if event["event"] == "microphone":
            self._listens = bool(event["on"])

    def _tell(self, record: TurnRecord, path: Path | None) -> TurnRecord:
        """A turn that was spoken, on ring time."""
        self._told += 1
        record.turn = self._told
        record.input = None if path is None else str(path)
        for name in ("done_ms", "reply_start_ms", "reply_end_ms"):
            device_ms = getattr(record, name)
            if device_ms is not None:
                since_ms = (device_ms - self._on.ring.clock.epoch_us / 1000) % PERIOD_MS
                setattr(record, name, round(since_ms, 1))
        self._view.turn(record, self._script.settings.companion)
        if self._figures is not None:
            self._figures.keep(record)
        if self._file is not None:
            with self._file.open("a", encoding="utf-8") as file:
                file.write(record.line() + "\n")
        return record


def _tell_how_to_repeat(plan: Plan, view: View) -> None:
    if plan.faults:
        view.trouble(f"to repeat it: --faults '{plan}'")


def _folder(path: Path) -> Path:
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)  # a voice is private
    except OSError as error:
        raise UserError(f"{path}: can't be a folder for results ({error.strerror})") from error
    if not os.access(path, os.W_OK):
        raise UserError(f"{path}: nothing can be written there; name another folder with --out")
    return path
