"""An inbox on a real disk, in a thread: the loop goes on, and KEPT comes after the fsync."""

import asyncio
import threading

import pytest

from mynah.inbox import worker
from mynah.inbox.disk import RealDisk
from mynah.inbox.fake_disk import FakeDisk
from mynah.inbox.files import JOURNAL
from mynah.inbox.inboxes import Inboxes, inboxes_in
from mynah.inbox.mailbox import Hooks
from mynah.inbox.worker import QUEUE_BYTES
from mynah_wire.codecs import IMA_ADPCM
from mynah_wire.downlink import Kept
from mynah_wire.uplink import HOLD, OPEN, SAID, STORE, Audio, End, Held, Ready, Start

FRAMES = 50
READY = Ready(bytes(range(8)), 7, 1, STORE, 2, 0, 1000, b"")
HELLO = [Start(1, IMA_ADPCM, HOLD, 1000)]
SPEECH = [Audio(1, frame, bytes(163)) for frame in range(FRAMES)]
BYE = [End(1, SAID, FRAMES, 0, 2000)]
SOON_S = 20


class Ring:
    """One connection of it, and whoever is told."""

    def __init__(self, inboxes):
        self.mailbox = inboxes.of(READY)
        self.told, self.lost, self.troubles = [], [], []
        self.late = asyncio.Event()
        told = self.told.append, self.lost.append, self.late.set, self.troubles.append
        self.hooks = Hooks(*told)

    async def connect(self):
        return await self.mailbox.connect(READY, self.hooks)

    def says(self, *messages):
        return [heard for message in messages for heard in self.mailbox.hear(message)]

    async def until(self, condition):
        async with asyncio.timeout(SOON_S):
            while not condition():  # noqa: ASYNC110 - real time: a disk's
                await asyncio.sleep(0)


class SlowDisk(RealDisk):
    """Syncs when it is let go."""

    def __init__(self, folder):
        super().__init__(folder)
        self.go = threading.Event()

    def sync(self, name):
        assert self.go.wait(SOON_S)
        super().sync(name)


async def test_what_was_said_lies_on_the_disk_before_the_ring_may_forget_it(tmp_path):
    disk = SlowDisk(tmp_path / "ring")
    ring = Ring(Inboxes(lambda _: disk))
    assert await ring.connect()

    assert ring.says(*HELLO, *SPEECH, *BYE) == [*HELLO, *SPEECH, *BYE]
    await ring.until(disk.names)
    assert ring.told == []
    disk.go.set()
    await ring.until(lambda: ring.told)

    assert ring.told == [Kept(7, 1)]
    await ring.mailbox.disconnect(ring.hooks)
    ring.mailbox.close()


async def test_after_a_crash_it_is_answered_late_and_then_forgotten(tmp_path):
    inboxes = inboxes_in(tmp_path)
    before = Ring(inboxes)
    await before.connect()
    before.says(*HELLO, *SPEECH, *BYE)
    await before.until(lambda: before.told)
    await before.mailbox.disconnect(before.hooks)
    inboxes.close()

    after = Ring(inboxes_in(tmp_path))
    await after.connect()
    async with asyncio.timeout(SOON_S):
        await after.late.wait()
    late = after.mailbox.take_late()
    assert (late.utterance.frames, late.utterance.lost_frames, late.reason) == (FRAMES, 0, None)
    assert late.said_at is not None
    after.mailbox.told(late.key)
    await after.until(lambda: Kept(7, 1) in after.told)
    await after.mailbox.disconnect(after.hooks)
    after.mailbox.close()

    folder = tmp_path / READY.device_id.hex()
    assert sorted(path.name for path in folder.iterdir()) == ["journal", "lock"]


async def test_another_program_leaves_it_alone_and_keeps_nothing(tmp_path):
    one, other = Ring(inboxes_in(tmp_path)), Ring(inboxes_in(tmp_path))

    assert (await one.connect(), await other.connect()) == (True, False)
    assert "another mynah uses it: end that one" in other.troubles[0]
    assert other.troubles[0].endswith("; nothing that is said is kept there")
    one.mailbox.close()


async def test_a_folder_that_can_not_be_used_is_told_and_nothing_is_kept(tmp_path):
    (tmp_path / "a file").write_text("")
    ring = Ring(inboxes_in(tmp_path / "a file"))

    assert not await ring.connect()
    assert ring.troubles[0].endswith("nothing that is said is kept there")


async def test_a_disk_that_takes_too_long_is_as_good_as_full(tmp_path):
    disk = SlowDisk(tmp_path / "ring")
    ring = Ring(Inboxes(lambda _: disk))
    await ring.connect()
    ring.says(*HELLO, *SPEECH, *BYE)
    await ring.until(disk.names)  # now it hangs
    await asyncio.sleep(0)
    frames = range(QUEUE_BYTES // 160)
    heard = ring.says(Start(2, IMA_ADPCM, HOLD, 3000), *[Audio(2, at, bytes(163)) for at in frames])

    assert len(heard) == 1 + len(frames)
    (trouble,) = ring.troubles
    assert "it takes too long" in trouble
    disk.go.set()
    await ring.mailbox.disconnect(ring.hooks)
    ring.mailbox.close()


async def test_nothing_is_answered_late_while_the_wearer_speaks():
    ring = Ring(Inboxes(lambda _: FakeDisk()))
    await ring.connect()
    ring.says(*HELLO, *SPEECH, *BYE)
    ring.mailbox.untold(ring.mailbox.key(1))
    assert ring.late.is_set()
    ring.says(Held(7, 2, IMA_ADPCM, OPEN, 1000, 5000))

    assert ring.mailbox.take_late() is None


def test_two_rings_have_an_inbox_each():
    inboxes = Inboxes(lambda _: FakeDisk())
    other = Ready(bytes(8), 7, 1, STORE, 2, 0, 1000, b"")

    assert inboxes.of(READY) is inboxes.of(READY)
    assert inboxes.of(READY) is not inboxes.of(other)


class StalledDisk(FakeDisk):
    """Reads an utterance when it is let."""

    def __init__(self):
        super().__init__(blocks=True)
        self.reads = threading.Semaphore(0)

    def read(self, name):
        assert name == JOURNAL or self.reads.acquire(timeout=SOON_S)
        return super().read(name)


@pytest.mark.parametrize("reads", [1, 2], ids=["before it is told", "after it was told"])
async def test_what_a_stalled_disk_gives_to_two_connections_is_answered_once(monkeypatch, reads):
    monkeypatch.setattr(worker, "END_S", 0.0)
    disk = StalledDisk()
    ring = Ring(Inboxes(lambda _: disk))
    assert await ring.connect()
    ring.says(*HELLO, *SPEECH, *BYE)
    await ring.until(lambda: Kept(7, 1) in ring.told)
    for _ in range(2):  # what is to be answered now is asked for by each
        await ring.mailbox.disconnect(ring.hooks)
        assert await ring.connect()
    disk.reads.release(3 - reads)
    await ring.until(ring.late.is_set)
    if reads == 1:
        await asyncio.wait({ring.mailbox._worker._task})
    late = ring.mailbox.take_late()
    ring.mailbox.told(late.key)
    disk.reads.release(2)
    await asyncio.wait({ring.mailbox._worker._task})

    assert ring.mailbox.take_late() is None
    await ring.mailbox.disconnect(ring.hooks)
