import stat

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
    folder = moved_in()
    folder.write(folder.voice_file, f"{file}\n".encode())

    assert voiced(settings()).speaking.voice == str(file)
    assert voiced(settings(character="")).speaking.voice == "joe"
    file.unlink()
    assert voiced(settings()).speaking.voice == "joe"


@pytest.mark.parametrize("way", ["{}", "../{}", "C:\\Users\\her\\{}", "//elsewhere/share/{}"])
def test_a_strangers_card_names_no_file_of_this_computer(way, tmp_path, monkeypatch):
    (tmp_path / "hers.onnx").write_bytes(b"")
    monkeypatch.chdir(tmp_path)

    for path in (way.format("hers.onnx"), str(tmp_path / "hers.onnx")):
        folder = settle(
            Soul(read(jsons.write(MOCHI), "it"), voice=path), "Mochi", replacing=True
        ).folder
        assert folder.voice == "hers.onnx"
        assert voiced(settings()).speaking.voice == "joe"


def test_a_capsule_takes_the_voice_that_was_heard_and_no_path():
    folder = moved_in()

    assert voice_of(folder, settings()) == "joe"
    assert voice_of(folder, settings(character="Other")) == ""
    folder.write(folder.voice_file, b"/far/away/hers.onnx\n")
    assert voice_of(folder, settings()) == "hers.onnx"


@pytest.fixture
def english(tmp_path):
    """A voice of one's own."""
    file = tmp_path / "hers.onnx"
    file.write_bytes(b"")
    about = {"phoneme_type": "espeak", "espeak": {"voice": "en-us"}}
    (tmp_path / "hers.onnx.json").write_bytes(jsons.write(about))
    return file


def test_a_voice_is_chosen_with_the_character_and_goes_along(tmp_path, capsys, english):
    moved_in()
    config = tmp_path / "mynah.toml"
    arguments = ["--config", str(config)]

    assert invoke(["card", "use", "mochi", "--voice", str(english), *arguments]) == 0
    assert f"Mochi is played from now on, with {english}" in capsys.readouterr().out
    assert find("mochi").voice == str(english)
    capsule = tmp_path / "m.charx"
    assert invoke(["card", "export", "mochi", "--capsule", "--to", str(capsule), *arguments]) == 0
    assert taken_apart(capsule.read_bytes(), "it").voice == "hers.onnx"
    assert stat.S_IMODE(capsule.stat().st_mode) == 0o600


def test_a_voice_that_nobody_has_is_refused_with_those_there_are(tmp_path, capsys):
    folder = moved_in()
    config = tmp_path / "mynah.toml"

    assert invoke(["card", "use", "mochi", "--voice", "nosuch", "--config", str(config)]) == 2
    told = capsys.readouterr().err
    assert "no voice is called 'nosuch'; there are " in told
    assert folder.voice == ""
    assert not config.exists()


def test_a_voice_that_can_not_say_the_cards_language_is_told_when_it_is_chosen(
    tmp_path, capsys, english
):
    chinese = {"name": "小雨", "description": "一个喜欢下雨天的女孩子", "first_mes": "你好呀"}
    settle(Soul(read(jsons.write(chinese), "it")), "小雨")
    arguments = ["--voice", str(english), "--config", str(tmp_path / "mynah.toml")]

    assert invoke(["card", "use", "小雨", *arguments]) == 0
    assert "the card is in zh and the voice hers speaks en" in capsys.readouterr().out


def test_nobody_is_played_again(tmp_path, capsys):
    assert invoke(["card", "use", "none", "--config", str(tmp_path / "mynah.toml")]) == 0
    assert "Mynah is herself from now on" in capsys.readouterr().out
