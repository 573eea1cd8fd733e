import asyncio

from hypothesis import example, given, settings
from hypothesis import strategies as st

from mynah.speech.asr import ScriptedTranscriber
from mynah.turn.machine import State
from mynah_device import playback
from mynah_wire.uplink import CANCELLED, End, Start, Touch
from tests.bridge.scene import LONG, talking
from tests.bridge.virtual_time import in_virtual_time

SETTLED_S = 12.0  # a tap, its patience, and the longest reply
TEXTS = [LONG, "", "yes", LONG, "no", LONG, "well, well"] * 2

holds = st.tuples(st.integers(20, 900), st.integers(10, 3000))  # ms held, ms until the next


class Slow(ScriptedTranscriber):
    def __init__(self, texts, seconds):
        super().__init__(texts)
        self._seconds = seconds

    async def transcribe(self, samples):
        await asyncio.sleep(self._seconds)
        return await super().transcribe(samples)


class Witness:
    """Sees what the ring is told to play, and what the ring says."""

    def __init__(self, scene):
        self.heard = []
        self.loaded = []
        self.released = []
        self._hear = scene.conversation._hear
        scene.conversation._hear = self.hear
        ring = scene.ring.core.playback
        self._preload, self._go = ring.preload, ring.go
        ring.preload, ring.go = self.preload, self.go

    def hear(self, message):
        self.heard.append(message)
        self._hear(message)

    def preload(self, reply, codec, sent_ms):
        self.loaded.append(reply)
        return self._preload(reply, codec, sent_ms)

    def go(self, reply):
        self.released.append(reply)
        return self._go(reply)

    def count(self, kind, **fields):
        return sum(
            isinstance(each, kind) and fields.items() <= vars(each).items() for each in self.heard
        )


@settings(max_examples=12, deadline=None)
@given(st.lists(holds, min_size=1, max_size=6), st.floats(0, 1.5))
@example([(20, 300), (20, 10), (20, 300), (20, 10)], 0.0)
@in_virtual_time
async def test_whatever_the_wearer_does_each_turn_is_told_once_and_each_reply_released_once(
    steps, seconds
):
    async with talking(transcriber=Slow(TEXTS, seconds)) as scene:
        witness = Witness(scene)
        for held_ms, pause_ms in steps:
            await scene.hold(held_ms)
            await asyncio.sleep(pause_ms / 1000)
        await asyncio.sleep(SETTLED_S)

        records = [scene.turns.get_nowait() for _ in range(scene.turns.qsize())]
        turns = [record.turn for record in records]
        begun = witness.count(Start) - witness.count(End, verdict=CANCELLED)
        taps = witness.count(Touch) - witness.count(Touch, stream=0)  # without a word no turn
        assert len(turns) == len(set(turns))
        # A tap is a turn where it answers what it kept from being answered.
        assert begun - taps <= len(turns) <= witness.count(Start)
        assert witness.loaded == sorted(set(witness.loaded))
        assert witness.released == sorted(set(witness.released) & set(witness.loaded))
        assert len(witness.released) <= len(turns)
        assert scene.conversation._turns.state is State.LISTENING
        assert scene.ring.core.playback.state == playback.IDLE
        assert scene.client.session.downlink.queued_ms == 0
        assert not scene.running.done()
        for record in records:
            assert record.reply.startswith(record.heard)
            assert record.link.lost_frames == record.link.underruns == 0
