"""The link under load: sealed speech both ways at once, through the whole emulated stack."""

import asyncio
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

import numpy as np

from mynah import picture
from mynah.audio import SPEECH_HZ, Samples
from mynah.emulator.emulated import Emulated, emulated
from mynah.emulator.wearer import Wearer
from mynah.errors import DeviceError
from mynah.link.client import RingClient, monotonic_ms
from mynah.link.downlink import CODEC
from mynah.link.utterance import Utterance
from mynah_wire.clock import after_ms
from mynah_wire.uplink import DONE, Audio, Counters, Cursor, End, Start

REPLY: Final = 1
DIRECTIONS: Final = ("up", "down")
AHEAD_MS: Final = 3000
"""Reply audio kept waiting: more than the ring's buffer, so that credit is what limits."""

LOUDNESS: Final = 3000.0
"""Of the noise that is carried; the link does not care."""

_HEIGHT_IN: Final = 3.6


@dataclass(slots=True)
class LinkResult:
    """What came of it."""

    seconds: float
    interval_ms: float = 0.0
    mtu: int = 0
    up_frames: int = 0
    up_lost: int = 0
    up_in_order: bool = True
    down_frames: int = 0
    down_played: int = 0
    underruns: int = 0
    enomem: int = 0
    ring_dropped: int = 0
    deepest_radio_queue: int = 0
    deepest_host_queue: int = 0
    up_latency_ms: list[float] = field(default_factory=list)
    """From a frame's last sample to the host, for each frame."""

    @property
    def whole(self) -> bool:
        """Every frame of both directions arrived, once and in order, and nothing piled up."""
        lost = self.up_lost + self.underruns + self.ring_dropped
        return self.up_in_order and lost == 0 and self.down_played == self.down_frames

    def percentile_ms(self, percent: float) -> float:
        """Of the uplink's latency."""
        return float(np.percentile(self.up_latency_ms, percent)) if self.up_latency_ms else 0.0

    @property
    def growth_ms(self) -> float:
        """How much later a frame comes in the last third than in the first: a queue that grows."""
        third = len(self.up_latency_ms) // 3
        if third == 0:
            return 0.0
        first, last = self.up_latency_ms[:third], self.up_latency_ms[-third:]
        return float(np.median(last) - np.median(first))

    def as_json(self) -> dict[str, object]:
        """For other programs."""
        figures = asdict(self)
        del figures["up_latency_ms"]
        latency = {f"up_p{p}_ms": round(self.percentile_ms(p), 1) for p in (50, 95, 99, 100)}
        growth = {"up_growth_ms": round(self.growth_ms, 1)}
        return {**figures, **latency, **growth, "whole": self.whole}


async def measure(link_uri: str, seconds: float) -> LinkResult:
    """Hold the button for so long, and play a reply of the same length meanwhile."""
    async with emulated(link_uri) as on, RingClient(on.link) as client:
        load = _Load(on, client, seconds)
        try:
            async with asyncio.timeout(seconds * 2 + 30):
                return await load.run()
        except TimeoutError as error:
            raise DeviceError(f"the link did not get through {seconds} s of speech") from error


class _Load:
    def __init__(self, on: Emulated, client: RingClient, seconds: float) -> None:
        self._on = on
        self._client = client
        self._sound = _noise(seconds)
        self._utterance: Utterance | None = None
        self._last_frame = -1
        self._pushed = 0
        self._done = 0
        self._result = LinkResult(seconds)

    async def run(self) -> LinkResult:
        speaking: asyncio.Task[None] | None = None
        async for message in self._client.messages():
            match message:
                case Counters() if speaking is None:
                    wearer = Wearer(self._on.ring.world)
                    speaking = asyncio.create_task(wearer.say(self._sound))
                case Start():
                    self._utterance = Utterance(message)
                    self._client.session.downlink.begin(REPLY)
                    self._client.session.downlink.go(REPLY)
                case Audio():
                    self._note(message)
                case End() if self._utterance is not None:
                    self._utterance.close(message)
                    self._done += 1
                case Cursor(state=state, samples=samples) if state == DONE:
                    self._result.down_played = samples // CODEC.frame_samples
                    self._done += 1
            self._feed()
            if self._done == len(DIRECTIONS) and isinstance(message, Counters):
                break
        if speaking is not None:
            await speaking
        return self._finish()

    def _note(self, audio: Audio) -> None:
        utterance, clock = self._utterance, self._client.session.clock
        if utterance is None:
            return
        self._result.up_in_order &= audio.frame > self._last_frame
        self._last_frame = audio.frame
        utterance.add(audio)
        spoken_ms = after_ms(utterance.start_ms, (audio.frame + 1) * CODEC.frame_ms)
        if clock.is_known:  # on a busy computer the first frame may come before the first PONG
            self._result.up_latency_ms.append(monotonic_ms() - clock.host_ms(spoken_ms))
        waiting = self._on.link.waiting
        self._result.deepest_host_queue = max(self._result.deepest_host_queue, waiting)

    def _feed(self) -> None:
        downlink = self._client.session.downlink
        if self._utterance is None or self._pushed > len(self._sound):
            return
        while downlink.queued_ms < AHEAD_MS and self._pushed < len(self._sound):
            piece = self._sound[self._pushed : self._pushed + CODEC.frame_samples]
            downlink.push(REPLY, piece)
            self._pushed += CODEC.frame_samples
        if self._pushed >= len(self._sound):
            self._pushed = len(self._sound) + 1
            downlink.finish(REPLY)
        self._client.wake()

    def _finish(self) -> LinkResult:
        result, counters = self._result, self._client.session.counters
        if self._utterance is not None:
            result.up_frames = self._utterance.frames
            result.up_lost = self._utterance.lost_frames
        result.down_frames = -(-len(self._sound) // CODEC.frame_samples)
        result.deepest_radio_queue = self._on.ring.air.link.deepest
        if counters is not None:
            result.interval_ms = counters.interval * 1.25
            result.mtu = counters.mtu
            result.underruns = counters.underruns
            result.enomem = counters.enomem
            result.ring_dropped = counters.dropped + counters.overruns
        return result


def plot(result: LinkResult, path: Path) -> None:
    """The uplink's latency, frame by frame."""
    figure = picture.figure(_HEIGHT_IN)
    axes = figure.subplots()
    times_s = np.arange(len(result.up_latency_ms)) * CODEC.frame_ms / 1000
    axes.plot(times_s, result.up_latency_ms, ".", color=picture.BLUE, markersize=3)
    levels_ms = [result.percentile_ms(percent) for percent in (50, 95)]
    for level_ms in levels_ms:
        axes.axhline(level_ms, linestyle="--", linewidth=1, color=picture.RED)
    p50_ms, p95_ms = levels_ms
    title = f"Uplink while both talk: p50 {p50_ms:.0f} ms, p95 {p95_ms:.0f} ms"
    axes.set_title(title, loc="left", fontsize=12, fontweight="bold", color=picture.INK)
    axes.set(
        xlabel=f"time of the frame, s.  Interval {result.interval_ms:g} ms, {result.up_lost} lost",
        ylabel="last sample to host, ms",
        ylim=(0, None),
    )
    picture.dress(axes)
    picture.save(figure, path)


def _noise(seconds: float) -> Samples:
    noise = np.random.default_rng(1).normal(0.0, LOUDNESS, round(seconds * SPEECH_HZ))
    return noise.astype(np.int16)
