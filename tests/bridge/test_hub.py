"""Models of the hub, by a downloader of ours: the hub itself is never asked here."""

import pytest
from typer.testing import CliRunner

from mynah.cli.models import app
from mynah.errors import ModelError, UserError
from mynah.speech.hub import fetch_from_hub, fetched
from mynah.speech.models import CACHE_VARIABLE, HUB_FILES, find

NAME = "Systran/faster-whisper-base.en"


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    folder = tmp_path / "models"
    monkeypatch.setenv(CACHE_VARIABLE, str(folder))
    return folder


class Hub:
    """Has one model, and leaves notes of its own beside it."""

    def __init__(self, files=HUB_FILES):
        self.files = files
        self.asked = []

    def __call__(self, name, folder):
        self.asked.append(name)
        (folder / ".cache").mkdir()
        for file in self.files:
            (folder / file).write_text(f"{file} {len(self.asked)}")


def test_a_model_of_the_hub_is_fetched_once_and_found_by_name(cache):
    hub = Hub()
    folder = fetch_from_hub(NAME, hub)

    assert hub.asked == [NAME]
    assert sorted(path.name for path in folder.iterdir()) == sorted(HUB_FILES)
    assert find(NAME) == folder
    assert fetched() == [NAME]
    assert [path.name for path in cache.iterdir()] == ["hub"]


def test_one_that_was_not_fetched_names_the_command_that_gets_it():
    with pytest.raises(ModelError, match=f"{NAME} is not here; run `mynah models get {NAME}`"):
        find(NAME)


def test_fetching_again_replaces_what_was_there():
    hub = Hub()
    fetch_from_hub(NAME, hub)
    folder = fetch_from_hub(NAME, hub)

    assert (folder / "model.bin").read_text() == "model.bin 2"


def test_what_faster_whisper_can_not_load_is_refused_and_not_kept(cache):
    with pytest.raises(ModelError, match=r"has no model\.bin: it is no Whisper model"):
        fetch_from_hub("openai/whisper-base", Hub(["config.json", "tokenizer.json"]))

    assert fetched() == []
    assert [path.name for path in cache.iterdir()] == ["hub"]


def test_what_the_hub_says_is_told_in_one_line():
    def refuse(_name, _folder):
        raise RuntimeError("404: no such repository\nRequest ID: 7")

    with pytest.raises(ModelError) as caught:
        fetch_from_hub("nobody/nothing", refuse)

    assert str(caught.value) == "nobody/nothing did not come from the hub: 404: no such repository"


@pytest.mark.parametrize("name", ["../up", "a/../b", "a/b/c", "/etc", "a/", ".a/b"])
def test_no_name_leads_out_of_the_cache(name):
    with pytest.raises(UserError, match="is no model"):
        find(name + "/none")
    assert fetched() == []


def test_the_list_shows_what_came_from_the_hub():
    fetch_from_hub(NAME, Hub())
    result = CliRunner().invoke(app, ["list"], catch_exceptions=False)

    assert f"{NAME}: whisper, of the hub, not pinned" in result.stdout
