"""Nothing is allocated per frame: the collector never stops the ring in mid-word."""

import gc

from checks import run

from mynah_parts import adpcm_viper, samples_viper
from mynah_parts.ccm import Ccm
from mynah_wire.adpcm import FRAME_BYTES, FRAME_SAMPLES, PCM_BYTES, new_state
from mynah_wire.record import COUNTER_BYTES, TAG_BYTES, Opener, Sealer

FRAMES = 1000
KEY = bytes(16)
HEADER_BYTES = 7  # of an audio frame: kind, stream, frame index
PLAIN_BYTES = HEADER_BYTES + FRAME_BYTES


def allocated_over_1000(step):
    """Bytes of heap that a thousand calls leave behind, the collector being off."""
    step()
    gc.collect()
    gc.disable()
    before = gc.mem_alloc()
    for _ in range(FRAMES):
        step()
    after = gc.mem_alloc()
    gc.enable()
    return after - before


def check_the_measurement_sees_an_allocation():
    assert allocated_over_1000(lambda: bytearray(1)) >= FRAMES


def check_slots_to_sealed_record_allocates_nothing():
    slots, pcm = bytearray(4 * FRAME_SAMPLES), bytearray(PCM_BYTES)
    record, state = bytearray(COUNTER_BYTES + PLAIN_BYTES + TAG_BYTES), new_state()
    sealer = Sealer(Ccm(KEY), 1)

    def step():
        samples_viper.from_slots(slots, pcm, 4)
        samples_viper.peak(pcm, FRAME_SAMPLES)
        adpcm_viper.encode_frame(pcm, record, COUNTER_BYTES + HEADER_BYTES, state)
        sealer.seal(record, PLAIN_BYTES)

    assert allocated_over_1000(step) == 0
    assert sealer.counter == FRAMES + 1


def check_sealed_record_to_samples_allocates_nothing():
    record, pcm = bytearray(COUNTER_BYTES + PLAIN_BYTES + TAG_BYTES), bytearray(PCM_BYTES)
    sealed, frame = bytearray(len(record)), memoryview(record)
    opener = Opener(Ccm(KEY), 1)
    Sealer(Ccm(KEY), 1).seal(sealed, PLAIN_BYTES)

    def step():
        frame[:] = sealed
        opener.next = 0  # one record, a thousand times
        opener.open(record, len(record))
        adpcm_viper.decode_frame(record, COUNTER_BYTES + HEADER_BYTES, pcm)
        samples_viper.scale(pcm, FRAME_SAMPLES, 200)
        samples_viper.ramp(pcm, FRAME_SAMPLES, 256, 0)

    assert allocated_over_1000(step) == 0


run(globals())
