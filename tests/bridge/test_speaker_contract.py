import asyncio

import pytest

from mynah.audio.fake_sound_card import BUFFER_MS, FakeSoundCard
from mynah.errors import SoundCardError
from mynah_wire.uplink import DONE, FLUSHED, PLAYING, STARTED
from tests.bridge.speaker_contract import CLAIMS, FRAME, Bench, place, speech
from tests.bridge.virtual_time import in_virtual_time


def bench_on(card, **options):
    return Bench(card, lambda: card.heard(0, asyncio.get_running_loop().time() * 1000), **options)


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.__name__)
@in_virtual_time
async def test_over_a_fake_card(claim):
    async with bench_on(FakeSoundCard()) as bench:
        await claim(bench)


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
