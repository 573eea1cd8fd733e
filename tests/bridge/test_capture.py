"""A captured session comes out as it did, and a bridge that changed is found out."""

import asyncio
import json
import stat
from contextlib import asynccontextmanager

import pytest

from mynah.app import Conversation
from mynah.capture.compare import compare
from mynah.capture.recorder import Recorder
from mynah.errors import CompanionError, UserError
from mynah.link.client import RingClient
from mynah.link.place import Place
from tests.bridge.listening import Loud
from tests.bridge.scene import KEY, LONG, Says, Scene, Wearer, stages
from tests.bridge.virtual_time import in_virtual_time
from tests.repo.sources import REPOSITORY

# Made by `mynah capture --companion parrot`, where there was no microphone.
CAPTURES = sorted((REPOSITORY / "tests/vectors/captures").glob("*.jsonl"))


class Captured(Scene):
    """A scene whose conversation is recorded."""

    def __init__(self, made, recorder):
        super().__init__(made)
        place = Place("the ring", self.link, lambda _: "", None)
        place, watched, told = recorder(place, made, self.turns.put_nowait)
        self.client = RingClient(place.link)
        self.conversation = Conversation(self.client, watched, told)


def capture(path, play, *texts, audio=False, **parts):
    """Plays a scene, and records it."""

    @in_virtual_time
    async def run():
        with Recorder(path, audio=audio) as recorder:
            async with talking(recorder, stages(*texts, **parts)) as scene:
                await play(scene)

    run()
    return path


@asynccontextmanager
async def talking(recorder, made):
    scene = Captured(made, recorder)
    async with scene.client:
        scene.running = asyncio.create_task(scene.conversation.run(), name="conversation")
        try:
            await scene.conversation.ready.wait()
            yield scene
        finally:
            scene.running.cancel()
            await asyncio.gather(scene.running, return_exceptions=True)


async def two_turns(scene):
    await scene.say()
    await scene.say()


async def interrupted(scene):
    await scene.hold()
    await scene.until(lambda: scene.conversation.glimpse().heard)
    await scene.say()
    await scene.turn()


async def three_by_voice(scene):
    wearer = Wearer(scene)
    await wearer.taps()
    for _ in range(3):
        await wearer.says()
        await scene.turn()


async def fails(said):
    yield "Well,"
    raise CompanionError("out of credit")


PLAYS = {
    "two turns": (two_turns, ("Hello there.", "And again."), {}),
    "interrupted": (interrupted, (LONG, "Stop it."), {}),
    "hands free": (
        three_by_voice,
        ("one", "two", "three"),
        {"hands_free": True, "new_detector": Loud},
    ),
    "with the voice": (two_turns, ("Hello there.", "And again."), {"audio": True}),
    "failing": (two_turns, ("Hello.", "Hello."), {"companion": Says(fails)}),
}


@pytest.mark.parametrize(("play", "texts", "parts"), PLAYS.values(), ids=PLAYS)
def test_a_session_that_was_captured_comes_out_as_it_did(tmp_path, play, texts, parts):
    path = capture(tmp_path / "capture.jsonl", play, *texts, **parts)

    compared = compare(path)
    assert compared.changes == []
    assert compared.turns >= 2


@pytest.mark.parametrize("path", CAPTURES, ids=lambda path: path.stem)
def test_a_conversation_that_was_had_over_the_emulated_air_still_comes_out_as_it_did(path):
    compared = compare(path)

    assert compared.changes == []
    assert compared.turns == 3


def changed(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    return path


def test_an_answer_that_came_out_differently_is_found(tmp_path):
    path = capture(tmp_path / "capture.jsonl", two_turns, "Hello there.", "And again.")
    changed(path, '"heard": "And again."', '"heard": "And a gain."')

    (change,) = compare(path).changes

    assert (change.turn, change.what) == (2, "heard")
    assert (change.captured, change.now) == ("And a gain.", "And again.")


def test_a_ring_that_did_something_else_is_found(tmp_path):
    path = capture(tmp_path / "capture.jsonl", two_turns, "Hello there.", "And again.")
    lines = path.read_text().splitlines()
    ended = [line for line in lines if '"is_": "End"' in line]
    path.write_text("\n".join(line for line in lines if line != ended[1]))

    assert not compare(path).same


def test_no_key_is_in_a_capture_and_a_voice_only_if_wanted(tmp_path):
    without = capture(tmp_path / "a.jsonl", two_turns, "Hello.", "And again.")
    voiced = capture(tmp_path / "b.jsonl", two_turns, "Hello.", "And again.", audio=True)

    assert stat.S_IMODE(without.stat().st_mode) == 0o600
    for path in (without, voiced):
        text = path.read_text()
        assert KEY.hex() not in text
        assert json.dumps(KEY.decode()) not in text
    assert '"data"' not in without.read_text()
    assert '"data"' in voiced.read_text()


@pytest.mark.parametrize(
    "text",
    ["", "{}", "hello", '{"mynah_capture": 2}', '{"mynah_capture": 1}\n[1, 2, "turn", {}]'],
)
def test_what_is_no_capture_is_refused(tmp_path, text):
    path = tmp_path / "capture.jsonl"
    path.write_text(text)

    with pytest.raises(UserError, match=r"capture\.jsonl"):
        compare(path)


def test_a_file_that_was_there_for_everybody_is_its_owners_alone(tmp_path):
    path = tmp_path / "capture.jsonl"
    path.write_text("of before")
    path.chmod(0o644)

    with Recorder(path):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "of before" not in path.read_text()


def test_a_file_that_can_not_be_written_is_told_of(tmp_path):
    with pytest.raises(UserError, match="can't be written"):
        Recorder(tmp_path / "nowhere" / "capture.jsonl")
