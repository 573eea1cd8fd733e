import io
import json
import zipfile

import pytest

from mynah.characters.capsule import Soul, packed
from mynah.characters.card import new_card
from mynah.characters.home_folder import Folder
from mynah.characters.moving_in import move_in, soul_of
from mynah.characters.moving_on import pack
from mynah.cli import invoke
from mynah.companions.base import Usage
from mynah.config import Settings, parse
from mynah.memory.fact import Fact
from mynah.memory.log import Turn
from mynah.memory.store import MemoryStore
from mynah.prompting.opening import open_meter


@pytest.fixture
def kept():
    """Mynah's own memory, with one turn in it."""
    store = MemoryStore(Folder("Mynah").memory_file)
    store.add_turns([Turn("I have a dog called Basil.", "Sweet!", 1.8e9, "parrot", "en")])
    yield store
    store.close()


def shown(capsys, *arguments):
    assert invoke(["memory", *arguments]) == 0
    return capsys.readouterr().out


def told(capsys, *arguments):
    return json.loads(shown(capsys, *arguments, "--json"))


def test_a_fact_is_added_found_edited_pinned_and_forgotten(capsys, kept):
    (added,) = told(capsys, "add", "{{user}} has a red kite.", "--key", "kite")
    assert (added["id"], added["keys"]) == (1, ["kite"])

    assert told(capsys, "edit", "1", "{{user}} has a blue kite.")[0]["content"].endswith(
        "blue kite."
    )
    assert told(capsys, "pin", "1")[0]["pinned"] is True
    assert "you has a blue kite." in shown(capsys, "list")
    assert told(capsys, "search", "my kites")["facts"][0]["id"] == 1
    assert told(capsys, "unpin", "1")[0]["pinned"] is False
    assert told(capsys, "forget", "1", "--yes") == {"facts": 1, "turns": 0}
    assert "nothing yet" in shown(capsys, "list")


def test_facts_are_noticed_shown_with_their_turns_and_forgotten_with_them(capsys, kept):
    (noted,) = told(capsys, "reflect", "--rules")
    assert (
        told(capsys, "show", str(noted["id"]))["turns"][0]["said"] == "I have a dog called Basil."
    )
    assert "Basil" in shown(capsys, "show", str(noted["id"]))

    out = shown(capsys, "forget", "basil", "--yes")

    assert "forgotten: 1 facts and 1 turns" in out
    assert b"Basil" not in Folder("Mynah").memory_file.read_bytes()


def test_what_came_in_a_capsule_is_forgotten_in_all_of_the_folder_and_the_next_capsule(
    capsys, tmp_path
):
    book = {"entries": [{"keys": ["moon"], "content": "The moon is cheese."}]}
    soul = Soul(
        new_card({"name": "Luna", "first_mes": "Hello.", "character_book": book}),
        entries=(Fact("{{user}} has a dog, Basil.").entry(),),
        turns=(Turn("I have a dog called Basil.", "Basil! How sweet.", 1.8e9),),
    )
    capsule = tmp_path / "luna.charx"
    capsule.write_bytes(packed(soul, "Ann"))
    folder = move_in(capsule).folder
    pack(folder, "Ann", keeps_conversation=True)
    assert "Basil" in folder.briefing_file.read_text("utf-8")

    assert "forgotten: 1 facts and 1 turns" in shown(
        capsys, "forget", "Basil", "--yes", "--character", "Luna"
    )

    files = [path for path in folder.path.rglob("*") if path.is_file()]
    assert len(files) >= 3
    assert [path.name for path in files if holds(path.read_bytes(), "Basil")] == []
    again = packed(soul_of(folder), "Ann")
    assert holds(again, "The moon is cheese.")
    assert not holds(again, "Basil")


def holds(content, words):
    """In the file, or in any part of it if it is an archive."""
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = [archive.read(name) for name in archive.namelist()]
    else:
        parts = [content]
    return any(words.encode() in part for part in parts)


def test_facts_are_exported_as_a_lorebook_and_the_log_by_the_line(capsys, kept, tmp_path):
    told(capsys, "add", "{{user}}的猫叫麻薯。")

    shown(capsys, "export", str(tmp_path / "book.json"))
    shown(capsys, "export", str(tmp_path / "log.jsonl"))

    book = json.loads((tmp_path / "book.json").read_text("utf-8"))
    assert book["spec"] == "lorebook_v3"
    assert book["data"]["entries"][0]["keys"] == ["麻薯", "猫"]
    (line,) = (tmp_path / "log.jsonl").read_text("utf-8").splitlines()
    assert json.loads(line)["heard"] == "Sweet!"


def test_each_character_has_a_memory_of_its_own(capsys, kept):
    Folder("Luna").keep(new_card({"name": "Luna"}))

    told(capsys, "add", "{{user}} has a red kite.", "--character", "luna")

    assert told(capsys, "list") == []
    assert len(told(capsys, "list", "--character", "Luna")) == 1


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["list", "--character", "Nobody"], "no character is called 'Nobody'"),
        (["show", "9"], "there is no memory 9"),
        (["forget", "nothing", "--yes"], "nothing has the words 'nothing'"),
        (["edit", "1"], "nothing to change"),
        (["add", " "], "no words to remember"),
    ],
)
def test_what_can_not_be_done_is_said_in_one_line(capsys, kept, arguments, line):
    assert invoke(["memory", *arguments]) == 2

    assert line in capsys.readouterr().err


def test_nothing_is_forgotten_unless_it_is_confirmed(capsys, kept, monkeypatch):
    monkeypatch.setattr("typer.confirm", lambda *_, **__: False)

    assert invoke(["memory", "forget", "Basil"]) == 1

    assert len(kept.log()) == 1


async def test_usage_is_shown_by_day_with_what_is_left(capsys, tmp_path):
    budget = {"per_day": 2, "tokens_per_day": 100, "currency": "EUR", "prices": {"m": [1, 1, 1e5]}}
    companion = {"companion": "openai", "openai": {"model": "m", "base_url": "https://example.org"}}
    paid = open_meter(parse(companion | {"budget": budget}, "here"))
    free = open_meter(Settings())
    for meter in (paid, free):
        meter.add(Usage(30, 10))
        await meter.close()
    config = tmp_path / "mynah.toml"
    config.write_text(
        '[budget]\nper_day = 2\ntokens_per_day = 100\ncurrency = "EUR"\nprices = {m = [1, 1, 1e5]}'
    )

    assert invoke(["usage", "--config", str(config)]) == 0
    out = capsys.readouterr().out

    assert "1.0000 of 2 EUR are left today" in out
    assert "60 of 100 tokens are left today" in out
    assert "free" in out
    assert invoke(["usage", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["days"]) == 2


def test_nothing_used_is_said_so(capsys):
    assert invoke(["usage"]) == 0

    assert "no answers yet" in capsys.readouterr().out
