"""A board that is none of ours, and tools that come to no end: a line that says what to do."""

import asyncio
import time

import pytest

from mynah.errors import DeviceError
from mynah.maker import repl, tool
from mynah.maker.deploy import survey

DEADLINE_S = 20
SOON_S = 3.0
WELL = (
    'MYNAH ["name", "micropython"]',
    'MYNAH ["machine", "a board with ESP32C3"]',
    'MYNAH ["version", [1, 28, 0]]',
    'MYNAH ["board", ""]',
    'MYNAH ["free_bytes", 1000000]',
    'MYNAH ["frozen", false]',
    'MYNAH ["done", 1]',
)


@pytest.fixture
def says(monkeypatch):
    """What mpremote's output is to be."""

    def choose(*lines):
        async def run(*_arguments, on_line, **_limits):
            for line in lines:
                on_line(line)
            return tool.Ran(0, list(lines))

        monkeypatch.setattr(repl, "run", run)

    return choose


async def test_a_board_that_answers_well_is_understood(says):
    says(*WELL, 'MYNAH ["file main.py", "00"]')
    found = await survey("a port")

    assert (found.version, found.chip, found.files) == ((1, 28, 0), "esp32c3", {"main.py": "00"})


@pytest.mark.parametrize(
    "line",
    [
        *("MYNAH {{{", "MYNAH [1]", "MYNAH [[1], 2]", "MYNAH 5", "MYNAH " + "[" * 100_000),
        *('MYNAH ["version", null]', 'MYNAH ["version", [1, "x"]]', 'MYNAH ["name", 5]'),
        *('MYNAH ["machine", 5]', 'MYNAH ["board", []]', 'MYNAH ["free_bytes", "x"]'),
        'MYNAH ["frozen", "x"]',
    ],
    ids=lambda line: line[:40],
)
async def test_one_that_does_not_is_no_crash(says, line):
    says(*WELL, line)
    with pytest.raises(DeviceError, match="what runs at a port is not MicroPython, or it hangs"):
        await survey("a port")


async def test_neither_is_one_that_leaves_something_out_or_tells_without_end(says):
    without_board = [line for line in WELL if "board" not in line]
    for lines in (without_board, [f'MYNAH ["{number}", 1]' for number in range(5000)]):
        says(*lines)
        with pytest.raises(DeviceError, match="is not MicroPython"):
            await survey("a port")


@pytest.fixture
def program(tmp_path, monkeypatch):
    """Makes a module that can be run as a tool."""

    def make(source):
        (tmp_path / "strange_tool.py").write_text(source)
        monkeypatch.syspath_prepend(tmp_path)
        monkeypatch.setenv("PYTHONPATH", str(tmp_path))
        return "strange_tool"

    return make


LINES = "while True: print('x' * 60000)"
NO_LINES = "while True: print('x' * 60000, end='')"


@pytest.mark.parametrize("source", [LINES, NO_LINES])
async def test_a_tool_that_talks_without_end_is_ended(program, source):
    async with asyncio.timeout(DEADLINE_S):
        ran = await tool.run(program(source), silence_s=SOON_S, within_s=0.5)

    assert ran.code is None


@pytest.mark.parametrize("source", [LINES, NO_LINES])
async def test_it_can_be_interrupted_at_once(program, source):
    begun = asyncio.Event()
    source = f"print('x' * 6_000_000)\n{source}"
    running = asyncio.create_task(
        tool.run(program(source), silence_s=SOON_S, on_line=lambda _line: begun.set())
    )
    async with asyncio.timeout(DEADLINE_S):
        await begun.wait()
        before = time.monotonic()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    assert running.cancelled()
    assert time.monotonic() - before < SOON_S


async def test_whom_a_tool_started_ends_with_it(program):
    child = "import time; time.sleep(600)"
    source = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {child!r}])"
    async with asyncio.timeout(DEADLINE_S):
        ran = await tool.run(program(source), silence_s=0.5)

    assert ran.code is None


async def test_of_a_line_without_end_its_beginning_is_kept(program):
    source = "print('begun ' + 'x' * 1_000_000)\nprint('then')"
    async with asyncio.timeout(DEADLINE_S):
        ran = await tool.run(program(source), silence_s=SOON_S)

    assert (ran.code, ran.lines[-1]) == (0, "then")
    assert ran.lines[0].startswith("begun x")
    assert len(ran.lines[0]) < 3 * tool.LONGEST_LINE
