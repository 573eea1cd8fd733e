import numpy as np
import pytest

from mynah.audio.card_rate import FRAME_BYTES, FRAME_SAMPLES, CardHears, CardPlays

RATES_HZ = (8_000, 44_100, 48_000)
TONE_HZ = 500


def tone(samples, rate_hz):
    return np.rint(9000 * np.sin(2 * np.pi * TONE_HZ * np.arange(samples) / rate_hz)).astype("<i2")


class Source:
    """Gives a tone, and remembers when each frame of it was said to be heard."""

    def __init__(self):
        self.frames = 0
        self.heard_in_ms = []

    def fill(self, pcm, in_ms):
        start = self.frames * FRAME_SAMPLES
        pcm[:] = tone(start + FRAME_SAMPLES, 16_000)[start:].tobytes()
        self.frames += 1
        self.heard_in_ms.append(in_ms)


def test_at_its_own_rate_a_frame_is_passed_on_as_it_is():
    source = Source()
    assert CardPlays(source.fill, 16_000).next(60.0) == tone(FRAME_SAMPLES, 16_000).tobytes()
    assert source.heard_in_ms == [60.0]


@pytest.mark.parametrize("rate_hz", RATES_HZ)
def test_at_another_rate_a_card_gets_its_blocks_and_no_seam(rate_hz):
    source = Source()
    card = CardPlays(source.fill, rate_hz)
    blocks = [card.next(60.0) for _ in range(50)]
    assert {len(block) for block in blocks} == {2 * rate_hz // 50}
    heard = np.frombuffer(b"".join(blocks), "<i2")

    settled = heard[rate_hz // 50 : -rate_hz // 50]
    expected = tone(len(heard), rate_hz)[rate_hz // 50 : -rate_hz // 50]
    assert np.abs(settled.astype(int) - expected).max() < 100  # -39 dB of the tone


@pytest.mark.parametrize("rate_hz", RATES_HZ)
def test_what_a_filter_holds_back_is_heard_later(rate_hz):
    source = Source()
    card = CardPlays(source.fill, rate_hz)
    heard_ms = []
    for block in range(50):
        before = source.frames
        card.next(60.0)
        heard_ms += [block * 20 + in_ms for in_ms in source.heard_in_ms[before:]]

    # Frame after frame, 20 ms apart, the first at once.
    assert heard_ms == pytest.approx([60 + 20 * frame for frame in range(source.frames)])


@pytest.mark.parametrize("rate_hz", [16_000, *RATES_HZ])
def test_what_a_card_hears_comes_in_frames_of_20_ms(rate_hz):
    frames = []
    card = CardHears(lambda samples, lost: frames.append((samples, lost)), rate_hz)
    block = rate_hz // 50
    sound = tone(50 * block, rate_hz)
    for start in range(0, len(sound), block):
        card.push(sound[start : start + block].tobytes(), lost=start == 25 * block)

    assert {2 * len(samples) for samples, _ in frames} == {FRAME_BYTES}
    assert [lost for _, lost in frames].count(True) == 1
    heard = np.concatenate([samples for samples, _ in frames])
    assert len(heard) >= 45 * FRAME_SAMPLES
    settled = slice(FRAME_SAMPLES, len(heard) - FRAME_SAMPLES)
    assert np.abs(heard.astype(int) - tone(len(heard), 16_000))[settled].max() < 100
