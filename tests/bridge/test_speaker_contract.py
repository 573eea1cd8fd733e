import asyncio

import numpy as np
import pytest

from mynah.audio.fake_sound_card import BUFFER_MS, FakeSoundCard
from mynah.emulator.simulated_ring import SPEAKER_BLOCK_MS, SPEAKER_QUEUE_MS
from mynah.errors import SoundCardError
from mynah_wire.downlink import PRELOAD_LIMIT_MS
from mynah_wire.uplink import DONE, FLUSHED, PLAYING, STARTED
from tests.bridge.ring_bench import DELAY_MS, RingBench
from tests.bridge.speaker_contract import ASIDE, CLAIMS, FRAME, Bench, place, speech
from tests.bridge.virtual_time import in_virtual_time


def bench_on(card, **options):
    return Bench(card, lambda: card.heard(0, asyncio.get_running_loop().time() * 1000), **options)


@pytest.mark.parametrize("claim", CLAIMS + ASIDE, ids=lambda claim: claim.__name__)
@in_virtual_time
async def test_over_a_fake_card(claim):
    async with bench_on(FakeSoundCard()) as bench:
        await claim(bench)


@pytest.mark.parametrize("claim", CLAIMS + ASIDE, ids=lambda claim: claim.__name__)
@in_virtual_time
async def test_over_a_link_to_a_ring(claim):
    async with RingBench() as bench:
        await claim(bench)


def silence_after(bench, since_ms):
    """When nothing sounds any more."""
    return float(np.flatnonzero(bench.heard())[-1]) / 16 - since_ms


@pytest.mark.parametrize("command", ["pause", "flush"])
@in_virtual_time
async def test_the_ring_is_silent_a_frame_after_it_was_told_and_its_amplifier_is_empty(command):
    worst_ms = DELAY_MS + 2 * FRAME / 16 + SPEAKER_QUEUE_MS
    for wait_ms in range(0, 20, 5):
        async with RingBench() as bench:
            bench.play(1, speech(200 * FRAME))
            await bench.until(1, PLAYING)
            await asyncio.sleep(wait_ms / 1000)
            told_ms = asyncio.get_running_loop().time() * 1000
            getattr(bench.speaker, command)(1)
            await asyncio.sleep(1)

            assert silence_after(bench, told_ms) <= worst_ms


@in_virtual_time
async def test_a_reply_that_the_ring_holds_is_heard_a_block_after_its_go():
    async with RingBench() as bench:
        bench.speaker.begin(1)
        bench.speaker.push(1, speech(40 * FRAME))
        await asyncio.sleep(1)
        told_ms = asyncio.get_running_loop().time() * 1000
        bench.speaker.go(1)
        await bench.until(1, PLAYING)

        heard_ms = float(np.flatnonzero(bench.heard())[0]) / 16 - told_ms
        assert heard_ms <= DELAY_MS + SPEAKER_BLOCK_MS + 1  # the ramp


@in_virtual_time
async def test_a_cursor_is_true_to_the_sample():
    card = FakeSoundCard()
    sound = speech(50 * FRAME)
    async with bench_on(card) as bench:
        bench.play(1, sound)
        await bench.until(1, DONE)
        began_ms = place(await bench.settled(), sound[FRAME:]) / 16 - 20

    for each in bench.told:
        assert each.at_ms == pytest.approx(began_ms + each.samples / 16, abs=0.1)


@in_virtual_time
async def test_a_card_that_is_slow_to_open_loses_nothing():
    sound = speech(60 * FRAME)
    async with bench_on(FakeSoundCard(opening_s=3)) as bench:
        bench.play(1, sound)
        await bench.until(1, DONE)

        assert place(await bench.settled(), sound[FRAME:]) is not None


@in_virtual_time
async def test_a_flush_is_silent_within_a_frame_and_the_cards_own_buffer():
    card = FakeSoundCard()
    async with bench_on(card) as bench:
        bench.play(1, speech(200 * FRAME))
        await bench.until(1, PLAYING)
        flushed_ms = asyncio.get_running_loop().time() * 1000
        bench.speaker.flush(1)
        await bench.until(1, FLUSHED)
        await asyncio.sleep(1)

        silent_ms = flushed_ms + BUFFER_MS + 2 * 20
        assert card.heard(flushed_ms, silent_ms).any()
        assert not card.heard(silent_ms, silent_ms + 500).any()


@in_virtual_time
async def test_between_replies_the_card_stays_awake_and_later_it_sleeps():
    card = FakeSoundCard()
    async with bench_on(card) as bench:
        bench.play(1, speech(10 * FRAME))
        await bench.until(1, DONE)
        await asyncio.sleep(1)
        bench.play(2, speech(10 * FRAME))
        await bench.until(2, DONE)
        assert (card.opened, card.ends) == (1, 1)

        await asyncio.sleep(3)
        assert card.ends == 0
        bench.play(3, speech(10 * FRAME))
        await bench.until(3, DONE)
        assert card.opened == 2
    assert card.ends == 0


@in_virtual_time
async def test_a_card_pulled_out_is_told_once_and_the_next_reply_tries_anew():
    card = FakeSoundCard()
    async with bench_on(card) as bench:
        bench.play(1, speech(150 * FRAME))
        await bench.until(1, PLAYING)
        card.plugged_in = False
        await asyncio.sleep(1)
        assert [str(each) for each in bench.told if isinstance(each, SoundCardError)] == [
            "the sound card is gone: plug it in again"
        ]
        assert bench.speaker._reply.queued_ms == 0

        bench.play(2, speech(10 * FRAME))
        await asyncio.sleep(1)
        assert isinstance(bench.told[-1], SoundCardError)

        card.plugged_in = True
        bench.play(3, speech(10 * FRAME))
        await bench.until(3, DONE)


@in_virtual_time
async def test_who_waits_for_room_is_freed_when_the_card_goes():
    card = FakeSoundCard()
    async with bench_on(card) as bench:
        bench.play(1, speech(400 * FRAME))
        await bench.until(1, STARTED)
        waiting = asyncio.create_task(bench.speaker.drained(0))
        await asyncio.sleep(0.2)
        assert not waiting.done()
        card.plugged_in = False
        await asyncio.sleep(0.2)

        assert waiting.done()


@in_virtual_time
async def test_half_the_volume_is_a_quarter_of_the_sound():
    card = FakeSoundCard()
    sound = speech(20 * FRAME)
    async with bench_on(card, volume=50) as bench:
        bench.play(1, sound)
        await bench.until(1, DONE)
        heard = await bench.settled()

    assert abs(heard).max() == pytest.approx(abs(sound).max() / 4, rel=0.01)


@in_virtual_time
async def test_what_the_ring_holds_already_sounds_with_its_next_frame():
    for wait_ms in range(0, 20, 5):
        async with RingBench() as bench:
            bench.speaker.begin(1)
            bench.speaker.push(1, speech(200 * FRAME))
            await asyncio.sleep(0.5 + wait_ms / 1000)
            assert bench.client.session.downlink.sent_ms == PRELOAD_LIMIT_MS
            told_ms = asyncio.get_running_loop().time() * 1000
            bench.speaker.go(1)
            await bench.until(1, PLAYING)

            began_ms = float(np.flatnonzero(bench.heard())[0]) / 16
            assert began_ms - told_ms <= DELAY_MS + FRAME / 16 + SPEAKER_QUEUE_MS + 1  # the ramp
