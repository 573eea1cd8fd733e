"""The conversation at every log-in: every manager's contract, and a real systemd."""

import json
import plistlib
import shutil
import sys
import time
from itertools import count

import pytest

from mynah.cli import invoke
from mynah.cli.quiet_view import QuietView
from mynah.doctor import traces
from mynah.errors import ServiceError, UserError
from mynah.link.keys import KeyStore, RingKey
from mynah.seeing.redaction import REDACTION
from mynah.service import manager as managers
from mynah.service.fake import FakeManager
from mynah.service.launchd import LABEL, Launchd
from mynah.service.manager import STEADY_S, Job, watch
from mynah.service.shell import Answer
from mynah.service.systemd import Systemd, unit
from tests.bridge.user_manager import missing, user_manager

STAYS = Job((shutil.which("sleep"), "100"))
WRITES = "import json, os, sys; json.dump([sys.argv[1:], dict(os.environ)], open(sys.argv[1], 'w'))"
ODD = ("a b", "50%", "%n", "$HOME", "${HOME}", 'say "hi"', "it's", "C:\\x", "~", "naïve 你好", "")


@pytest.fixture(scope="module")
def logged_in():
    if why := missing():
        pytest.skip(why)
    with user_manager() as environment:
        yield environment


@pytest.fixture
def systemd(logged_in, monkeypatch):
    for name, value in logged_in.items():
        monkeypatch.setenv(name, value)
    ours = Systemd()
    yield ours
    if ours.file.exists():
        ours.remove()


@pytest.fixture
def fake(tmp_path):
    return FakeManager(tmp_path)


@pytest.fixture(params=["fake", "systemd"])
def ours(request):
    return request.getfixturevalue(request.param)


def test_before_it_is_installed_there_is_none(ours):
    status = ours.status()

    assert (status.installed, status.running) == (False, False)
    assert "mynah service install" in status.told


def test_what_is_installed_runs(ours):
    ours.install(STAYS)

    assert (ours.status().installed, ours.status().running) == (True, True)
    assert str(STAYS.words[0]) in ours.file.read_text("utf-8")


def test_what_is_stopped_stays_installed_and_can_be_begun_again(ours):
    ours.install(STAYS)
    ours.stop()
    stopped = ours.status()
    ours.start()

    assert (stopped.installed, stopped.running) == (True, False)
    assert "next log-in" in stopped.told
    assert ours.status().running


def test_what_is_installed_again_is_the_new_job(ours):
    ours.install(STAYS)
    ours.install(Job((*STAYS.words[:1], "200")))

    assert ours.status().running
    assert "200" in ours.file.read_text("utf-8")


def test_what_is_removed_leaves_nothing(ours):
    ours.install(STAYS)
    ours.remove()

    assert not ours.file.exists()
    assert not ours.status().installed


def test_a_job_gets_its_words_and_its_environment_as_they_are(systemd, tmp_path):
    words = (str(tmp_path / "told.json"), *ODD)
    systemd.install(Job((sys.executable, "-c", WRITES, *words), {"MYNAH_DATA": "/a b/%h $x"}))
    told = _read(tmp_path / "told.json")

    assert told[0] == list(words)
    assert told[1]["MYNAH_DATA"] == "/a b/%h $x"


def test_a_job_that_the_persons_settings_end_is_not_begun_again(systemd):
    systemd.install(Job((shutil.which("sh"), "-c", "sleep 0.1; exit 2")))

    with pytest.raises(ServiceError, match=r"exit code 2, and waits .* journalctl"):
        _watch(systemd)


def test_a_job_that_trouble_ends_is_begun_again(systemd):
    systemd.install(Job((shutil.which("sh"), "-c", "sleep 0.1; exit 1")))

    with pytest.raises(ServiceError, match="exit code 1, and is begun again"):
        _watch(systemd)


def test_a_program_that_is_not_there_is_the_managers_no(systemd):
    with pytest.raises(ServiceError, match="systemctl --user restart"):
        systemd.install(Job(("/nowhere/mynah",)))


def test_where_nobody_is_logged_in_the_managers_words_are_told(tmp_path):
    def refuse(_words):
        return Answer(1, errors="Failed to connect to bus: No medium found\n")

    with pytest.raises(ServiceError, match="No medium found"):
        Systemd(tmp_path, refuse).install(STAYS)


def test_a_word_that_would_end_the_line_is_refused():
    with pytest.raises(UserError, match="can't stand"):
        unit(Job(("mynah", "a\nExecStartPost=rm")))


def test_it_is_steady_when_it_has_run_for_a_while(fake):
    fake.install(STAYS)
    clock = count()

    assert watch(fake, clock=lambda: next(clock), sleep=lambda _s: None).running
    assert next(clock) > STEADY_S


def test_what_ends_soon_is_told_with_where_to_read_more(fake):
    fake.install(STAYS)

    with pytest.raises(ServiceError, match=r"exit code 2.*it is a fake"):
        watch(fake, clock=lambda: 0.0, sleep=lambda _s: fake.end(2))


def test_an_agent_of_launchd_holds_the_job(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    loaded = []

    def launchctl(words):
        if words[1] == "print":
            return Answer(0, "\tstate = running\n\tpid = 71\n") if loaded else Answer(113)
        loaded[:] = [LABEL] if words[1] == "bootstrap" else []
        return Answer(0)

    ours = Launchd(ask=launchctl)
    ours.install(Job(("/bin/mynah", "run"), {"MYNAH_DATA": "/d"}))
    agent = plistlib.loads(ours.file.read_bytes())

    assert agent["ProgramArguments"] == ["/bin/mynah", "run"]
    assert agent["Label"] == LABEL
    assert ours.status().told == "it runs, as process 71"
    ours.stop()
    assert not ours.status().running
    ours.remove()
    assert not ours.status().installed


@pytest.fixture
def paired(fake, monkeypatch):
    monkeypatch.setattr(managers, "manager", lambda _job=None: fake)
    monkeypatch.setattr(managers, "STEADY_S", 0.0)
    monkeypatch.setattr(sys, "argv", ["/venv/bin/mynah"])
    KeyStore().keep(RingKey("0102030405060708", bytes(range(32))))
    return fake


def test_the_service_runs_for_the_rings_that_are_paired_and_says_no_words(paired, capsys):
    assert invoke(["service", "install"]) == 0

    assert paired.job.words == ("/venv/bin/mynah", "run", "--quiet", "--link", "ble:")
    assert {"MYNAH_DATA", "XDG_CONFIG_HOME"} <= set(paired.job.environment)
    assert str(paired.file) in capsys.readouterr().out


def test_the_service_is_told_what_run_would_be_told(paired, tmp_path, monkeypatch):
    (tmp_path / "own.toml").write_text('companion = "parrot"\n')
    monkeypatch.chdir(tmp_path)
    flags = ["--link", "serial:/dev/x", "--link", "ble:0102030405060708", "--speaker", "computer"]

    assert invoke(["service", "install", *flags, "--hands-free", "--config", "own.toml"]) == 0
    words = " ".join(paired.job.words)
    assert "--link serial:/dev/x --link ble:0102030405060708" in words
    assert f"--speaker computer --config {tmp_path}/own.toml --hands-free" in words


def test_a_link_in_the_settings_is_left_to_them(paired, tmp_path):
    path = tmp_path / "own.toml"
    path.write_text('link = "serial:/dev/x"\n')

    assert invoke(["service", "install", "--config", str(path)]) == 0
    assert "--link" not in paired.job.words


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        (["--link", "emulator:"], "nobody presses"),
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


def test_the_doctor_has_nothing_to_mend_unless_an_installed_service_does_not_run(fake):
    none = traces.service(lambda: fake)
    fake.install(STAYS)
    runs = traces.service(lambda: fake)
    fake.end(2)
    ended = traces.service(lambda: fake)

    assert [each.state for each in (none, runs, ended)] == ["ok", "ok", "broken"]
    assert "exit code 2" in ended.detail
    assert "mynah service start" in ended.next_step


def test_a_quiet_view_shows_troubles_and_nobodys_words(capsys):
    REDACTION.said("my grandmother is in hospital again")
    view = QuietView()
    view.trouble("the server said: my grandmother is in hospital again")
    view.trouble("the ring is out of reach")

    out = capsys.readouterr().out
    assert "grandmother" not in out
    assert "the ring is out of reach" in out


def _read(path):
    until_s = time.monotonic() + STEADY_S
    while time.monotonic() < until_s:
        if path.is_file() and (text := path.read_text("utf-8")):
            return json.loads(text)
    raise AssertionError(f"nothing wrote {path}")


def _watch(ours):
    """For as long as it takes, but not longer: time is no claim here."""
    return watch(ours, sleep=lambda _s: None)
