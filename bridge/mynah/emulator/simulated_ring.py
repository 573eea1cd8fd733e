"""The ring's own logic in this process, with its parts in miniature: no interpreter, no clock.

It is the other end of a simulation, or of a link in memory.
"""

import random
from typing import Final

import numpy as np

from mynah.audio import SPEECH_HZ, Samples
from mynah.emulator.simulated_flash import PowerCutError, SimulatedFlash
from mynah.link import memory
from mynah.link.aead import Ccm
from mynah_device import actions
from mynah_device.memory import AUDIO_PLAINTEXT_BYTES, Memory
from mynah_device.playback import Playback
from mynah_device.ring import Ring
from mynah_device.session import Identity
from mynah_device.settings import Settings
from mynah_wire import uplink
from mynah_wire.adpcm import decode_frame, new_state
from mynah_wire.clock import elapsed_ms, wrap_ms
from mynah_wire.codecs import IMA_ADPCM, codec
from mynah_wire.gatt import BEST_MTU, record_limit
from mynah_wire.message import encode

CODEC: Final = codec(IMA_ADPCM)
SAMPLES_PER_MS: Final = SPEECH_HZ // 1000
INTERVAL: Final = 24
"""The connection interval in units of 1.25 ms: 30 ms, what Linux asks for."""

SPEAKER_QUEUE_MS: Final = 64
"""So much sound at most lies in the amplifier's queue, as on the ring."""

SPEAKER_BLOCK_MS: Final = 16
"""What comes into an empty queue is heard so late at most, as on the ring; here always."""

MEMORY_FRAMES: Final = 3000
"""A minute, as both boards have it."""

FLASH_BYTES: Final = 4_000_000
"""As both boards have it."""

_TALKS: Final = uplink.SPEAKER | uplink.MICROPHONE | uplink.BUTTON | uplink.STORE
EVERYTHING: Final = _TALKS | uplink.LIGHT | uplink.COLOUR | uplink.HAPTIC
DEVICE_ID: Final = bytes.fromhex(memory.DEVICE_ID)
ROOM_MS: Final = SPEAKER_QUEUE_MS - CODEC.frame_ms  # with no more queued, a frame has room
FULL_BITS: Final = 8  # a volume of 256 changes nothing


def ramp(pcm: bytearray, samples: int, from_256: int, to_256: int) -> None:
    """Move from one volume to the next, in place: the readable twin of the ring's."""
    volumes = from_256 + (to_256 - from_256) * np.arange(samples) // max(1, samples)
    sound = np.frombuffer(bytes(pcm), "<i2", samples).astype(np.int32)
    pcm[: 2 * samples] = (sound * volumes >> FULL_BITS).astype("<i2").tobytes()


def _core(identity: Identity, key: bytes | None, frames: int, flash: SimulatedFlash) -> Ring:
    playback, memory = Playback(decode_frame, ramp), Memory(frames)
    ring = Ring(identity, key, Settings({}), playback, memory, FLASH_BYTES)
    for file, size, read in flash.found():
        ring.said.found(file, size, read)
    ring.said.has_room(flash.free_bytes)
    return ring


class SimulatedRing:
    """The ring's logic with its parts in miniature. Times are whole milliseconds."""

    def __init__(
        self,
        key: bytes | None,
        *,
        clock_ms: int = 0,
        seed: int = 1,
        flash: SimulatedFlash | None = None,
        boot_id: int = 1,
        memory_frames: int = MEMORY_FRAMES,
        device_id: bytes = DEVICE_ID,
    ) -> None:
        """It is switched on; `clock_ms` is what its own clock shows at time 0.

        What it keeps without power is in `flash`: give that to the next ring, with another boot id.
        """
        self.hears: Samples = np.zeros(0, np.int16)
        """What sounds at its microphone, from time 0 on; then silence."""
        self.played: list[tuple[int, bytes]] = []
        """What its speaker plays: each frame, and when it begins to sound."""
        self.vibrates = 0  # of 255: its motor, now
        self.hung_up = False
        self.dead = False
        """Its power is gone: nothing of it moves any more."""
        self.flash = flash if flash is not None else SimulatedFlash()
        self._clock_ms = clock_ms
        self._now_ms = 0
        identity = Identity(
            device_id, boot_id, b"simulation", EVERYTHING, Ccm, random.Random(seed).randbytes
        )
        self.core = _core(identity, key, memory_frames, self.flash)
        self._flash_due_ms: int | None = 0
        self._record = bytearray(record_limit(BEST_MTU))
        self._says: list[bytes] = []
        self._send_due_ms: int | None = None
        self._microphone_ms: int | None = None  # when it was opened
        self._until_ms: int | None = None  # ring clock: deliver what was heard before
        self._frames = 0  # of this stream
        self._coder = new_state()
        self._speaker_due_ms: int | None = None
        self._speaker_end_ms = 0  # when all that was taken will have been heard

    def connected(self, mtu: int, now_ms: float) -> None:
        """A central connected, and agreed on an MTU."""
        self.hung_up = False
        self._event(actions.CONNECTED, now_ms)
        self._event(actions.MTU, now_ms, mtu)
        self._event(actions.INTERVAL, now_ms, INTERVAL)

    def disconnected(self, now_ms: float) -> None:
        """The link is gone."""
        self._says.clear()
        self._event(actions.DISCONNECTED, now_ms)

    def receive(self, record: bytes, now_ms: float) -> None:
        """The host wrote a record."""
        self._event(actions.RECEIVED, now_ms, record)

    def press(self, now_ms: float) -> None:
        """The finger is on the button."""
        self._event(actions.PRESSED, now_ms)

    def release(self, now_ms: float) -> None:
        """The finger is off the button."""
        self._event(actions.RELEASED, now_ms)

    def power_cut(self, torn_thousandths: int = 0) -> None:
        """The power goes, and with it all but the flash: what was not safe there is torn."""
        self.dead = True
        self.flash.power_cut(torn_thousandths)
        self._says.clear()

    def advance(self, now_ms: float) -> list[bytes]:
        """Do all that is due by now; the records that it notified."""
        while (due_ms := self.deadline_ms()) is not None and due_ms <= now_ms:
            self._step(int(due_ms))
        self._send(int(now_ms))
        says, self._says = self._says, []
        return says

    def deadline_ms(self) -> float | None:
        """When to `advance` at the latest."""
        if self.dead:
            return None
        moments = [self._send_due_ms, self._speaker_due_ms, self._frame_due_ms(), self._tick_ms()]
        moments.append(self._flash_due_ms)
        return min((moment for moment in moments if moment is not None), default=None)

    def sound(self) -> Samples:
        """What was heard of it, from time 0 on."""
        end_ms = self.played[-1][0] + CODEC.frame_ms if self.played else 0
        sound = np.zeros(end_ms * SAMPLES_PER_MS, np.int16)
        for begin_ms, pcm in self.played:
            first = begin_ms * SAMPLES_PER_MS
            sound[first : first + CODEC.frame_samples] = np.frombuffer(pcm, "<i2")
        return sound

    def coded(self, _frame: int, now_ms: int) -> bytes:
        """A frame of this stream that ends now, as its codec writes it."""
        first = (now_ms - CODEC.frame_ms) * SAMPLES_PER_MS
        pcm = bytearray(CODEC.pcm_bytes)
        heard = self.hears[first : first + CODEC.frame_samples].astype("<i2").tobytes()
        pcm[: len(heard)] = heard
        data = bytearray(CODEC.frame_bytes)
        CODEC.encode_frame(pcm, data, 0, self._coder)
        return bytes(data)

    def _event(self, name: str, now_ms: float, value: object = None) -> None:
        if self.dead:
            return
        self._now_ms = int(now_ms)
        self._wake_flash(self._now_ms)
        for action, argument in self.core.handle(name, self._ring_ms(self._now_ms), value):
            self._carry_out(action, argument)

    def _carry_out(self, action: str, value: object) -> None:
        if action == actions.SEND_PLAIN and isinstance(value, bytes):
            self._says.append(value)
        elif action == actions.OPEN_MICROPHONE:
            self._microphone_ms, self._until_ms, self._frames = self._now_ms, None, 0
            self._coder = new_state()
            self._event(actions.MICROPHONE_STARTED, self._now_ms, self._ring_ms(self._now_ms))
        elif action == actions.CLOSE_MICROPHONE and isinstance(value, int):
            self._until_ms = value
        elif action == actions.WAKE_SPEAKER:
            self._speaker_due_ms = max(self._now_ms, self._speaker_end_ms - ROOM_MS)
        elif action == actions.VIBRATE and isinstance(value, int):
            self.vibrates = value
        elif action == actions.DISCONNECT:
            self.hung_up = True

    def _step(self, now_ms: int) -> None:
        if now_ms == self._tick_ms():
            self._event(actions.TICK, now_ms)
        if now_ms == self._frame_due_ms():
            self._hear(now_ms)
        if now_ms == self._speaker_due_ms:
            self._speak(now_ms)
        if now_ms == self._flash_due_ms:
            self._work(now_ms)
        self._send(now_ms)

    def _ring_ms(self, now_ms: int) -> int:
        return wrap_ms(now_ms + self._clock_ms)

    def _tick_ms(self) -> int | None:
        due_ms = self.core.deadline_ms(self._ring_ms(self._now_ms))
        if due_ms is None:
            return None
        return self._now_ms + max(0, elapsed_ms(due_ms, self._ring_ms(self._now_ms)))

    def _frame_due_ms(self) -> int | None:
        if self._microphone_ms is None:
            return None
        return self._microphone_ms + (self._frames + 1) * CODEC.frame_ms

    def _hear(self, now_ms: int) -> None:
        started_ms = now_ms - (self._frames + 1) * CODEC.frame_ms
        data = self.coded(self._frames, now_ms)
        audio = encode(uplink.Audio(self.core.talk.stream, self._frames, data))
        said = self.core.said
        place = said.place()
        said.memory.buffer[place : place + AUDIO_PLAINTEXT_BYTES] = audio
        said.commit()
        self._frames += 1
        spoken_ms = self._frames * CODEC.frame_ms
        until_ms = self._until_ms
        if until_ms is not None and spoken_ms >= elapsed_ms(until_ms, self._ring_ms(started_ms)):
            self._microphone_ms = None
            self._event(actions.MICROPHONE_STOPPED, now_ms, (self._frames, 0))

    def _speak(self, now_ms: int) -> None:
        playback = self.core.playback
        dry_ms = self._speaker_end_ms - SPEAKER_BLOCK_MS
        if playback.wanted or (playback.starving and now_ms >= dry_ms):
            pcm = bytearray(CODEC.pcm_bytes)
            playback.take(pcm, max(0, self._speaker_end_ms - now_ms))
            if self._speaker_end_ms <= now_ms:
                self._speaker_end_ms = now_ms + SPEAKER_BLOCK_MS
            self.played.append((self._speaker_end_ms, bytes(pcm)))
            self._speaker_end_ms += CODEC.frame_ms
        self.core.played(self._ring_ms(self._speaker_end_ms))
        self._speaker_due_ms = None
        if playback.wanted:
            self._speaker_due_ms = max(now_ms, self._speaker_end_ms - ROOM_MS)
        elif playback.starving:
            self._speaker_due_ms = max(now_ms, self._speaker_end_ms - SPEAKER_BLOCK_MS)

    def _send(self, now_ms: int) -> None:
        self._send_due_ms = None
        session, pacer = self.core.session, self.core.pacer
        while session.channel is not None and session.proven and not (self.hung_up or self.dead):
            wait_ms = pacer.wait_ms(self._ring_ms(now_ms))
            if wait_ms:
                self._send_due_ms = now_ms + wait_ms
                return
            length = self.core.next_plaintext(self._record, self._ring_ms(now_ms))
            if not length:
                if self.core.said.fetching.active:
                    self._wake_flash(now_ms)
                return
            pacer.sent(self._ring_ms(now_ms))
            self._says.append(bytes(self._record[: session.channel.seal(self._record, length)]))

    def _wake_flash(self, now_ms: int) -> None:
        if self._flash_due_ms is None:
            self._flash_due_ms = now_ms + self.flash.job_ms

    def _work(self, now_ms: int) -> None:
        self._flash_due_ms = None
        job = self.core.flash_job()
        if job is None:
            return
        try:
            result = self.flash.do(job)
        except PowerCutError:
            self.power_cut()
            return
        self.core.flash_done(result, self._ring_ms(now_ms))
        self._flash_due_ms = now_ms + self.flash.job_ms
