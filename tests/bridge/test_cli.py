import logging
import signal
import stat
import sys

import pytest

from mynah.cli import ENDINGS, FAULT, invoke, main
from mynah.cli.pair import FOREIGN, NO_BOARD
from mynah.emulator import emulated
from mynah.emulator.emulated import emulated_keys
from mynah.errors import LinkError, UserError
from mynah.link import ports
from mynah.link.keys import new_key
from mynah.link.ports import SerialPort
from mynah.seeing.crash import reports
from mynah_wire.handshake import fingerprint

EMULATED = ["--link", "emulator:"]  # whatever is plugged in here


@pytest.fixture(autouse=True)
def _own_data(monkeypatch, tmp_path):
    monkeypatch.setenv("MYNAH_DATA", str(tmp_path / "data"))


@pytest.fixture
def fails(monkeypatch):
    """Makes `mynah pair` fail in a way of the test's choosing."""

    def choose(error):
        def switched_on(_link):
            raise error

        monkeypatch.setattr(emulated, "switched_on", switched_on)

    return choose


def settings(tmp_path, text):
    path = tmp_path / "mynah.toml"
    path.write_text(text)
    return str(path)


def the_only_line(capsys):
    """What a failure says: one line on standard error, nothing on standard output."""
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    return err.rstrip("\n")


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--nope"], "--nope"),
        (["talk", "--nope", "clip.wav"], "--nope"),
        (["talk"], "clips"),
        (["tlak", "clip.wav"], "tlak"),
        (["pair", "--link"], "--link"),
        (["bench", "link", "--seconds", "0"], "--seconds"),
        (["bench", "link", "--seconds", "soon"], "--seconds"),
    ],
    ids=" ".join,
)
def test_a_command_line_that_means_nothing_is_the_persons_mistake(capsys, arguments, named):
    assert invoke(arguments) == 2
    assert named in capsys.readouterr().err


@pytest.mark.parametrize("command", [[], ["talk"], ["run"], ["pair"], ["models"], ["bench"]])
def test_every_command_explains_itself(capsys, command):
    assert invoke([*command, "--help"]) == 0
    assert "Usage" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("link", "told"),
    [
        ("bogus", "link 'bogus': a ring is paired by cable"),
        ("ble:mine", "link 'ble:mine': a ring is paired by cable"),
        ("emulator:?los=1", "unknown option 'los'; did you mean 'loss'?"),
        ("emulator:?xyzzy=1", "unknown option 'xyzzy'; there are interval, phy, loss"),
        ("emulator:?board=ring", "no board is called 'ring'; there are esp32_s3_devkit, "),
        ("emulator:?loss", "loss='' is not a number"),
        ("emulator:?loss=much", "loss='much' is not a number"),
        ("emulator:?loss=2", "radio loss is 2: choose 0 to 0.99"),
        ("emulator:?loss=nan", "radio loss is nan: choose 0 to 0.99"),
        ("emulator:?interval=1", "radio interval is 1: choose 7.5 to 4000 ms"),
        ("emulator:?mtu=22", "radio MTU is 22: choose 23 to 517 bytes"),
        ("emulator:../../elsewhere", "'../../elsewhere' can't be a name"),
        ("emulator:a b", "'a b' can't be a name"),
    ],
)
def test_a_link_that_can_not_be_is_told_of_in_one_line(capsys, tmp_path, link, told):
    assert invoke(["pair", "--link", link]) == 2
    assert told in the_only_line(capsys)
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("command", ["talk", "run"])
@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('companon = "x"', "unknown setting 'companon'; did you mean 'companion'?"),
        ("[hearing]\nmodle = 3", "unknown setting 'hearing.modle'; did you mean 'hearing.model'?"),
        ("link = 3", "link: a text in quotes is expected"),
        ("link", "not settings in TOML"),
        ('[hearing]\nmodel = "tinyen"', "'tinyen' is no model"),
    ],
)
def test_a_wrong_setting_is_told_of_in_one_line(capsys, tmp_path, command, text, told):
    arguments = ["talk", clip(tmp_path)]
    if command == "run":  # which wants the voice first
        arguments, text = ["run"], text.replace("[hearing]\nmodel =", "[speaking]\nvoice =")

    assert invoke([*arguments, "--config", settings(tmp_path, text)]) == 2
    assert told in the_only_line(capsys)


def test_settings_that_are_not_there_are_told_of(capsys, tmp_path):
    assert invoke(["talk", "clip.wav", "--config", str(tmp_path / "none.toml")]) == 2
    assert "none.toml: no such file" in the_only_line(capsys)


def clip(folder):
    """A file; what is in it matters later."""
    path = folder / "clip.wav"
    path.touch()
    return str(path)


def test_a_companion_that_nobody_has_is_told_of_with_the_nearest_name(capsys, tmp_path):
    config = settings(tmp_path, f'[hearing]\nmodel = "{tmp_path}"')

    assert invoke(["talk", clip(tmp_path), "--companion", "parot", "--config", config]) == 2
    assert the_only_line(capsys) == "mynah: no companion is called 'parot'; did you mean parrot?"


def test_a_model_that_is_missing_is_trouble_outside(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("MYNAH_MODELS", str(tmp_path / "empty"))

    assert invoke(["talk", clip(tmp_path)]) == 1
    assert "run `mynah models get tiny.en joe smollm2`" in the_only_line(capsys)


def test_a_ring_is_paired_and_its_key_is_shown_to_nobody(capsys, tmp_path):
    assert invoke(["pair", "--link", "emulator:mine"]) == 0
    out, err = capsys.readouterr()
    (path,) = (tmp_path / "data" / "emulator" / "keys").iterdir()
    (key,) = emulated_keys().all()

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert f"paired {key.device_id}, fingerprint {fingerprint(key.secret)}" in out
    assert key.secret.hex() not in out + err


def test_who_pairs_a_ring_of_somebody_elses_is_told_what_stays_as_it_was(capsys, tmp_path):
    def paired():
        assert invoke(["pair", "--link", "emulator:mine"]) == 0
        return capsys.readouterr().out

    assert FOREIGN not in paired()  # it had no key
    assert FOREIGN not in paired()  # it had ours
    for path in (tmp_path / "data" / "emulator" / "keys").iterdir():
        path.unlink()
    assert FOREIGN in paired()


def test_without_a_link_the_only_board_is_meant_else_the_emulated_ring(capsys, monkeypatch):
    def plugged_in(*names):
        ports_ = [SerialPort(name, "CP210x") for name in names]
        monkeypatch.setattr(ports, "esp32_ports", lambda: ports_)

    plugged_in()
    assert invoke(["pair"]) == 0
    assert capsys.readouterr().out.startswith(f"{NO_BOARD}\npaired ")
    plugged_in("/dev/ttyNONE")
    assert invoke(["pair"]) == 1
    assert "no port /dev/ttyNONE" in the_only_line(capsys)
    plugged_in("/dev/ttyNONE", "/dev/ttyNOR")
    assert invoke(["pair"]) == 2
    assert "--link: serial:/dev/ttyNONE, serial:/dev/ttyNOR" in the_only_line(capsys)


def test_a_ring_that_was_stolen_is_a_stranger_from_now_on(capsys, tmp_path):
    assert invoke(["pair", *EMULATED]) == 0
    (key,) = emulated_keys().all()
    capsys.readouterr()

    assert invoke(["pair", *EMULATED, "--remove", key.device_id]) == 0
    assert f"ring {key.device_id} is a stranger" in capsys.readouterr().out
    assert emulated_keys().all() == []
    assert invoke(["pair", "--remove", key.device_id]) == 2
    assert "is paired with this computer; none is" in the_only_line(capsys)


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (UserError("wrong"), 2, "mynah: wrong"),
        (LinkError("gone"), 1, "mynah: gone"),
        (ExceptionGroup("", [ExceptionGroup("", [LinkError("gone")])]), 1, "mynah: gone"),
    ],
    ids=["user's", "outside", "in a group"],
)
def test_a_failure_is_one_line_and_its_exit_code_says_whose_it_is(capsys, fails, error, code, line):
    fails(error)

    assert invoke(["pair", *EMULATED]) == code
    assert the_only_line(capsys) == line


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (ZeroDivisionError("oops"), "ZeroDivisionError('oops')"),
        (ExceptionGroup("", [LinkError("gone"), KeyError("x")]), "KeyError('x')"),
    ],
    ids=["a fault of ours", "a fault beside"],
)
def test_a_fault_of_ours_is_one_line_that_says_where_the_report_is(capsys, fails, error, told):
    fails(error)

    assert invoke(["pair", *EMULATED]) == 1
    line, (report,) = the_only_line(capsys), reports()
    assert line == f"mynah: {FAULT}: {told}; {report} tells more: paste it into an issue"
    assert "in switched_on" in report.read_text()


def test_a_failure_that_is_no_fault_leaves_no_report(capsys, fails):
    fails(LinkError("gone"))

    invoke(["pair", *EMULATED])

    assert reports() == []


def test_the_traceback_is_shown_only_when_asked_for(capsys, fails):
    fails(LinkError("gone"))

    assert invoke(["pair", *EMULATED], debug=True) == 1
    err = capsys.readouterr().err

    assert "Traceback" in err
    assert err.endswith("mynah: gone\n")


@pytest.mark.parametrize(
    "arguments", [["--debug", "pair", *EMULATED], ["pair", *EMULATED, "--debug"]], ids=" ".join
)
def test_debug_may_stand_anywhere(capsys, monkeypatch, fails, arguments):
    fails(UserError("wrong"))
    monkeypatch.setattr(sys, "argv", ["mynah", *arguments])

    with pytest.raises(SystemExit) as ended:
        main()

    assert ended.value.code == 2
    assert "Traceback" in capsys.readouterr().err


def test_debug_shows_what_is_noted_on_the_way_and_only_then(capsys, monkeypatch):
    def switched_on(_link):
        logging.getLogger("mynah.link").debug("a note")
        raise LinkError("gone")

    monkeypatch.setattr(emulated, "switched_on", switched_on)

    for debug in (True, False):
        assert invoke(["pair", *EMULATED], debug=debug) == 1
        assert ("mynah.link: a note\n" in capsys.readouterr().err) == debug


def test_debug_shows_no_key(capsys, monkeypatch):
    key = new_key()

    def switched_on(_link):
        logging.getLogger("mynah.link").debug("the key is %s", key.hex())
        raise LinkError(f"not with {key!r}")

    monkeypatch.setattr(emulated, "switched_on", switched_on)

    invoke(["pair", *EMULATED], debug=True)

    err = capsys.readouterr().err
    assert "mynah.link: the key is [hidden]" in err
    assert key.hex() not in err
    assert repr(key) not in err.rpartition("mynah: ")[0]


def test_being_interrupted_is_no_fault(capsys, fails):
    fails(KeyboardInterrupt())

    assert invoke(["pair", *EMULATED]) not in (0, 2)
    assert FAULT not in capsys.readouterr().err


def test_an_error_of_many_lines_is_told_in_one(capsys, fails):
    fails(LinkError("no radio:\n\x20 it is\noff"))

    assert invoke(["pair", *EMULATED]) == 1
    assert the_only_line(capsys) == "mynah: no radio: it is off"


@pytest.mark.parametrize("arguments", [["pair", *EMULATED], ["--debug", "pair", *EMULATED]])
@pytest.mark.parametrize("kind", [LinkError, RuntimeError])
def test_a_strangers_words_reach_no_terminal_as_commands(
    capsys, monkeypatch, fails, arguments, kind
):
    fails(kind("a board said \x1b]52;c;cm0gLXJmCg==\x07\x1b[2J\u202e"))
    monkeypatch.setattr(sys, "argv", ["mynah", *arguments])
    with pytest.raises(SystemExit):
        main()
    out, err = capsys.readouterr()

    assert "a board said" in err
    assert (out + err).replace("\n", "").isprintable()


def test_a_background_job_that_is_deaf_to_control_c_can_still_be_ended(monkeypatch, fails):
    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, *ENDINGS)}
    fails(UserError("wrong"))
    monkeypatch.setattr(sys, "argv", ["mynah", "pair", *EMULATED])
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        with pytest.raises(SystemExit):
            main()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGTERM)
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)
