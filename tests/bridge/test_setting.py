import stat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mynah.config import load
from mynah.errors import UserError
from mynah.setting import set_keys

TEXT = """# who answers
companion = "local"   # for now
hands_free = true

[openai]
model = "x"  # mine
"""


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "mynah.toml"
    path.write_text(TEXT)
    return path


def test_a_key_is_set_and_everything_else_stays(path):
    set_keys(path, companion="parrot", character="麻薯")

    assert path.read_text() == TEXT.replace(
        'companion = "local"   # for now', 'companion = "parrot"'
    ).replace("# who", 'character = "麻薯"\n# who')
    assert load(path).openai.model == "x"


def test_a_file_that_is_not_there_is_made_for_its_owner(tmp_path):
    path = set_keys(tmp_path / "new" / "mynah.toml", companion="parrot")

    assert load(path).companion == "parrot"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_rights_and_links_stay(path, tmp_path):
    path.chmod(0o640)
    link = tmp_path / "link.toml"
    link.symlink_to(path)
    set_keys(link, companion="parrot")

    assert link.is_symlink()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


@pytest.mark.parametrize("text", ["hands_free = ", "nonsense = 1\n", "[companion]\n"])
def test_settings_that_are_wrong_are_left_as_they_are(path, text):
    path.write_text(text)

    with pytest.raises(UserError):
        set_keys(path, companion="parrot")
    assert path.read_text() == text


def test_what_only_looks_like_a_key_is_not_changed(path):
    text = 'link = """\ncompanion = "inside a text"\n"""\n'
    path.write_text(text)

    with pytest.raises(UserError, match="write it by hand"):
        set_keys(path, companion="parrot")
    assert path.read_text() == text


@given(value=st.text(st.characters(codec="utf-8"), max_size=20))
def test_any_name_is_read_back(value, tmp_path_factory):
    path = tmp_path_factory.mktemp("x") / "mynah.toml"
    path.write_text(TEXT)
    set_keys(path, character=value)

    assert load(path).character == value
