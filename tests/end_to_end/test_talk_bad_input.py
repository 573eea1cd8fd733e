"""`mynah talk` with what it can't use: one clear line, the right exit code, the next turn works."""

import asyncio
import shutil
from pathlib import Path

import pytest

from mynah.audio import sound_card
from mynah.audio.files import write_wav
from mynah.bench.wer import words
from mynah.cli import invoke, run
from mynah.emulator.emulated import emulated, emulated_keys, switched_on
from mynah.errors import DeviceError
from mynah.firmware import firmware_folder
from mynah.link import pairing
from mynah.link.keys import RingKey, new_key
from mynah.speech.models import CACHE_VARIABLE, cache_folder, catalogue
from mynah.terminal import shell
from tests.bridge.recordings import needs_model
from tests.end_to_end.background import GREETING
from tests.end_to_end.conversing import DEADLINE_S, Ears, murmur

PARROT = ("--companion", "parrot")
USERS_MISTAKE = 2
TROUBLE_OUTSIDE = 1

REASONS = {
    "missing.wav": "no such file",
    "folder.wav": "not a file; name the WAV files one by one",
    "words.wav": "not audio that can be read",
    "empty.wav": "holds no samples",
    "silent.wav": "digitally silent",
    "click.wav": "no words were heard",
}
USABLE = ["8_bits.wav", "24_bits.wav", "96_khz.wav", "stereo.wav", "plain.wav"]

needs_models = [pytest.mark.model, needs_model("tiny.en"), needs_model("joe")]


@pytest.fixture(scope="module")
def misspoken(_started):
    return _started["misspoken"].result()


@pytest.fixture(scope="module")
def turns(misspoken):
    turns = {Path(turn["input"]).name: turn for turn in misspoken.turns}
    assert list(turns) == [*REASONS, *USABLE], misspoken.errors
    return turns


@pytest.fixture
def clip(tmp_path):
    path = tmp_path / "clip.wav"
    write_wav(path, murmur(0.5))
    return str(path)


@pytest.fixture
def told(capsys):
    """Run a command; its exit code, and the one line that it told."""

    def run(*arguments):
        code = invoke(list(arguments))
        (line,) = capsys.readouterr().err.strip().splitlines()
        return code, line

    return run


def test_a_file_that_is_not_there_is_told_before_anything_is_loaded(told, monkeypatch):
    monkeypatch.setattr("mynah.scripted.converse", None)

    code, line = told("talk", "nowhere.wav")

    assert (code, line) == (USERS_MISTAKE, "mynah: nowhere.wav: no such file")


def test_a_ring_that_hears_nothing_is_spoken_no_sample_lines(told, tmp_path, monkeypatch):
    monkeypatch.setenv("MYNAH_DATA", str(tmp_path))

    code, line = told("run", "--link", "emulator:?board=tap_only", *PARROT)

    assert code == USERS_MISTAKE
    assert "no microphone, it only feels taps: run it in a terminal" in line


def test_a_ring_that_hears_nothing_needs_no_microphone_of_the_computers(monkeypatch):
    monkeypatch.setattr(shell, "usable", lambda: True)
    monkeypatch.setattr(sound_card, "has_input", lambda: False)

    assert run._nobody(hearing=False) is None
    assert run._nobody(hearing=True) == "no microphone on this computer"


class TestFiles:
    """All in one command, the good ones last."""

    pytestmark = needs_models

    @pytest.mark.parametrize("name", REASONS)
    def test_what_cant_be_used_is_told_in_one_line(self, turns, name):
        assert REASONS[name] in turns[name]["error"]
        assert "\n" not in turns[name]["error"]
        assert (turns[name]["transcript"], turns[name]["v2v_ms"]) == ("", None)

    @pytest.mark.parametrize("name", USABLE)
    def test_the_turns_after_it_work_in_every_format(self, turns, name):
        assert turns[name]["error"] is None
        assert words(turns[name]["heard"]) == words(GREETING)
        assert turns[name]["link"]["lost_frames"] == 0

    def test_the_exit_code_says_that_a_file_could_not_be_used(self, misspoken):
        assert misspoken.code == USERS_MISTAKE

    def test_a_person_sees_each_reason_once_and_no_traceback(self, misspoken):
        shown = " ".join(misspoken.output.split())
        assert [shown.count(reason) for reason in REASONS.values()] == [1] * len(REASONS)
        assert "Traceback" not in misspoken.output + misspoken.errors


class TestArguments:
    """Found out before anything is started."""

    def test_an_unknown_flag_is_named(self, clip, capsys):
        assert invoke(["talk", clip, "--loudly"]) == USERS_MISTAKE
        assert "--loudly" in capsys.readouterr().err

    def test_no_clip_at_all_is_a_mistake(self, capsys):
        assert invoke(["talk"]) == USERS_MISTAKE
        assert "Missing argument" in capsys.readouterr().err

    def test_an_unknown_setting_is_named_with_the_nearest(self, told, clip, tmp_path):
        config = tmp_path / "mynah.toml"
        config.write_text('[hearing]\nmodle = "tiny.en"\n')

        code, line = told("talk", clip, "--config", str(config))

        assert code == USERS_MISTAKE
        assert "'hearing.modle'; did you mean 'hearing.model'?" in line

    @pytest.mark.parametrize(
        ("arguments", "reason"),
        [
            (["--companion", "parot"], "no companion is called 'parot'; did you mean parrot?"),
            (["--link", "emulator:?los=0.1"], "unknown option 'los'; did you mean 'loss'?"),
            (["--link", "emulator:?loss=much"], "loss='much' is not a number"),
            (["--link", "emulator:?mtu=22"], "MTU is 22: choose 23 to 517"),
            (["--link", "carrier-pigeon:"], "'carrier-pigeon:'"),
        ],
        ids=["companion", "option", "number", "limit", "link"],
    )
    @pytest.mark.model
    @needs_model("tiny.en")
    @needs_model("joe")
    def test_what_is_wrong_is_named(self, told, clip, arguments, reason):
        code, line = told("talk", clip, *PARROT, *arguments)

        assert code == USERS_MISTAKE
        assert reason in line

    @pytest.mark.model
    @needs_model("tiny.en")
    @needs_model("joe")
    def test_a_folder_for_results_that_cant_be_one_is_named(self, told, clip):
        code, line = told("talk", clip, *PARROT, "--out", clip)

        assert (code, line) == (
            USERS_MISTAKE,
            f"mynah: {clip}: can't be a folder for results (File exists)",
        )


class TestModels:
    """Checked before they are loaded."""

    def test_a_missing_model_is_named_with_the_way_to_get_it(
        self, told, clip, tmp_path, monkeypatch
    ):
        monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "models"))

        code, line = told("talk", clip, *PARROT)

        assert code == TROUBLE_OUTSIDE
        assert line == (
            "mynah: models tiny.en, joe are not here; run `mynah models get tiny.en joe`"
        )

    @pytest.mark.model
    @needs_model("tiny.en")
    @needs_model("joe")
    def test_a_model_with_a_wrong_hash_is_refused(self, told, clip, tmp_path, monkeypatch):
        (tmp_path / "joe").symlink_to(cache_folder() / "joe")
        whole = cache_folder() / "tiny.en"
        damaged = tmp_path / "tiny.en"
        damaged.mkdir()
        for file in catalogue()["tiny.en"].files:
            (damaged / file.name).symlink_to(whole / file.name)
        (damaged / "config.json").unlink()
        content = (whole / "config.json").read_bytes()
        (damaged / "config.json").write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path))

        code, line = told("talk", clip, *PARROT)

        assert code == TROUBLE_OUTSIDE
        assert "model tiny.en is not the one that was pinned: config.json has sha256" in line
        assert line.endswith("run `mynah models get tiny.en`")


class TestRing:
    """What the ring, or the link to it, refuses."""

    async def refusal(self, **arguments):
        """Why there is no session with a ring."""
        link = arguments.pop("link", "emulator:")
        async with (
            asyncio.timeout(DEADLINE_S),
            emulated(link, **arguments) as on,
            Ears(on.link) as client,
        ):
            with pytest.raises(DeviceError) as caught:
                await client.listen()
        assert caught.value.exit_code == TROUBLE_OUTSIDE
        return str(caught.value)

    @pytest.mark.model
    @needs_model("tiny.en")
    @needs_model("joe")
    def test_a_link_that_carries_no_audio_ends_the_command(self, told, clip):
        code, line = told("talk", clip, *PARROT, "--link", "emulator:?mtu=100")

        assert code == TROUBLE_OUTSIDE
        assert "the link's MTU is 100, audio needs 185" in line

    async def test_a_link_that_carries_no_sealed_record_is_refused(self):
        reason = await self.refusal(link="emulator:?mtu=23")

        assert reason == "the ring refused us, the link's MTU is too small: it needs 64, got 23"

    async def test_a_ring_of_another_protocol_version_is_refused(self, tmp_path):
        copy = tmp_path / "firmware"
        shutil.copytree(firmware_folder(), copy, ignore=shutil.ignore_patterns(".*", "__py*"))
        gatt = copy / "lib" / "mynah_wire" / "gatt.py"
        text = gatt.read_text("utf-8")
        assert text.count("PROTOCOL_VERSION = 1\n") == 1
        gatt.write_text(text.replace("PROTOCOL_VERSION = 1\n", "PROTOCOL_VERSION = 2\n"))

        reason = await self.refusal(firmware=copy)

        assert "another version of the protocol: it needs 2, got 1" in reason

    def test_a_ring_with_another_key_is_told_with_the_way_to_pair_it(self, told, clip):
        asyncio.run(give_away_the_ring())

        code, line = told("bench", "link", "--seconds", "1")

        assert code == TROUBLE_OUTSIDE
        assert "has a key" in line
        assert "pair it: `mynah pair --link emulator:`" in line

    def test_pairing_it_again_helps(self, told, clip, capsys):
        asyncio.run(give_away_the_ring())

        assert invoke(["pair", "--link", "emulator:"]) == 0
        assert invoke(["bench", "link", "--seconds", "1"]) == 0


async def give_away_the_ring():
    """Pair the emulated ring, then lose its key and have another."""
    store = emulated_keys()
    async with switched_on("emulator:") as ring:
        key = await pairing.pair(ring, store)
    store.keep(RingKey(key.device_id, new_key()))
