import pytest

from mynah.config import Settings, keys, load, parse, settings_path
from mynah.errors import UserError

ALL = {"link", "companion", "hearing.model", "hearing.language", "speaking.voice"}


def written(tmp_path, text):
    path = tmp_path / "mynah.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_without_a_file_there_are_defaults():
    assert not settings_path().exists()
    assert load() == Settings()


def test_the_settings_file_is_found_where_it_belongs():
    settings_path().parent.mkdir(parents=True)
    settings_path().write_text('companion = "friend"\n')

    assert load().companion == "friend"


def test_every_setting_can_be_set(tmp_path):
    path = written(
        tmp_path,
        """
        link = "emulator:mine"
        companion = "friend"
        [hearing]
        model = "base"
        language = "de"
        [speaking]
        voice = "amy"
        volume = 60
        """,
    )

    assert load(path).model_dump(exclude_unset=True) == {
        "link": "emulator:mine",
        "companion": "friend",
        "hearing": {"model": "base", "language": "de"},
        "speaking": {"voice": "amy", "volume": 60},
    }


def test_no_key_is_shown_with_the_settings_or_with_what_is_wrong_with_them():
    tables = {"openai": {"api_key": "sk-a"}, "companions": {"deepseek": {"api_key": "sk-b"}}}

    assert "sk-" not in repr(parse(tables, "here"))
    with pytest.raises(UserError) as caught:
        parse({"companions": "sk-c", "openai": {"base_url": "https://me:sk-d@x"}}, "here")
    assert "sk-" not in f"{caught.value} {caught.value.__cause__}"


def test_the_names_of_all_settings_are_known():
    assert set(keys()) >= ALL


def test_a_flag_that_was_given_counts_more_than_the_file():
    settings = parse({"link": "emulator:a", "companion": "friend"}, "here")

    assert settings.overridden(link=None, companion="parrot").model_dump() == {
        **settings.model_dump(),
        "companion": "parrot",
    }


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('companon = "x"', "unknown setting 'companon'; did you mean 'companion'?"),
        (
            "[hearing]\nmodle = 3",
            "unknown setting 'hearing.modle'; did you mean 'hearing.model'?",
        ),
        ('[speaking]\nvoise = "x"', "did you mean 'speaking.voice'?"),
        (
            'xyzzy = "x"',
            "unknown setting 'xyzzy'; there are: link, companion, fallback, character, speaker",
        ),
        ("link = 3", "link: a text in quotes is expected"),
        ("hearing = 3", "hearing: a table is expected, [hearing]"),
        ("[hearing]\nmodel = [1]", "hearing.model: a text in quotes is expected"),
        ("[speaking]\nvolume = 101", "speaking.volume: at most 100 is expected"),
        ("[speaking]\nvolume = 1.5", "speaking.volume: a whole number is expected"),
        ('[memory]\nkeep = "perhaps"', "memory.keep: true or false is expected"),
        ('speaker = "radio"', "speaker: 'ring', 'computer' or 'auto' is expected"),
        ('[care]\ncountry = "USA"', "care.country: auto or two capital letters are expected"),
        ('[openai]\nbase_url = "x"', "openai.base_url: an address begins with http"),
        ('[openai]\nbase_url = "http://["', "openai.base_url: an address begins with http"),
        ('[openai]\nbase_url = "http://x:99999"', "openai.base_url: an address begins with http"),
        ("[budget.prices]\nm = 3", "budget.prices.m: a list in square brackets is expected"),
        ("[budget.prices]\nm = ['a']", "budget.prices.m.0: a number is expected"),
        ("[companions]\nmine = 3", "companions.mine: a table is expected, [companions.mine]"),
        ("link = ", "not settings in TOML"),
        (b"\xff\xfe", "not settings in TOML"),
    ],
)
def test_a_mistake_is_told_in_one_line_with_the_file_and_the_key(tmp_path, text, reason):
    path = written(tmp_path, text)

    with pytest.raises(UserError) as caught:
        load(path)

    assert str(caught.value).startswith(f"{path}: ")
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 2


def test_a_file_that_was_named_must_be_there(tmp_path):
    with pytest.raises(UserError, match=r"nothing\.toml: no such file"):
        load(tmp_path / "nothing.toml")
    with pytest.raises(UserError, match="not settings in TOML"):
        load(tmp_path)


def test_settings_do_not_change():
    with pytest.raises(ValueError, match="frozen"):
        Settings().link = "elsewhere"
