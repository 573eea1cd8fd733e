"""What the wearer of the real stack knows, and what of it was told."""

import asyncio

import numpy as np

from mynah.reliability.counting import Brief, Counter, Loud, counted
from mynah.reliability.mortal import MortalDisk
from mynah.reliability.soak import Heard
from mynah.reliability.stack import KILLED_S, Onlooker, Story
from mynah.reliability.tones import chord
from mynah.turn.machine import State
from mynah.turn.record import TurnRecord
from tests.bridge.home import HOLD_MS, REST_S, Home
from tests.bridge.virtual_time import in_virtual_time

SILENCE = np.zeros(4000, np.int16)
ON = {"event": "microphone", "on": True}
RELEASED = {"event": "input", "value": 1}
POWER_CUT = {"event": "power_cut"}
FADING_S = 0.03  # less than the round trip that a stopped reply's last cursor takes


def said(*numbers):
    story = Story()
    for number in numbers:
        story.current = number
        story.ring(ON)
        story.ring(RELEASED)
    return story


def told(transcript, **more):
    return TurnRecord(1, transcript=transcript, **more)


async def test_two_chords_in_one_sound_are_two_numbers():
    sound = np.concatenate([chord(7, 8000), SILENCE, chord(1234, 8000)])
    heard = await Counter().transcribe(sound)

    assert counted([heard.text]) == [7, 1234]
    assert [text async for text in Brief().reply(None)] == ["Yes."]


async def test_silence_has_no_words():
    assert (await Counter().transcribe(SILENCE)).text == ""
    assert (Loud().probability(SILENCE), Loud().probability(chord(1, 512))) == (0.0, 1.0)


def test_what_was_said_and_not_told_is_silent():
    story = said(1, 2)
    story.turn(told("number 1"), 0.0)

    assert (story.open, story.figures()["arrived"]) == (1, 1)


def test_what_was_told_lost_is_not_silent():
    story = said(1)
    story.turn(told("", error="the ring lost its power"), 0.0)

    assert (story.open, story.figures()["lost"]) == (0, {"the ring lost its power": 1})


def test_what_is_kept_for_later_was_not_told_yet():
    story = said(1)
    story.turn(told("number 1", kept=True), 0.0)

    assert story.open == 1


def test_what_is_told_twice_is_counted():
    story = said(1)
    story.turn(told("number 1"), 0.0)
    story.turn(told("number 1"), 1.0)

    assert (story.figures()["duplicated"], story.figures()["again"]) == (1, 0)


def test_whom_a_kill_kept_from_noting_may_tell_it_again():
    story = said(1)
    story.turn(told("number 1"), 10.0)
    story.kills_s.append(10.0 + KILLED_S / 2)
    story.turn(told("number 1"), 12.0)

    assert (story.figures()["duplicated"], story.figures()["again"]) == (0, 1)


@in_virtual_time
async def test_what_a_bridge_tells_while_its_task_is_cancelled_a_killed_one_could_not_tell():
    story = said(1, 2)
    onlooker, home = Onlooker(story), Home("number 1")
    home._tell = lambda record: onlooker.turn(record, "brief")
    async with home.connected():
        await home.hold()
        await home.until(lambda: home.conversation.glimpse().state is State.SPEAKING)
        home.press()  # the reply is stopped, and how much of it was heard is not known yet
        await asyncio.sleep(FADING_S)
        onlooker.die()
        home.die()
    await home.live(HOLD_MS)
    home.release()
    onlooker = Onlooker(story)
    home.begin("number 1", "number 2")
    async with home.connected():
        await asyncio.sleep(REST_S)

    assert (story.told, story.twice) == ({1: 1, 2: 1}, [])


def test_what_the_power_ended_was_not_promised():
    story = Story()
    for event in (ON, POWER_CUT, RELEASED):
        story.ring(event)

    assert (story.open, story.figures()["unfinished"]) == (0, 1)


def test_a_killed_programs_disk_takes_nothing_more(tmp_path):
    disk = MortalDisk(tmp_path / "ring")
    disk.claim()
    disk.append("one", b"1")
    disk.die()
    failed = []
    for act in (disk.append, disk.replace):
        try:
            act("two", b"2")
        except OSError:
            failed.append(act)
    heir = MortalDisk(tmp_path / "ring")

    assert len(failed) == 2
    assert heir.claim()
    assert heir.names() == ["one"]
    heir.release()


def test_a_soak_counts_what_was_held_and_not_what_was_touched():
    heard = Heard()
    for on_us, off_us in ((0, 400_000), (1_000_000, 1_100_000)):
        heard.ring({"us": on_us, "event": "microphone", "on": True})
        heard.ring({"us": off_us, "event": "input", "value": 1})
    heard.ring({"us": 2_000_000, "event": "heap", "used": 500})

    assert (heard.spoken, heard.heap_bytes) == (1, 500)
