"""A crash leaves a file that anybody may read: it says where, and never what was said."""

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from mynah.config import Settings, parse
from mynah.errors import CompanionError, WorkerError
from mynah.link.keys import RingKey, data_folder, new_key
from mynah.seeing import crash, log
from mynah.seeing.crash import last_words, remember, report, reports, told
from mynah.seeing.seen import seen
from mynah.speech.worker import Worker
from mynah.view import View

SCRIPT = str(Path(__file__).with_name("obedient_worker.py"))
SAID = "my sister drives a purple tractor"

WORKERS_END = f"""
Traceback (most recent call last):
  File "/somewhere/ann/lib/mynah/speech/asr_worker.py", line 51, in main
    raise ValueError({SAID!r})
ValueError: {SAID}
"""

RINGS_END = """
mynah: boot
Traceback (most recent call last):
  File "main.py", line 12, in <module>
  File "lib/mynah_device/ring.py", line 99, in handle
MemoryError: memory allocation failed, allocating 4096 bytes
"""


class Watching(View):
    def __init__(self):
        self.troubles = []

    def trouble(self, text):
        self.troubles.append(text)


def fails(error):
    raise error


def caught(error):
    try:
        fails(error)
    except type(error) as raised:
        return raised


def test_a_report_says_where_and_with_which_versions():
    path = report(caught(TypeError("'int' object is not iterable")))

    text = path.read_text()
    assert path.parent == data_folder()
    assert "TypeError: 'int' object is not iterable" in text
    assert "bridge/test_seeing_crash.py:" in text
    assert "in fails" in text
    assert "mynah-companion " in text
    assert f"python {sys.version.split()[0]}" in text


@pytest.mark.parametrize(
    "error",
    [ValueError(SAID), KeyError(SAID), RuntimeError(SAID), OSError(SAID), CompanionError(SAID)],
    ids=lambda error: type(error).__name__,
)
def test_what_was_said_is_in_no_report_whatever_quotes_it(error):
    group = ExceptionGroup(SAID, [caught(error)])
    group.__cause__ = caught(error)

    text = report(caught(group)).read_text()

    assert text.count(type(error).__name__) >= 2
    assert "which led to:" in text
    assert "purple" not in text
    assert "left out" in text


def test_the_last_lines_of_the_log_are_in_it():
    with log.logged():
        log.event("turn", turn=7, transcript=SAID)
        text = report(caught(KeyError("x"))).read_text()

    assert '"turn": 7' in text
    assert "purple" not in text


def test_the_settings_are_in_it_without_what_is_private():
    remember(
        parse(
            {
                "companion": "openai",
                "hands_free": True,
                "hearing": {"model": "/somewhere/ann/model"},
                "openai": {"api_key": "sk-verysecret", "persona": SAID, "answer_tokens": 99},
                "companions": {"friend": {"password": "hunter22"}},
            },
            "here",
        )
    )

    text = report(caught(KeyError("x"))).read_text()

    assert "companion = 'openai'" in text
    assert "hands_free = True" in text
    assert "openai.answer_tokens = 99" in text
    assert "openai.persona = '(str, not told)'" in text
    for private in ("verysecret", "purple", "hunter22", "ann"):
        assert private not in text


def test_a_key_is_in_no_report():
    key = RingKey("0011223344556677", new_key())

    text = report(caught(TypeError(f"{key.secret!r} {key.secret.hex()}"))).read_text()

    assert key.secret.hex() not in text
    assert repr(key.secret)[2:-1] not in text


@pytest.mark.parametrize(
    ("part", "lines", "kinds"),
    [("whisper", WORKERS_END, "ValueError"), ("the ring", RINGS_END, "MemoryError")],
)
def test_a_part_that_dies_of_a_fault_leaves_its_places(part, lines, kinds):
    path = last_words(part, "exit code 1", lines.splitlines())

    text = path.read_text()
    assert text.startswith(f"{part} crashed: exit code 1\n")
    assert kinds in text
    assert ".py:" in text
    assert "purple" not in text
    assert "ann/" not in text


@pytest.mark.parametrize("lines", [[], ["Killed"], ["mynah: boot"]])
def test_who_is_killed_from_outside_has_no_fault_to_report(lines):
    assert last_words("whisper", "signal 9", lines) is None
    assert reports() == []


def test_nobody_else_can_read_a_report_and_only_the_last_ten_are_kept():
    paths = [report(caught(KeyError(number))) for number in range(13)]

    assert reports() == paths[-10:]
    assert {stat.S_IMODE(path.stat().st_mode) for path in reports()} == {0o600}


def test_who_can_not_even_write_that_says_so_by_saying_nothing(monkeypatch, tmp_path):
    monkeypatch.setenv("MYNAH_DATA", str(tmp_path / "file"))
    (tmp_path / "file").write_text("")

    assert report(caught(KeyError("x"))) is None
    assert told("a line", None) == "a line"


def test_a_chain_that_comes_back_to_itself_has_an_end():
    error = caught(KeyError("x"))
    error.__cause__ = caught(ValueError("y"))
    error.__cause__.__context__ = error

    assert report(error) is not None


def test_a_report_needs_no_more_than_a_broken_program_has():
    script = "from mynah.seeing import crash; import sys; print(crash.report(KeyError('x')))"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True)

    assert crash.reports()[0].name in ran.stdout


NATIVE = """
import ctypes
from mynah.seeing.fatal import fatal

def plays():
    ctypes.string_at(0)

with fatal():
    plays()
"""


def exit_code(script):
    ran = subprocess.run([sys.executable, "-c", script], check=False, capture_output=True)
    return ran.returncode


async def test_a_crash_of_native_code_is_told_of_at_the_next_start():
    view = Watching()
    assert exit_code(NATIVE) not in {0, 1}

    for _ in range(2):
        async with seen(Settings(), view):
            pass

    (report,) = reports()
    assert view.troubles == [told("the last conversation ended in a crash", report)]
    assert "in plays" in report.read_text()


@pytest.mark.parametrize(("do", "left"), [("die", 1), ("vanish", 0)])
async def test_a_worker_that_dies_of_a_fault_tells_where_its_report_is(do, left):
    worker = Worker("obedient", [sys.executable, SCRIPT])
    with pytest.raises(WorkerError, match="exit code") as caught_error:
        await worker.ask({"do": do}, deadline_s=10)
    await worker.stop()

    assert len(reports()) == left
    assert ("paste it into an issue" in str(caught_error.value)) == bool(left)
    assert all("the dog" not in path.read_text() for path in reports())
