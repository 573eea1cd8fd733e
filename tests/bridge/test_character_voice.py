import pytest

from mynah.characters import jsons
from mynah.characters.capsule import Soul, taken_apart
from mynah.characters.home_folder import find
from mynah.characters.moving_in import settle
from mynah.characters.reading import read
from mynah.characters.voice import voice_of, voiced
from mynah.cli import invoke
from mynah.config import parse
from tests.bridge.strange_cards import MOCHI


@pytest.fixture(autouse=True)
def _own_data(monkeypatch, tmp_path):
    monkeypatch.setenv("MYNAH_DATA", str(tmp_path / "data"))


def settings(**more):
    return parse({"character": "Mochi", "speaking": {"voice": "joe"}} | more, "here")


def moved_in(voice=""):
    return settle(Soul(read(jsons.write(MOCHI), "it"), voice=voice), "Mochi").folder


def test_a_character_speaks_with_its_own_voice_if_it_is_here(tmp_path):
    file = tmp_path / "hers.onnx"
    file.write_bytes(b"")
    moved_in(str(file))

    assert voiced(settings()).speaking.voice == str(file)
    assert voiced(settings(character="")).speaking.voice == "joe"
    file.unlink()
    assert voiced(settings()).speaking.voice == "joe"


def test_a_capsule_takes_the_voice_that_was_heard_and_no_path():
    folder = moved_in()

    assert voice_of(folder, settings()) == "joe"
    assert voice_of(folder, settings(character="Other")) == ""
    folder.write(folder.voice_file, b"/far/away/hers.onnx\n")
    assert voice_of(folder, settings()) == "hers.onnx"


def test_a_voice_is_chosen_with_the_character_and_goes_along(tmp_path, capsys):
    moved_in()
    config = tmp_path / "mynah.toml"
    arguments = ["--config", str(config)]

    assert invoke(["card", "use", "mochi", "--voice", "amy", *arguments]) == 0
    assert "Mochi speaks with amy" in capsys.readouterr().out
    assert find("mochi").voice == "amy"
    capsule = tmp_path / "m.charx"
    assert invoke(["card", "export", "mochi", "--capsule", "--to", str(capsule), *arguments]) == 0
    assert taken_apart(capsule.read_bytes(), "it").voice == "amy"
