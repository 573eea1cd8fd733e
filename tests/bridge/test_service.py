"""The conversation at every log-in: the contract of a manager, and a real systemd."""

import json
import os
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

import pytest

from mynah.errors import ServiceError, UserError
from mynah.service.fake import FakeManager
from mynah.service.manager import Job, State
from mynah.service.shell import Answer
from mynah.service.systemd import UNIT, Systemd, unit
from tests.bridge.user_manager import WITHIN_S, home, missing, session

SCRIPT = str(Path(__file__).with_name("service_job.py"))
ODD = ("a b", "50%", "%n", "$HOME", "${X}", 'say "hi"', "it's", "C:\\x", "~", "\u3000你好", "")
ODD_FOLDER = 'Ann\'s 50% "$HOME" things; -x=1'


def works(tmp_path, *words, **environment):
    """A job that begins well, and tells in a file what it was given."""
    return Job((sys.executable, SCRIPT, str(tmp_path / "told.json"), *words), environment)


def ends(with_code):
    return Job((sys.executable, "-c", f"raise SystemExit({with_code})"))


@pytest.fixture(scope="module")
def at_home():
    if why := missing():
        pytest.skip(why)
    with home() as folder:
        yield folder


@pytest.fixture(scope="module")
def logged_in(at_home):
    with session(at_home) as environment:
        yield environment


@pytest.fixture
def systemd(logged_in, monkeypatch):
    for name, value in logged_in.items():
        monkeypatch.setenv(name, value)
    ours = Systemd()
    yield ours
    if ours.status().state is not State.NONE:
        ours.remove()


@pytest.fixture
def fake(tmp_path):
    return FakeManager(tmp_path)


@pytest.fixture(params=["fake", "systemd"])
def ours(request):
    return request.getfixturevalue(request.param)


def test_before_it_is_installed_there_is_none(ours):
    status = ours.status()

    assert status.state is State.NONE
    assert "mynah service install" in status.told


def test_what_is_installed_runs(ours, tmp_path):
    ours.install(works(tmp_path))

    assert ours.status().state is State.RUNS
    assert sys.executable in ours.file.read_text("utf-8")


def test_what_is_stopped_stays_installed_and_can_be_begun_again(ours, tmp_path):
    ours.install(works(tmp_path))
    ours.stop()
    stopped = ours.status()
    ours.start()

    assert stopped.state is State.STOPPED
    assert "next log-in" in stopped.told
    assert ours.status().state is State.RUNS


def test_what_is_installed_again_is_the_new_job(ours, tmp_path):
    ours.install(works(tmp_path, "old"))
    ours.install(works(tmp_path, "new"))

    assert ours.status().state is State.RUNS
    assert "new" in ours.file.read_text("utf-8").replace('"', " ").split()


def test_what_is_removed_leaves_nothing(ours, tmp_path):
    ours.install(works(tmp_path))
    ours.remove()

    assert list(ours.file.parent.rglob("*.service*")) == []
    assert ours.status().state is State.NONE


def test_what_runs_is_not_begun_again(systemd, tmp_path):
    systemd.install(works(tmp_path))
    first = told_in(tmp_path)
    systemd.start()

    assert told_in(tmp_path).process == first.process


def test_what_is_removed_does_not_run_any_more(systemd, tmp_path):
    systemd.install(works(tmp_path))
    process = told_in(tmp_path).process
    systemd.remove()

    assert not Path(f"/proc/{process}").exists()


def test_it_begins_at_log_in_though_it_was_stopped(at_home, tmp_path, monkeypatch):
    with home() as elsewhere, session(elsewhere) as environment:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        Systemd().install(works(tmp_path))
        first = told_in(tmp_path)
        Systemd().stop()
        (tmp_path / "told.json").unlink()
        with session(elsewhere):
            second = told_in(tmp_path)

    assert first.process != second.process


def test_a_job_gets_its_words_and_its_environment_as_they_are(systemd, tmp_path):
    systemd.install(works(tmp_path, *ODD, MYNAH_DATA="/a b/%h $x"))
    told = told_in(tmp_path)

    assert told.words == list(ODD)
    assert told.environment["MYNAH_DATA"] == "/a b/%h $x"


def test_what_a_job_writes_is_its_owners_and_it_can_gain_no_rights(systemd, tmp_path):
    systemd.install(works(tmp_path))
    told = told_in(tmp_path)

    assert told.rights == 0o077
    assert "NoNewPrivs:\t1" in told.status


def test_a_program_may_lie_in_an_oddly_named_folder(systemd, tmp_path):
    folder = tmp_path / ODD_FOLDER
    folder.mkdir()
    (folder / "mynah").symlink_to(sys.executable)
    environment = {"PYTHONHOME": sys.base_prefix, "PYTHONPATH": os.pathsep.join(sys.path)}
    systemd.install(Job((str(folder / "mynah"), *works(tmp_path).words[1:]), environment))

    assert systemd.status().state is State.RUNS


def test_a_job_that_the_persons_mistake_ends_is_not_begun_again(systemd):
    with pytest.raises(ServiceError, match=r"exit code 2, and waits .* journalctl"):
        systemd.install(ends(2))


def test_a_job_that_trouble_ends_is_begun_again(systemd):
    with pytest.raises(ServiceError, match="exit code 1, and is begun again"):
        systemd.install(ends(1))


def test_a_job_that_was_killed_is_told_as_killed(systemd, tmp_path):
    systemd.install(works(tmp_path))
    os.kill(told_in(tmp_path).process, 9)

    assert until(lambda: "signal 9, and is begun again" in systemd.status().told)


def test_a_job_that_loads_for_long_is_being_begun_and_not_stopped(systemd):
    loads = Job((sys.executable, "-c", "import time; time.sleep(100)"))
    installing = threading.Thread(target=suppressed, args=(systemd.install, loads))
    installing.start()

    assert until(lambda: systemd.status().state is State.BEGINS)
    assert systemd.status().told == "it loads its models"
    systemd.stop()
    installing.join()


def suppressed(do, *words):
    with suppress(ServiceError):
        do(*words)


def test_a_program_that_is_not_there_any_more_is_said_to_be_gone(systemd):
    with pytest.raises(ServiceError, match="not there any more: `mynah service install` again"):
        systemd.install(Job(("/nowhere/mynah",)))


def test_nothing_that_failed_is_left_behind(systemd):
    with pytest.raises(ServiceError):
        systemd.install(ends(2))
    systemd.remove()
    failed = subprocess.run(["systemctl", "--user", "--failed"], capture_output=True, check=True)

    assert UNIT.encode() not in failed.stdout


def test_a_unit_of_the_persons_own_is_left_as_it_is(systemd, tmp_path):
    systemd.file.parent.mkdir(parents=True, exist_ok=True)
    systemd.file.write_text("[Service]\nExecStart=/bin/true\n")
    with pytest.raises(UserError, match="not ours"):
        systemd.install(works(tmp_path))

    assert systemd.status().state is State.NONE
    assert "/bin/true" in systemd.file.read_text("utf-8")
    systemd.file.unlink()


def test_a_folder_that_systemd_does_not_read_is_not_written_to(systemd, tmp_path):
    other = Systemd(tmp_path / "other")
    with pytest.raises(UserError, match="XDG_CONFIG_HOME"):
        other.install(works(tmp_path))

    assert not other.file.exists()


def test_where_nobody_is_logged_in_nothing_is_written(tmp_path):
    def refuse(_words):
        return Answer(1, errors="Failed to connect to bus: No medium found\n")

    ours = Systemd(tmp_path, refuse)
    with pytest.raises(ServiceError, match=r"log in at the screen or over ssh .*No medium found"):
        ours.install(ends(0))

    assert not ours.file.exists()


@pytest.mark.parametrize("word", ["a\nExecStartPost=rm", "/tmp/\udcff"])
def test_a_word_that_would_end_the_line_or_is_no_text_is_refused(word):
    with pytest.raises(UserError, match="can't stand"):
        unit(Job(("mynah", word)))


def test_what_can_not_begin_is_told_with_where_to_read_more(fake):
    fake.broken = True

    with pytest.raises(ServiceError, match=r"what it said: .*it is a fake"):
        fake.install(ends(2))


def told_in(folder):
    path = folder / "told.json"
    assert until(path.is_file), f"nothing wrote {path}"
    return SimpleNamespace(**json.loads(path.read_text("utf-8")))


def until(holds):
    """Of another process nobody can tell when it has done something: it is asked."""
    until_s = time.monotonic() + WITHIN_S
    while not (held := holds()) and time.monotonic() < until_s:
        pass
    return held
