"""Gain, volume and ramps do what plain arithmetic says."""

import random
import struct

from checks import error_of, run

from mynah_parts import samples_viper

SAMPLES = (-32768, -32767, -20001, -256, -255, -1, 0, 1, 255, 256, 20001, 32766, 32767)
VOLUMES = (0, 1, 100, 255, 256)


def pack(samples):
    return bytearray(struct.pack(f"<{len(samples)}h", *samples))


def unpack(pcm):
    return list(struct.unpack(f"<{len(pcm) // 2}h", pcm))


def clip(sample):
    return max(-32768, min(32767, sample))


def check_slots_become_samples_with_gain_and_saturation():
    random.seed(5)
    words = [random.randint(-(1 << 23), (1 << 23) - 1) >> random.randint(0, 23) for _ in range(99)]
    words += [-(1 << 23), (1 << 23) - 1, -1, 0, 1]
    slots = bytearray(struct.pack(f"<{len(words)}i", *[word << 8 for word in words]))
    pcm = bytearray(2 * len(words))
    for gain_bits in range(16):
        samples_viper.from_slots(slots, pcm, gain_bits)

        assert unpack(pcm) == [clip((word << 8) >> (16 - gain_bits)) for word in words], gain_bits


def check_slots_need_room():
    error_of(ValueError, samples_viper.from_slots, bytearray(8), bytearray(3), 0)


def check_a_volume_scales_every_sample():
    for volume in VOLUMES:
        pcm = pack(SAMPLES)

        samples_viper.scale(pcm, len(SAMPLES), volume)

        assert unpack(pcm) == [(sample * volume) >> 8 for sample in SAMPLES], volume


def check_a_ramp_of_no_height_is_a_volume():
    for volume in VOLUMES:
        ramped, scaled = pack(SAMPLES), pack(SAMPLES)

        samples_viper.ramp(ramped, len(SAMPLES), volume, volume)
        samples_viper.scale(scaled, len(SAMPLES), volume)

        assert ramped == scaled, volume


def check_a_ramp_goes_evenly_from_one_volume_to_the_other():
    for loud in (32767, -32768):
        for first, last in ((256, 0), (0, 256), (256, 64)):
            pcm = pack([loud] * 320)

            samples_viper.ramp(pcm, 320, first, last)

            for number, sample in enumerate(unpack(pcm)):
                volume = first + (last - first) * number / 320
                # Rounded down three times: the step, the volume, the sample.
                assert abs(sample - loud * volume / 256) < 3, (loud, first, last, number)


def check_only_the_counted_samples_change():
    for change in (
        lambda pcm: samples_viper.scale(pcm, 1, 0),
        lambda pcm: samples_viper.ramp(pcm, 1, 0, 256),
    ):
        pcm = pack((1000, 1000))

        change(pcm)

        assert unpack(pcm) == [0, 1000]
    samples_viper.ramp(pcm, 0, 256, 0)
    assert unpack(pcm) == [0, 1000]


def check_the_peak_is_the_largest_magnitude():
    for samples, expected in (
        ((0, 0), 0),
        ((3, -5, 4), 5),
        ((-32768, 32767), 32768),
        ((1, 2, 32767), 32767),
    ):
        assert samples_viper.peak(pack(samples), len(samples)) == expected, samples
    assert samples_viper.peak(pack((1, 2, 3)), 2) == 2


run(globals())
