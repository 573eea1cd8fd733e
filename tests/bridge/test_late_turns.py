"""What a ring says out of reach becomes a turn once: late, or as if it had never been away."""

import asyncio
import gc
import weakref

import pytest

from mynah.emulator.simulated_flash import SimulatedFlash
from mynah.inbox.fake_disk import FakeDisk
from mynah.link.client import monotonic_ms
from mynah.reporting import KEPT
from mynah.turn.machine import State
from mynah_device import talk
from mynah_wire import uplink
from mynah_wire.codecs import IMA_ADPCM
from tests.bridge.home import HOLD_MS, REST_S, Home
from tests.bridge.scene import LONG, NEXT, Held
from tests.bridge.test_occasions import Pieces
from tests.bridge.virtual_time import in_virtual_time

TAP_MS = 100
AWAY_S = 30.0
BACK_MS = 3000  # with the late reply


@in_virtual_time
async def test_what_was_said_out_of_reach_is_answered_oldest_first_with_when_it_was_said():
    home = Home("one", "two", "three")
    for _ in range(3):
        await home.hold()
        await home.live(1000 * AWAY_S)
    async with home.connected():
        await home.turn(3)
        await home.rest()

    assert [record.transcript for record in home.turns] == ["one", "two", "three"]
    assert [record.error for record in home.turns] == [None] * 3
    assert [record.heard for record in home.turns] == ["one", "two", "three"]
    late_s = [record.late_s for record in home.turns]
    assert late_s[0] == pytest.approx(3 * AWAY_S + 1.5, abs=3)
    assert late_s[2] == pytest.approx(AWAY_S, abs=8)
    assert [record.said_at for record in home.turns] == sorted(
        record.said_at for record in home.turns
    )
    assert {record.v2v_ms for record in home.turns} == {None}
    assert {record.link.frames for record in home.turns} <= {HOLD_MS // 20, HOLD_MS // 20 + 1}


@in_virtual_time
async def test_a_link_lost_in_the_middle_is_told_and_then_all_of_it_is_answered_once():
    home = Home("all of it")
    async with home.connected() as running:
        home.press()
        await home.live(HOLD_MS)
        await home.cut(running)
    await home.live(HOLD_MS)
    home.release()
    await home.live(1000 * AWAY_S)
    async with home.connected():
        late = await home.turn(2)
        await home.rest()

    cut, _ = home.turns
    assert cut.error == f"the link was lost: the ring went out of reach; {KEPT}"
    assert (cut.kept, late.kept) == (True, False)
    assert (late.transcript, late.error) == ("all of it", None)
    assert late.said_at is not None
    assert late.link.frames * 20 == pytest.approx(2 * HOLD_MS, abs=60)
    assert late.late_s == pytest.approx(AWAY_S, abs=3)


@in_virtual_time
async def test_a_lost_link_leaves_no_speech_to_a_collection_that_may_be_an_hour_away():
    home = Home("one")
    gc.collect()
    gc.disable()
    try:
        async with home.connected() as running:
            await home.hold()
            await home.turn()
            answer = weakref.ref(home.conversation.in_hand.last)
            await home.cut(running)
        del running
        left = answer()
    finally:
        gc.enable()

    assert left is None


@in_virtual_time
async def test_who_still_speaks_when_the_ring_is_back_is_answered_as_if_it_had_not_been_away():
    home = Home("all of it")
    async with home.connected() as running:
        home.press()
        await home.live(HOLD_MS)
        await home.cut(running)
    await home.live(1000)
    async with home.connected():
        await home.live(HOLD_MS)
        home.release()
        record = await home.turn(2)
        await home.rest()

    assert (record.transcript, record.error, record.late_s) == ("all of it", None, None)
    assert record.link.frames * 20 == pytest.approx(2 * HOLD_MS + 1000, abs=400)
    assert 0 < record.v2v_ms < 1500


@in_virtual_time
async def test_who_presses_again_while_the_ring_still_tells_what_was_said_is_answered_both_times():
    home = Home("one", "two")
    async with home.connected() as running:
        home.press()
        await home.live(HOLD_MS)
        await home.cut(running)
    await home.live(3000)
    async with home.connected():
        home.release()
        home.press()
        await home.live(HOLD_MS)
        home.release()
        await home.live(BACK_MS)
        await home.rest()

    heard = [record.heard for record in home.turns if not record.error]
    assert len(heard) == len(set(heard)) == 2
    assert [KEPT in record.error for record in home.turns if record.error] == [True, True]


@pytest.mark.parametrize("when", ["hearing", "thinking", "told"])
@in_virtual_time
async def test_a_bridge_that_dies_answers_afterwards_what_it_had_not_told(when):
    home = Home("said once", transcriber=Held() if when == "thinking" else None)
    async with home.connected():
        home.press()
        await home.live(HOLD_MS)
        if when != "hearing":
            home.release()
            await home.live(HOLD_MS)
        if when == "told":
            await home.turn()
        home.die()
    if when == "hearing":
        home.release()
    await home.live(1000 * AWAY_S)
    home.begin("said once")
    async with home.connected():
        await home.turn()
        await home.rest()

    assert [record.transcript for record in home.turns] == ["said once"]
    assert (home.turns[0].late_s is None) == (when == "told")


@in_virtual_time
async def test_what_the_ring_had_no_place_for_is_told_lost():
    home = Home()
    async with home.connected():
        crowded = uplink.Held(1, 99, IMA_ADPCM, uplink.CROWDED, 0, 12345)
        home.ring.core.telling.tell(crowded)
        home.link.pump()
        lost = await home.turn()
        home.ring.core.telling.tell(crowded)
        home.link.pump()
        await home.rest()

    assert lost.error == "the ring had no place left for it: other utterances needed it"
    assert lost.late_s >= 0
    assert lost.said_at is not None


@in_virtual_time
async def test_a_ring_that_keeps_nothing_is_talked_with_as_ever():
    home = Home("one")
    home.ring.core.session._identity.capabilities &= ~uplink.STORE
    async with home.connected() as running:
        await home.hold()
        assert (await home.turn()).error is None
        home.press()
        await home.live(HOLD_MS)
        await home.cut(running)

    assert home.turns[1].error == "the link was lost: the ring went out of reach"
    assert (home.turns[1].kept, home.disk.names()) == (False, [])


@in_virtual_time
async def test_a_press_comes_before_what_is_late_and_that_is_answered_after_it():
    held = Held(NEXT, "late")
    home = Home(transcriber=held)
    await home.hold()
    await home.live(1000 * AWAY_S)
    async with home.connected():
        await home.until(lambda: home.conversation._turns.state is State.COMMITTED)
        home.press()
        await home.live(HOLD_MS)
        held.go.set()
        home.release()
        await home.turn(2)
        await home.rest()

    assert [(record.transcript, record.late_s is None) for record in home.turns] == [
        (NEXT, True),
        ("late", False),
    ]


@in_virtual_time
async def test_what_a_companion_was_about_to_say_of_itself_is_not_told_kept():
    async def hesitating():
        await asyncio.sleep(AWAY_S)
        yield "never"

    companion = Pieces()
    home = Home(NEXT, companion=companion)
    async with home.connected():
        companion.begin(hesitating())
        await home.until(lambda: home.conversation._turns.state is State.COMMITTED)
        await home.hold()
        await home.turn(2)
        await home.rest()

    assert [(turn.occasion, turn.transcript, turn.error, turn.kept) for turn in home.turns] == [
        ("companion", "", None, False),
        (None, NEXT, None, False),
    ]


@in_virtual_time
async def test_a_press_over_a_late_reply_ends_it_as_any_other():
    home = Home(LONG, NEXT)
    await home.hold()
    await home.live(1000 * AWAY_S)
    async with home.connected():
        await home.until(lambda: home.conversation._turns.state is State.SPEAKING)
        await home.live(1000)
        await home.hold()
        await home.turn(2)
        await home.rest()

    late, live = home.turns
    assert LONG.startswith(late.heard)
    assert (late.error, live.transcript, live.late_s) == (None, NEXT, None)


@in_virtual_time
async def test_a_reply_that_the_link_cut_short_is_not_begun_again():
    home = Home(LONG, "again")
    async with home.connected() as running:
        await home.hold()
        await home.until(lambda: home.conversation._turns.state is State.SPEAKING)
        await home.live(1000)
        await home.cut(running)
    async with home.connected():
        await home.rest()

    (record,) = home.turns
    assert (record.transcript, record.kept) == (LONG, False)
    assert record.error == "the link was lost: the ring went out of reach"


@in_virtual_time
async def test_a_full_disk_is_said_once_and_costs_no_turn():
    home = Home("one", "two", NEXT, disk=FakeDisk(room_bytes=100))
    async with home.connected() as running:
        for number in (1, 2):
            await home.hold()
            assert (await home.turn(number)).error is None
        await home.cut(running)
    await home.hold()
    await home.live(1000 * AWAY_S)
    async with home.connected():
        await asyncio.sleep(REST_S)
        assert len(home.turns) == 2
        home.disk.room_bytes = 1 << 30
        late = await home.turn(3)
        await home.rest()

    (trouble,) = home.troubles
    assert trouble.startswith("the fake disk: the disk is full: 0 kB are free, a minute of speech")
    assert (late.transcript, late.late_s > AWAY_S) == (NEXT, True)
    assert len(home.turns) == 3


@in_virtual_time
async def test_what_the_ring_lost_with_its_power_is_told_as_far_as_it_came():
    home = Home("the beginning")
    async with home.connected() as running:
        home.press()
        await home.live(HOLD_MS)
        home.ring.power_cut()
        await home.cut(running)
    await home.live(1000)
    home.boot(2)
    async with home.connected():
        back_ms = monotonic_ms()
        late = await home.turn(2)
        assert monotonic_ms() - back_ms < BACK_MS
        await home.rest()

    assert late.transcript == "the beginning"
    assert late.error == "the ring lost its power while this was said"
    assert late.reply_start_ms is not None


@in_virtual_time
async def test_what_had_hardly_begun_when_the_power_went_is_told_lost_at_once():
    home = Home()
    async with home.connected() as running:
        home.press()
        await home.live(200)
        await home.cut(running)
        home.release()
        home.ring.power_cut()
    home.flash = SimulatedFlash()  # it had not come to write it down
    home.boot(2)
    async with home.connected():
        back_ms = monotonic_ms()
        lost = await home.turn(2)
        assert monotonic_ms() - back_ms < BACK_MS
        await home.rest()

    assert lost.error == "the ring lost its power before all of this was told"
    assert (lost.transcript, lost.said_at is None) == ("", False)


@in_virtual_time
async def test_a_tap_left_open_out_of_reach_goes_on_when_the_ring_is_back():
    home = Home("after the tap")
    async with home.connected() as running:
        await home.hold(TAP_MS)
        await home.live(300)
        await home.cut(running)
    await home.live(1000)
    async with home.connected():
        record = await home.turn(2)
        assert home.ring.core.talk.state == talk.QUIET
        await home.rest()

    assert (record.transcript, record.error) == ("after the tap", None)


@in_virtual_time
async def test_over_many_bridges_and_boots_with_one_folder_each_is_answered_once():
    home, runs, left = Home(), 12, 0
    for run in range(1, runs + 1):
        home.boot(run)
        home.begin(*["yes"] * runs)
        async with home.connected() as running:
            home.press()
            await home.live(HOLD_MS)
            if run % 2:
                await home.cut(running)
            home.release()
            await home.live(97 * run)  # before the answer, in it, after it
            if not run % 4:
                await home.cut(running)
            answer = home.conversation.in_hand.answer
            left += answer is not None and answer.reply.reached  # in its middle
        await home.live(1000)
        home.ring.power_cut()
    home.boot(runs + 1)
    home.begin(*["yes"] * runs)
    async with home.connected():
        await home.rest()

    over = [record for record in home.turns if not record.kept]
    assert [record.transcript for record in over] == ["yes"] * (runs - left)
    assert any(record.late_s is not None for record in over)
