import datetime as dt
import io
import stat
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mynah import toml
from mynah.cli import invoke
from mynah.config import Settings, load, parse, settings_path
from mynah.errors import UserError
from mynah.setup import Choices, chosen, is_foreign, is_language, save, sensible, tables, to_fetch

CHOICES = Choices("parrot", "joe", "en", 60)

NAMES = st.text(min_size=1, max_size=8)
VALUES = st.recursive(
    st.text() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False),
    lambda each: st.lists(each, max_size=3) | st.dictionaries(NAMES, each, max_size=3),
    max_leaves=6,
)


@pytest.fixture
def _here(monkeypatch):
    """No model is fetched."""
    monkeypatch.setattr("mynah.setup.to_fetch", lambda _settings: [])


def answers(monkeypatch, *lines):
    monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in lines)))


@given(st.dictionaries(NAMES, VALUES, max_size=4))
def test_what_is_written_is_read_back(content):
    assert tomllib.loads(toml.written(content)) == content


def test_moments_are_written_and_nothing_is_guessed():
    content = {"at": dt.datetime(2026, 1, 2, 3, 4, tzinfo=dt.UTC), "day": dt.date(2026, 1, 2)}

    assert tomllib.loads(toml.written(content)) == content
    with pytest.raises(TypeError, match="TOML has no NoneType"):
        toml.written({"none": None})


@pytest.mark.parametrize(
    ("fresh", "known", "installed", "companion"),
    [
        (True, ["local", "parrot"], object(), "local"),
        (True, ["local", "parrot"], None, "parrot"),
        (True, ["parrot"], object(), "parrot"),
        (False, ["local", "parrot"], None, "local"),
    ],
)
def test_the_default_companion_is_the_best_that_can_run(fresh, known, installed, companion):
    got = sensible(Settings(), known, fresh=fresh, installed=lambda _: installed)

    assert got == Choices(companion, "joe", "en", 100)


def test_another_language_brings_a_model_that_knows_it():
    assert chosen(Settings(), CHOICES).hearing.model == "tiny.en"
    german = Choices("parrot", "joe", "de", 100)
    assert chosen(Settings(), german).hearing.model == "base"
    own = parse({"hearing": {"model": "mine"}}, "here")
    assert chosen(own, german).hearing.model == "mine"


@pytest.mark.parametrize(("name", "valid"), [("en", True), ("auto", True), ("English", False)])
def test_a_language_is_a_code(name, valid):
    assert is_language(name) == valid


def test_what_was_set_before_stays():
    before = parse({"local": {"threads": 2}, "companions": {"friend": {"mood": "kind"}}}, "here")

    after = chosen(before, CHOICES)

    assert (after.local.threads, after.companions) == (2, {"friend": {"mood": "kind"}})
    assert "openai" not in tables(before, CHOICES)


@pytest.mark.parametrize(
    ("voice", "language", "foreign"),
    [("joe", "en", False), ("joe", "auto", False), ("joe", "fr", True), ("mine", "fr", False)],
)
def test_a_voice_for_another_language_is_known(voice, language, foreign):
    assert is_foreign(voice, language) == foreign


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_a_file_with_a_key_is_for_its_owner_alone(tmp_path):
    path = tmp_path / "new" / "mynah.toml"
    with_key = Choices("openai", "joe", "en", 100, api_key="secret")
    save(path, Settings(), with_key)

    assert mode(path) == 0o600
    assert load(path).openai.api_key.get_secret_value() == "secret"
    save(path, load(path), CHOICES)
    assert load(path).openai.api_key.get_secret_value() == "secret"
    assert mode(path) == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_a_file_without_a_key_keeps_its_mode_and_its_place(tmp_path):
    path, link = tmp_path / "kept.toml", tmp_path / "mynah.toml"
    path.write_text("")
    path.chmod(0o640)
    link.symlink_to(path)
    save(link, Settings(), CHOICES)

    assert link.is_symlink()
    assert (mode(path), load(link).speaking.volume) == (0o640, 60)


def test_settings_that_can_not_be_are_not_written(tmp_path):
    wrong = Choices("openai", "joe", "en", 100, base_url="elsewhere")

    with pytest.raises(UserError, match=r"openai\.base_url"):
        save(tmp_path / "mynah.toml", Settings(), wrong)
    assert list(tmp_path.iterdir()) == []


def test_the_models_that_are_missing_are_fetched(tmp_path, monkeypatch):
    monkeypatch.setenv("MYNAH_MODELS", str(tmp_path))

    assert [model.name for model in to_fetch(Settings(companion="local"))] == [
        "tiny.en",
        "joe",
        "smollm2",
    ]
    own = parse({"companion": "parrot", "hearing": {"model": str(tmp_path)}}, "here")
    assert [model.name for model in to_fetch(own)] == ["joe"]


@pytest.mark.usefixtures("_here")
def test_yes_asks_nothing_and_leaves_a_file_as_it_is(capsys):
    assert invoke(["setup", "--yes", "--no-test"]) == 0
    assert "wrote" in capsys.readouterr().out
    settings_path().write_text("# mine\n[speaking]\nvolume = 30\n")

    assert invoke(["setup", "--yes", "--no-test"]) == 0
    assert "left as it is" in capsys.readouterr().out
    assert settings_path().read_text().startswith("# mine")


@pytest.mark.usefixtures("_here")
def test_what_is_answered_is_written_and_nonsense_is_asked_again(monkeypatch, capsys):
    answers(monkeypatch, "nobody", "parrot", "joe", "German", "en", "101", "60")

    assert invoke(["setup", "--no-test"]) == 0
    assert load().speaking.volume == 60
    out = capsys.readouterr().out
    assert "there is no 'nobody'" in out
    assert "two letters" in out


@pytest.mark.usefixtures("_here")
@pytest.mark.parametrize(("answer", "code", "volume"), [("n", 1, 30), ("y", 0, 60)])
def test_a_file_is_changed_only_after_a_yes(monkeypatch, answer, code, volume):
    settings_path().parent.mkdir(parents=True, exist_ok=True)
    settings_path().write_text("[speaking]\nvolume = 30\n")
    answers(monkeypatch, "parrot", "joe", "en", "60", answer)

    assert invoke(["setup", "--no-test"]) == code
    assert load().speaking.volume == volume


@pytest.mark.usefixtures("_here")
def test_the_spoken_test_is_held_with_the_new_settings(monkeypatch):
    heard = []

    async def converse(settings, lines):
        heard.append((settings.speaking.volume, lines))
        return 0

    monkeypatch.setattr("mynah.cli.run.converse_in_lines", converse)
    answers(monkeypatch, "parrot", "joe", "en", "60")

    assert invoke(["setup"]) == 0
    assert heard == [(60, ("Hello. Can you hear me?",))]
