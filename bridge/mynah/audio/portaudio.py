"""PortAudio, which plays and records on every system: the one file that imports it.

Its functions may be called in any thread, and block while a card makes up its mind.
"""

import contextlib
import ctypes
import os
import sys
import threading
import time
from collections.abc import Callable
from types import ModuleType
from typing import Any, Final

from mynah.audio import SPEECH_HZ, Samples
from mynah.audio.card_rate import FRAMES_PER_S, CardHears, CardPlays
from mynah.errors import SoundCardError

OUTPUT: Final = "output"
INPUT: Final = "input"

SILENT_S: Final = 2.0
"""A card that hangs tells nobody: it is gone when it has asked for nothing so long. A sound server
was seen to ask for nothing for 1.5 s, on two cores with six busy processes."""

LOOK_S: Final = 0.1
"""How often a stream is looked at: a card that is gone is told of within a breath. A look that
comes later counts no more: this process stood still, and what the card asked for waits."""

WAKING_S: Final = 5.0
"""So long after it was opened it may take its time: a Bluetooth headset must be called first. A
microphone is awake with its first sound; a speaker takes some before it plays."""

_WHAT: Final = {OUTPUT: "speaker", INPUT: "microphone"}
INSTALL: Final = {
    "linux": "sudo apt-get install libportaudio2",
    "darwin": "brew install portaudio",
}
ELSEWHERE: Final = "pip install --force-reinstall sounddevice"

_lock: Final = threading.RLock()  # PortAudio can do one thing at a time
_open: "Final[set[Stream]]" = set()


class Stream:
    """One of a card's two ends, open until `close`."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._raw: Any = None
        self._looked_s = time.monotonic()
        self._awake_s = self._looked_s + WAKING_S
        self._called = True  # since the last look
        self._silent_s = 0.0

    def start(self, make: Callable[..., Any], end: CardPlays | CardHears, rate_hz: int) -> None:
        """Let it flow; `make` is PortAudio's own class."""
        self._raw = make(
            samplerate=rate_hz,
            blocksize=rate_hz // FRAMES_PER_S,
            channels=1,
            dtype="int16",
            latency="low",
            callback=self._play(end) if isinstance(end, CardPlays) else self._listen(end),
        )
        self._raw.start()

    def check(self) -> None:
        """SoundCardError if it flows no more."""
        now_s = time.monotonic()
        waited_s = min(now_s - self._looked_s, LOOK_S)
        self._silent_s = 0.0 if self._called else self._silent_s + waited_s
        self._looked_s, self._called = now_s, False
        patience_s = WAKING_S if now_s < self._awake_s else SILENT_S
        if not self._raw.active or self._silent_s > patience_s:
            raise SoundCardError(
                f"the computer's {_WHAT[self._kind]} is gone: plug it in again, "
                "or choose another in the system's sound settings"
            )

    def close(self) -> None:
        """Let the card sleep; one that hangs takes seconds to let go."""
        with _lock:
            _open.discard(self)
            if self._raw is not None:
                with contextlib.suppress(library().PortAudioError):  # a card that is gone
                    self._raw.close()

    def _play(self, end: CardPlays) -> Callable[..., None]:
        def play(block: Any, _frames: int, times: Any, _status: Any) -> None:
            self._called = True
            heard_in_s = times.outputBufferDacTime - times.currentTime
            block[:] = end.next(1000 * max(0.0, heard_in_s))

        return play

    def _listen(self, end: CardHears) -> Callable[..., None]:
        def listen(block: Any, _frames: int, _times: Any, status: Any) -> None:
            self._called = True
            self._awake_s = 0.0
            end.push(bytes(block), lost=status.input_overflow)

        return listen


def library() -> ModuleType:
    """The library itself; SoundCardError says how to get it."""
    try:
        import sounddevice
    except OSError as error:
        step = INSTALL.get(sys.platform, ELSEWHERE)
        raise SoundCardError(f"PortAudio, which plays and records, is missing: {step}") from error
    _hush()
    module: ModuleType = sounddevice
    return module


def has_device(kind: str) -> bool:
    """Whether there is such a device at all."""
    with _lock, contextlib.suppress(SoundCardError):
        found = library()
        for again in (False, True):
            if again:
                look_again()
            with contextlib.suppress(found.PortAudioError, ValueError):
                return bool(found.query_devices(kind=kind))
    return False


def open_output(fill: Callable[[bytearray, float], None]) -> Stream:
    """The default speaker, which takes 20 ms at a time from `fill(pcm, in_ms)`."""
    return _opened(OUTPUT, lambda rate_hz: CardPlays(fill, rate_hz))


def open_input(hear: Callable[[Samples, bool], None]) -> Stream:
    """The default microphone, which gives 20 ms at a time to `hear(samples, lost)`."""
    return _opened(INPUT, lambda rate_hz: CardHears(hear, rate_hz))


def _opened(kind: str, end_at: Callable[[int], CardPlays | CardHears]) -> Stream:
    portaudio = library()
    with _lock:
        try:
            return _opened_now(portaudio, kind, end_at)
        except portaudio.PortAudioError:
            look_again()
        try:
            return _opened_now(portaudio, kind, end_at)
        except portaudio.PortAudioError as error:
            reason = str(error.args[0]).removeprefix("Error ") if error.args else "no reason given"
            raise SoundCardError(
                f"the computer has no {_WHAT[kind]} that can be used ({reason}): plug one in, "
                "or choose one in the system's sound settings"
            ) from error


def _opened_now(
    portaudio: ModuleType, kind: str, end_at: Callable[[int], CardPlays | CardHears]
) -> Stream:
    make = portaudio.RawOutputStream if kind == OUTPUT else portaudio.RawInputStream
    own_hz = round(portaudio.query_devices(kind=kind)["default_samplerate"])
    try:
        return _started(make, kind, end_at, SPEECH_HZ)
    except portaudio.PortAudioError:
        if own_hz == SPEECH_HZ:
            raise
        return _started(make, kind, end_at, own_hz)


def _started(
    make: Callable[..., Any],
    kind: str,
    end_at: Callable[[int], CardPlays | CardHears],
    rate_hz: int,
) -> Stream:
    stream = Stream(kind)
    try:
        stream.start(make, end_at(rate_hz), rate_hz)
    except BaseException:
        stream.close()
        raise
    _open.add(stream)
    return stream


def look_again() -> None:
    """Cards may have come or gone since PortAudio looked, and it looks when it is initialised."""
    if not _open:  # it would end them
        portaudio = library()
        portaudio._terminate()  # noqa: SLF001 - sounddevice has no other way
        portaudio._initialize()  # noqa: SLF001


def _hush() -> None:
    """Keep what C libraries say about sound cards off the terminal; errors here say it.

    ALSA, JACK and PortAudio print when there is no card, when one runs dry and when it goes, from
    threads of their own. They share libc's `stderr`; Python's is another one, and stays.
    """
    if _hushed or sys.platform not in {"linux", "darwin"}:
        return
    libc = ctypes.CDLL(None)
    libc.fopen.restype = ctypes.c_void_p
    name = "stderr" if sys.platform == "linux" else "__stderrp"
    nowhere = libc.fopen(os.devnull.encode(), b"w")
    if nowhere:
        ctypes.c_void_p.in_dll(libc, name).value = nowhere
    _hushed.append(True)


_hushed: Final[list[bool]] = []
