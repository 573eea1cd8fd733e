import asyncio
import subprocess
import sys
from contextlib import aclosing, asynccontextmanager, suppress
from pathlib import Path
from types import SimpleNamespace

import pytest

from mynah.errors import WorkerError
from mynah.reliability.census import census
from mynah.speech.messages import LONGEST_PAYLOAD_BYTES, Message, parse_header
from mynah.speech.process import WorkerProcess
from mynah.speech.worker import Worker

SCRIPT = str(Path(__file__).with_name("obedient_worker.py"))
DEADLINE_S = 20.0


@asynccontextmanager
async def running(*arguments, command=None, environment=None):
    worker = Worker("obedient", command or [sys.executable, SCRIPT, *arguments], environment)
    try:
        yield worker
    finally:
        await worker.stop()


async def ask(worker, do, payload=b"", deadline_s=DEADLINE_S, **fields):
    return await worker.ask({"do": do, **fields}, payload, deadline_s=deadline_s)


async def echo(worker, payload=b"hello"):
    (reply,) = await ask(worker, "echo", payload)
    assert reply.payload == payload
    return reply.fields["pid"]


def test_a_message_survives_the_pipe():
    message = Message("reply", 7, {"text": "línea\nzwei"}, b"\n{raw}\n")
    header, _, payload = message.encode().partition(b"\n")

    parsed, length = parse_header(header)

    assert (parsed.kind, parsed.id, parsed.fields) == ("reply", 7, message.fields)
    assert payload == message.payload
    assert length == len(payload)


@pytest.mark.parametrize(
    "line",
    [b"hello\n", b"\xff\xfe\n", b"[]\n", b"3\n", b"{}\n", b'{"kind": "reply", "id": 1}\n'],
)
def test_rubbish_is_no_message(line):
    with pytest.raises(WorkerError, match="no message"):
        parse_header(line)


@pytest.mark.parametrize("length", [-1, LONGEST_PAYLOAD_BYTES + 1, '"9"', 1.5, "null"])
def test_an_absurd_length_is_refused(length):
    with pytest.raises(WorkerError, match="announced"):
        parse_header(f'{{"kind": "reply", "id": 1, "bytes": {length}}}'.encode())


async def test_requests_are_answered_in_order_by_one_process():
    async with running() as worker:
        payloads = [bytes([number]) * 70_000 for number in range(10)]
        pids = await asyncio.gather(*(echo(worker, payload) for payload in payloads))

        assert set(pids) == {worker.pid}


async def test_prints_do_not_reach_the_pipe():
    async with running() as worker:
        (reply,) = await ask(worker, "chatter")

        assert reply.payload == b"clean"


async def test_threads_of_a_worker_do_not_spin_and_nothing_goes_to_the_network():
    async with running(environment={"EXTRA": "1"}) as worker:
        (reply,) = await ask(worker, "environment")

        assert reply.fields["OMP_NUM_THREADS"] == "1"
        assert reply.fields["OMP_WAIT_POLICY"] == "PASSIVE"
        assert reply.fields["HF_HUB_OFFLINE"] == "1"
        assert reply.fields["EXTRA"] == "1"


@pytest.mark.parametrize(
    ("do", "reason"),
    [("die", "exit code 1: RuntimeError: the dog ate it"), ("vanish", "exit code 3")],
)
async def test_a_worker_that_dies_fails_the_request_in_hand_and_answers_the_next(do, reason):
    async with running() as worker:
        first = await echo(worker)

        with pytest.raises(WorkerError, match=reason):
            await ask(worker, do)

        assert await echo(worker) != first


async def test_a_worker_that_was_killed_is_replaced():
    async with running() as worker:
        first = await echo(worker)
        await worker.kill()

        assert await echo(worker) != first


async def test_a_worker_that_is_late_is_ended_and_replaced():
    async with running() as worker:
        first = await echo(worker)

        with pytest.raises(WorkerError, match=r"no answer in 0\.1 s"):
            await ask(worker, "hang", deadline_s=0.1)

        assert await echo(worker) != first


async def test_a_worker_that_can_not_start_says_why_each_time():
    async with running("broken") as worker:
        for _ in range(2):
            with pytest.raises(WorkerError, match="exit code 1: no such model: /nowhere"):
                await worker.start()


async def test_a_worker_that_writes_rubbish_is_ended():
    async with running(command=[sys.executable, "-c", "print('hello')"]) as worker:
        with pytest.raises(WorkerError, match="hello"):
            await worker.start()


async def test_a_header_beyond_all_measure_is_an_error_of_the_worker():
    async with running() as worker:
        with pytest.raises(WorkerError, match="64 KiB"):
            await ask(worker, "boast")

        assert await echo(worker)


async def test_closing_a_stream_early_cancels_it():
    async with running() as worker:
        stream = worker.stream({"do": "count", "to": 1_000_000}, deadline_s=DEADLINE_S)
        async with aclosing(stream):
            numbers = [(await anext(stream)).fields["number"] for _ in range(3)]

        (reply,) = await ask(worker, "sent")

        assert numbers == [0, 1, 2]
        assert reply.fields["sent"] < 1000


@pytest.mark.parametrize("step", ["work_until_cancelled", "hesitate_until_cancelled"])
async def test_what_is_given_up_in_the_middle_of_a_step_is_no_fault_of_the_worker(step):
    async with running() as worker:
        first = await echo(worker)
        with suppress(TimeoutError):
            async with asyncio.timeout(0.1):
                await ask(worker, step)

        assert await echo(worker) == first
        (reply,) = await ask(worker, "sent")
        assert reply.fields["given_up"] == 1


async def test_a_request_that_is_cancelled_while_it_waits_is_never_begun():
    stdin, stdout = asyncio.subprocess.PIPE, asyncio.subprocess.PIPE
    worker = await asyncio.create_subprocess_exec(
        sys.executable, SCRIPT, stdin=stdin, stdout=stdout
    )
    count = {"do": "count", "to": 3}
    messages = [
        Message("request", 1, {"do": "work_until_cancelled"}),
        Message("request", 2, count),
        Message("request", 3, count),
        Message("cancel", 2),
        Message("request", 4, {"do": "sent"}),
    ]
    worker.stdin.write(b"".join(message.encode() for message in messages))
    worker.stdin.write(Message("request", 5, {"do": "vanish"}).encode())
    written, _ = await worker.communicate()

    assert b'"id": 2, "bytes": 4096' not in written
    assert written.count(b'"id": 3, "bytes": 4096') == 3
    assert b'"id": 4, "bytes": 0, "sent": 3,' in written


async def test_a_cancelled_task_frees_the_worker():
    async with running() as worker:
        first = await echo(worker)
        begun = asyncio.Event()

        async def count():
            async for _ in worker.stream({"do": "count", "to": 1_000_000}, deadline_s=DEADLINE_S):
                begun.set()

        task = asyncio.create_task(count())
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

        assert await echo(worker) == first


async def test_a_wait_cancelled_in_the_middle_of_a_message_keeps_the_pipe_in_step():
    stdout, stderr = asyncio.StreamReader(), asyncio.StreamReader()
    stderr.feed_eof()
    alive = SimpleNamespace(pid=0, returncode=None)
    process = WorkerProcess("fake", alive, (None, stdout, stderr))
    message = Message("reply", 1, {}, b"first half, second half")
    halves = message.encode().partition(b"half, ")

    stdout.feed_data(halves[0] + halves[1])
    waiting = asyncio.create_task(process.receive(DEADLINE_S))
    await asyncio.wait([waiting], timeout=0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    stdout.feed_data(halves[2])

    assert process._header is not None
    assert await process.receive(DEADLINE_S) == message


async def test_stopping_twice_is_stopping():
    async with running() as worker:
        await worker.start()
        await worker.stop()
        await worker.stop()


def test_a_worker_does_not_outlive_its_host():
    with subprocess.Popen(
        [sys.executable, SCRIPT],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        process.stdout.readline()
        process.stdin.write(Message("request", 1, {"do": "hang"}).encode())
        process.stdin.close()

        assert process.wait(DEADLINE_S) == 0


@pytest.mark.skipif(sys.platform != "linux", reason="only glibc is asked for what it keeps")
async def test_what_a_worker_has_free_goes_back_in_a_pause():
    def resident_kib():
        return census().children[Path(SCRIPT).name].kib

    async with running() as worker:
        await echo(worker)
        before_kib = resident_kib()
        await ask(worker, "hoard", megabytes=40)
        hoarded_kib = resident_kib()
        async with asyncio.timeout(DEADLINE_S):
            while resident_kib() > before_kib + 5000:  # noqa: ASYNC110 - another process
                await asyncio.sleep(0.05)

    assert hoarded_kib > before_kib + 30_000
