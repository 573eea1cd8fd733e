"""What the tests of a ring's parts make of what they measured; `words` is how they are told."""

import math
from array import array

TYPE_CHECKING = False  # type checkers take this name for True; MicroPython has no typing to ask
if TYPE_CHECKING:
    from collections.abc import Sequence

FRAME_SAMPLES = 320
FRAME_MS = 20
PHASES = 16  # a tone of 1 kHz has as many samples a period, and a frame whole periods of it
SUMS = 5 + PHASES  # of a frame: its samples, squares (high and low), clipped, peak, by phase
SILENCE_DB10 = -1200  # tenths of a dB: digital silence, instead of minus infinity
SETTLING_FRAMES = 10  # an INMP441 needs 85 ms of clock until what it gives is sound
TONE = 1 << 16  # in the argument of a test of the microphone, above the milliseconds
RISE_DB10 = 200  # a tone that was not there before: noise of a frame varies by 15 dB,
BELOW_DB10 = 100  # and is nearly as loud as it gets
LOUDEST_FRAMES = 10
_FULL_SCALE = 32768.0
_SILENT = 1e-12  # of full power: SILENCE_DB10
_FLOOR_SHARE = 10  # one frame in so many is quieter than the noise floor
_DMA_SAMPLES = 256  # the chip hands them over by so many
_NS_A_SAMPLE = 62_500
_WINDOWS = 3  # the clock is compared between the first and the last of them
_NEVER = 1 << 29


def words(*values: "tuple[str, object]") -> str:
    """Names and values as FOUND tells them: name=value, and no space but between them."""
    return " ".join("%s=%s" % (name, _word(value)) for name, value in values)


def reason(text: str) -> str:
    """Why a test failed, as FOUND tells it."""
    return "reason=" + _word(text)


def _word(value: object) -> str:
    text = "%.2f" % value if isinstance(value, float) else str(value)
    return text.replace(" ", "_")


class Sound:
    """What a microphone gave, frame by frame; levels are of what the ring sends, after its gain."""

    def __init__(self, frames: int) -> None:
        """At most so many."""
        self.frames = 0
        self.flat = 0  # frames whose samples were all alike
        self._levels = array("h", bytes(2 * frames))
        self._tones = array("h", bytes(2 * frames))
        self._power = 0.0
        self._total = 0
        self._clipped = 0
        self._peak = 0

    def frame(self, sums: "Sequence[int]") -> None:
        """The SUMS of one more."""
        if self.frames >= len(self._levels):
            return
        mean = sums[0] / FRAME_SAMPLES
        power = (sums[1] * 65536.0 + sums[2]) / FRAME_SAMPLES - mean * mean
        self._power += max(0.0, power)
        self._total += sums[0]
        self._clipped += sums[3]
        self._peak = max(self._peak, sums[4])
        self._levels[self.frames] = _db10(power)
        self._tones[self.frames] = _db10(_tone_power(sums))
        self.frames += 1

    def values(self) -> "tuple[tuple[str, object], ...]":
        """Levels in dB of full scale, where a full sine is -3."""
        frames = max(1, self.frames)
        levels = sorted(self._levels[: self.frames]) or [SILENCE_DB10]
        offset = self._total / (frames * FRAME_SAMPLES)
        return (
            ("level_dbfs", _db10(self._power / frames) / 10),
            ("floor_dbfs", levels[len(levels) // _FLOOR_SHARE] / 10),
            ("loudest_dbfs", levels[-1] / 10),
            ("peak_dbfs", _db10(float(self._peak) * self._peak) / 10),
            ("offset_percent", 100 * offset / _FULL_SCALE),
            ("clipped_percent", 100 * self._clipped / (frames * FRAME_SAMPLES)),
            ("flat_percent", 100 * self.flat // frames),
        )

    def tone(self) -> "tuple[tuple[str, object], ...]":
        """How loud 1 kHz was at its loudest, and in the quiet; when it began, -1 if never."""
        tones = self._tones[: self.frames]
        ordered = sorted(tones) or [SILENCE_DB10]
        floor = ordered[len(ordered) // _FLOOR_SHARE]
        least = max(floor + RISE_DB10, ordered[-1] - BELOW_DB10)
        loud = [at for at, tone in enumerate(tones) if tone >= least]
        loudest = ordered[-LOUDEST_FRAMES:]
        return (
            ("tone_dbfs", loudest[len(loudest) // 2] / 10),
            ("tone_floor_dbfs", floor / 10),
            ("tone_ms", len(loud) * FRAME_MS),
            ("tone_at_ms", (loud[0] + SETTLING_FRAMES) * FRAME_MS if loud else -1),
        )


def _db10(power: float) -> int:
    share = power / (_FULL_SCALE * _FULL_SCALE)
    return SILENCE_DB10 if share < _SILENT else round(100 * math.log10(share))


def _tone_power(sums: "Sequence[int]") -> float:
    real = imaginary = 0.0
    for phase in range(PHASES):
        angle = 2 * math.pi * phase / PHASES
        real += sums[5 + phase] * math.cos(angle)
        imaginary += sums[5 + phase] * math.sin(angle)
    return 2 * (real * real + imaginary * imaginary) / (FRAME_SAMPLES * FRAME_SAMPLES)


class Rate:
    """How fast a microphone's clock runs, against the ring's own.

    A frame is handed over late, never early: the least late of many tells.
    """

    def __init__(self, frames: int) -> None:
        """So many will come."""
        self._window = max(1, frames // _WINDOWS)
        self._frames = 0
        self._least_us = [_NEVER] * (_WINDOWS + 1)
        self._at_us = [0] * (_WINDOWS + 1)

    def frame(self, since_us: int) -> None:
        """One more came, so long after some moment."""
        self._frames += 1
        blocks = -(-self._frames * FRAME_SAMPLES // _DMA_SAMPLES)
        due_us = blocks * _DMA_SAMPLES * _NS_A_SAMPLE // 1000
        window = min((self._frames - 1) // self._window, _WINDOWS)
        if since_us - due_us < self._least_us[window]:
            self._least_us[window] = since_us - due_us
            self._at_us[window] = due_us

    @property
    def ppm(self) -> int:
        """Parts per million that it runs fast; 0 until there was time to tell."""
        last = _WINDOWS - 1
        span_us = self._at_us[last] - self._at_us[0]
        if self._least_us[last] == _NEVER or span_us <= 0:
            return 0
        return round((self._least_us[0] - self._least_us[last]) * 1e6 / span_us)
