"""Each injector does what its fault says, and what can't be had is refused before it begins."""

import asyncio
import os
import signal
import subprocess
import sys
from contextlib import asynccontextmanager
from types import SimpleNamespace

import pytest

from mynah.companions.base import Said
from mynah.companions.parrot import Parrot
from mynah.errors import CompanionError, LinkError, UserError
from mynah.faults.companion import SLOW_S, FaultyCompanion
from mynah.faults.disk import DiskFaults
from mynah.faults.injection import Injection
from mynah.faults.kinds import Unit
from mynah.faults.link import FRAME_RECORD_BYTES, FaultyLink
from mynah.faults.plan import parse
from mynah.faults.worker import kill_workers
from mynah.inbox.fake_disk import FakeDisk
from mynah.link.memory import MemoryLink
from tests.bridge.virtual_time import in_virtual_time

KEY = bytes(32)
HELLO = Said("hello", "en")
ANSWER = ["hello "]


class Echo:
    """A peer that says back what it is told, at once."""

    def __init__(self):
        self.hung_up = False
        self.connections = 0
        self._says = []

    def connected(self, _mtu, _now_ms):
        self.connections += 1

    def disconnected(self, _now_ms):
        self._says.clear()

    def receive(self, record, _now_ms):
        self._says.append(record)

    def advance(self, _now_ms):
        says, self._says = self._says, []
        return says

    def deadline_ms(self):
        return None


@asynccontextmanager
async def linked(text):
    echo = Echo()
    injection = Injection(parse(text))
    link = FaultyLink(MemoryLink(echo, KEY), injection)
    await link.open()
    yield link, injection, echo
    await link.close()


def now_s():
    return asyncio.get_running_loop().time()


async def received(link, count):
    return [int.from_bytes(await link.receive()) for _ in range(count)]


@in_virtual_time
async def test_without_a_fault_a_link_is_as_it_was():
    async with linked("") as (link, _, _):
        for number in range(300):
            await link.send(number.to_bytes(2))

        assert await received(link, 300) == list(range(300))
        assert (link.name, link.key, now_s()) == ("memory:", KEY, pytest.approx(0, abs=0.01))


@in_virtual_time
@pytest.mark.parametrize("way", ["up", "down"])
async def test_a_record_is_dropped(way):
    async with linked(f"drop.{way}@record=2") as (link, _, _):
        for number in range(4):
            await link.send(bytes([number]))

        assert await received(link, 3) == [0, 2, 3]


@in_virtual_time
@pytest.mark.parametrize(("plan", "late_s"), [("delay=80ms", 0.16), ("delay.up=50ms", 0.05)])
async def test_records_are_late_and_in_order_however_many_wait(plan, late_s):
    async with linked(plan) as (link, _, _):
        began_s = now_s()
        for number in range(50):
            await link.send(bytes([number]))
        with pytest.raises(TimeoutError):  # whoever gives up waiting loses none
            await asyncio.wait_for(link.receive(), late_s / 2)

        assert await received(link, 50) == list(range(50))
        assert now_s() - began_s == pytest.approx(late_s, abs=0.01)


@in_virtual_time
async def test_a_link_is_cut_at_a_frame_and_can_be_opened_again():
    frame = bytes(min(FRAME_RECORD_BYTES))
    async with linked("disconnect@frame=2") as (link, injection, echo):
        for record in (frame, b"control", frame):
            await link.send(record)
            await asyncio.sleep(0.01)

        with pytest.raises(LinkError, match="as planned: disconnect@frame=2"):
            await received(link, 4)
        with pytest.raises(LinkError):
            await link.send(frame)
        assert [str(each.fault) for each in injection.happened] == ["disconnect@frame=2"]

        await link.open()
        await link.send(b"\x05")
        assert (await received(link, 1), echo.connections) == ([5], 2)


@in_virtual_time
async def test_a_link_is_cut_at_its_time():
    async with linked("disconnect@4s") as (link, injection, _):
        running = asyncio.create_task(injection.run())

        with pytest.raises(LinkError):
            await link.receive()
        assert now_s() == pytest.approx(4, abs=0.01)
        await running


@in_virtual_time
async def test_a_fault_that_nobody_here_can_do_is_an_error_and_names_those_that_there_are():
    async with linked("drop=1% outage@4s=1s") as (_, injection, _):
        with pytest.raises(UserError) as caught:
            injection.check("over a cable")

    assert str(caught.value) == (
        "faults: outage@4s=1s can't be had over a cable; there are drop, delay, disconnect"
    )


async def reply(companion):
    return [piece async for piece in companion.reply(HELLO)]


@in_virtual_time
async def test_a_companion_fails_in_the_turn_that_was_named_and_in_no_other():
    injection = Injection(parse("companion@turn=2=500"))
    companion = FaultyCompanion(Parrot(), injection)
    said = []
    for _ in range(3):
        companion.turn()
        injection.count(Unit.TURN)
        try:
            said.append(await reply(companion))
        except CompanionError as error:
            said.append(str(error))

    refused = "the companion answered 500, as planned: companion@turn=2=500"
    assert said == [ANSWER, refused, ANSWER]


@in_virtual_time
async def test_a_companion_is_slow_hangs_or_babbles():
    slow, hang, garbage = (
        FaultyCompanion(Parrot(), Injection(parse(f"companion={how}")))
        for how in ("slow", "hang", "garbage")
    )

    assert (await reply(slow), now_s()) == (ANSWER, pytest.approx(SLOW_S, abs=0.01))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(reply(hang), 60)
    assert not any(letter.isalnum() for letter in "".join(await reply(garbage)))


@in_virtual_time
async def test_a_disk_is_full_for_a_while_and_keeps_what_it_has():
    injection = Injection(parse("disk_full@1s=2s"))
    disk = DiskFaults(injection).over(FakeDisk())
    running = asyncio.create_task(injection.run())
    disk.append("said", b"before")

    await asyncio.sleep(2)
    for write in (disk.append, disk.replace):
        with pytest.raises(OSError, match="No space left"):
            write("said", b"meanwhile")
    assert (disk.read("said"), disk.free_bytes()) == (b"before", 0)

    await asyncio.sleep(1.1)
    disk.append("said", b" and after")
    assert disk.read("said") == b"before and after"
    await running


def test_a_worker_is_killed():
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    injection = Injection(parse("worker_kill@turn=1=tts"))
    kill_workers(injection, {"tts": SimpleNamespace(pid=process.pid)})

    asyncio.run(count_a_turn(injection))

    assert process.wait() == -signal.SIGKILL
    process.stdin.close()
    with pytest.raises(ProcessLookupError):
        os.kill(process.pid, 0)


async def count_a_turn(injection):
    injection.count(Unit.TURN)


def test_a_worker_that_is_none_can_not_be_killed():
    injection = Injection(parse("worker_kill@turn=1=asr"))

    with pytest.raises(UserError, match="asr has no process of its own here"):
        kill_workers(injection, {"asr": object()})
