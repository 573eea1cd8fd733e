"""`mynah service` and a run whose output is kept: what a wearer meets, and whose words it holds."""

import asyncio
import io
import os
import socket
import subprocess
import sys
from types import SimpleNamespace

import pytest

from mynah.cli import invoke, quiet
from mynah.cli.quiet import QuietView
from mynah.doctor import traces
from mynah.link.keys import KeyStore, RingKey
from mynah.seeing.redaction import REDACTION
from mynah.service import manager as managers
from mynah.service.fake import FakeManager
from mynah.service.manager import Job
from mynah.service.ready import READY, tell_ready


@pytest.fixture
def fake(tmp_path):
    return FakeManager(tmp_path)


@pytest.fixture
def paired(fake, monkeypatch):
    monkeypatch.setattr(managers, "manager", lambda _job=None: fake)
    monkeypatch.setattr(sys, "argv", ["bin/mynah"])
    monkeypatch.chdir("/usr")
    KeyStore().keep(RingKey("0102030405060708", bytes(range(32))))
    return fake


def test_the_service_runs_for_the_rings_that_are_paired_and_says_no_words(paired, capsys):
    assert invoke(["service", "install"]) == 0

    assert paired.job.words == ("/usr/bin/mynah", "run", "--quiet", "--link", "ble:")
    assert {"MYNAH_DATA", "XDG_CONFIG_HOME"} <= set(paired.job.environment)
    assert str(paired.file) in capsys.readouterr().out


def test_the_service_is_told_what_run_would_be_told(paired, tmp_path, monkeypatch):
    (tmp_path / "own.toml").write_text('companion = "parrot"\n')
    monkeypatch.chdir(tmp_path)
    flags = ["--link", "serial:/dev/x", "--link", "ble:0102030405060708", "--speaker", "computer"]

    assert invoke(["service", "install", *flags, "--hands-free", "--config", "own.toml"]) == 0
    assert " ".join(paired.job.words).endswith(
        f" run --quiet --speaker computer --config {tmp_path}/own.toml "
        "--link serial:/dev/x --link ble:0102030405060708 --hands-free"
    )


def test_a_link_in_the_settings_is_left_to_them(paired, tmp_path):
    path = tmp_path / "own.toml"
    path.write_text('link = "serial:/dev/x"\n')

    assert invoke(["service", "install", "--config", str(path)]) == 0
    assert "--link" not in paired.job.words


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        (["--link", "ble:0102030405060708 emulator:"], "nobody presses"),
        (["--speaker", "loud"], "speaker"),
        (["--config", "/nowhere.toml"], "no such file"),
    ],
)
def test_what_could_never_run_is_not_installed(paired, capsys, flags, told):
    assert invoke(["service", "install", *flags]) == 2
    assert told in capsys.readouterr().err
    assert paired.job is None


def test_without_a_ring_there_is_nothing_to_begin(fake, monkeypatch, capsys):
    monkeypatch.setattr(managers, "manager", lambda _job=None: fake)

    assert invoke(["service", "install"]) == 2
    assert "mynah pair" in capsys.readouterr().err


def test_a_key_that_only_this_terminal_has_is_told_by_its_name_alone(paired, capsys, monkeypatch):
    monkeypatch.setenv("MYNAH_OPENAI_API_KEY", "sk-0123456789abcdef")

    assert invoke(["service", "install"]) == 0
    out, err = capsys.readouterr()
    assert "MYNAH_OPENAI_API_KEY" in err
    assert "sk-0123456789abcdef" not in out + err + str(paired.job)


def test_status_stop_start_and_remove(paired, capsys):
    assert invoke(["service", "status"]) == 1
    assert [invoke(["service", verb]) for verb in ("stop", "start", "remove")] == [1, 1, 1]
    assert invoke(["service", "install"]) == 0
    assert invoke(["service", "status"]) == 0
    assert invoke(["service", "stop"]) == 0
    assert invoke(["service", "status"]) == 1
    assert invoke(["service", "start"]) == 0
    assert invoke(["service"]) == 0
    assert invoke(["service", "remove"]) == 0
    assert paired.job is None
    assert "mynah service install" in capsys.readouterr().err


def test_places_are_the_same_in_every_folder(paired, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MYNAH_MODELS", "models")

    assert invoke(["service", "install"]) == 0
    assert paired.job.environment["MYNAH_MODELS"] == str(tmp_path / "models")
    assert paired.job.environment["PATH"] == os.environ["PATH"]


def test_an_empty_link_is_no_link(paired):
    assert invoke(["service", "install", "--link", ""]) == 0
    assert paired.job.words[-2:] == ("--link", "ble:")


def test_what_is_forgotten_is_not_noted_again_by_what_still_runs(paired, capsys, monkeypatch):
    assert invoke(["service", "install"]) == 0
    assert invoke(["forget", "--everything", "--yes"]) == 2
    assert "mynah service stop" in capsys.readouterr().err


def test_the_doctor_has_nothing_to_mend_unless_an_installed_service_does_not_run(fake):
    none = traces.service(lambda: fake)
    fake.install(Job(("mynah", "run")))
    runs = traces.service(lambda: fake)
    fake.stop()
    stopped = traces.service(lambda: fake)

    assert [each.state for each in (none, runs, stopped)] == ["ok", "ok", "broken"]
    assert "mynah service start" in stopped.next_step


def test_a_quiet_view_shows_troubles_and_nobodys_words():
    REDACTION.said("my grandmother is in hospital again")
    output = io.StringIO()
    view = QuietView(output)
    view.trouble("the server said: my grandmother is in hospital again")
    view.trouble("the ring is out of reach\x1b[2J")
    view.turn(turn(transcript="I lost my job", reply="Poor you", heard="Poor"), "parrot")
    view.turn(turn(error="the companion at x refused: your prompt 'You are Ann' is long"), "parrot")

    lines = output.getvalue().splitlines()
    assert [word for word in ("grandmother", "job", "Poor", "Ann") if word in str(lines)] == []
    assert lines[1:] == [
        "the ring is out of reach [2J",
        "a turn failed (companion): `mynah doctor` says where the log is",
    ]


def turn(**fields):
    return SimpleNamespace(**{"transcript": "", "reply": "", "heard": "", "error": None} | fields)


HUSHED = """
import asyncio, atexit, os, sys
from mynah.cli import invoke, quiet
from mynah.cli.quiet import hush
from mynah.errors import UserError
from mynah.seeing.redaction import REDACTION

class Late:
    def __del__(self):
        raise ValueError("my words at the end")

async def converse(output):
    asyncio.current_task().kept = asyncio.create_task(fail())
    await asyncio.sleep(0)
    output.write("ours" + chr(10))

async def fail():
    raise ValueError("my words in a task")

def run(_arguments):
    output = hush()
    print("a companion's word")
    os.write(2, b"a library's word")
    atexit.register(print, "my words after all")
    run.late = Late()
    REDACTION.said("my grandmother is ill")
    asyncio.run(converse(output))
    raise UserError("wrong: my grandmother is ill")

import mynah.cli.root
mynah.cli.root.app = run
sys.exit(invoke([]))
"""


def test_what_others_print_in_a_hushed_program_is_gone_until_its_very_end():
    ran = subprocess.run(
        [sys.executable, "-c", HUSHED], capture_output=True, text=True, check=False
    )

    assert (ran.returncode, ran.stdout) == (2, "ours\n")
    assert ran.stderr == "mynah: wrong: [hidden]\n"


def test_what_a_person_gave_is_told_as_it_is(capsys):
    assert invoke(["run", "--config", "/nowhere/token=abcdefgh"]) == 2
    assert "token=abcdefgh: no such file" in capsys.readouterr().err


async def test_it_is_ready_once_when_all_is_loaded_though_no_ring_is_in_reach(notified):
    view = QuietView(io.StringIO())
    view.ready()
    view.ready()
    for _ in range(2):
        await asyncio.sleep(0)

    assert notified.recv(100) == READY
    with pytest.raises(BlockingIOError):
        notified.recv(100)


@pytest.fixture
def notified(tmp_path, monkeypatch):
    """What systemd hears."""
    monkeypatch.setattr(quiet, "STEADY_S", 0.0)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.setblocking(False)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        yield systemd


def test_nobody_is_told_where_nobody_waits(monkeypatch):
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    tell_ready()
