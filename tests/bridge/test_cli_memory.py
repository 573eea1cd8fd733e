import io
import json
import stat
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
from mynah.memory.store import SUMMARY, MemoryStore
from mynah.prompting.opening import ledger_file, open_meter
from mynah.prompting.prices import FREE, Price


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
    assert "The wearer has a blue kite." in shown(capsys, "list")
    assert told(capsys, "search", "my kites")["facts"][0]["id"] == 1
    assert told(capsys, "unpin", "1")[0]["pinned"] is False
    assert told(capsys, "forget", "1", "--yes") == {"facts": 1, "turns": 0}
    assert "nothing yet" in shown(capsys, "list")


def test_what_it_tells_itself_of_all_that_was_said_is_shown_and_goes_when_anything_is_forgotten(
    capsys, kept
):
    assert "so far" not in shown(capsys, "list")
    kept.set_notes({SUMMARY: "They spoke of Basil."})
    assert "so far: They spoke of Basil." in shown(capsys, "list")

    shown(capsys, "forget", "Basil", "--yes")

    assert "so far" not in shown(capsys, "list")


def test_facts_are_noticed_shown_with_their_turns_and_forgotten_with_them(capsys, kept):
    (noted,) = told(capsys, "reflect", "--rules")
    assert (
        told(capsys, "show", str(noted["id"]))["turns"][0]["said"] == "I have a dog called Basil."
    )
    assert "Basil" in shown(capsys, "show", str(noted["id"]))

    out = shown(capsys, "forget", "basil", "--yes")

    assert "forgotten: 1 fact and 1 turn" in out
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

    assert "forgotten: 1 fact and 1 turn" in shown(
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
    for name in ("book.json", "log.jsonl"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600


def test_an_export_over_a_file_for_everybody_is_for_nobody_else(capsys, kept, tmp_path):
    file = tmp_path / "log.jsonl"
    file.write_text("old and long" * 99)
    file.chmod(0o644)

    shown(capsys, "export", str(file))

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len(file.read_text("utf-8").splitlines()) == 1
    assert invoke(["memory", "export", str(tmp_path / "none" / "log.jsonl")]) == 2
    assert "can't be written" in capsys.readouterr().err


def test_who_only_looks_makes_no_file(capsys):
    assert "nothing yet" in shown(capsys, "list")
    assert invoke(["usage"]) == 0

    assert not Folder("Mynah").path.exists()
    assert not ledger_file().exists()


def test_a_turn_of_which_nothing_was_heard_is_shown_as_one(capsys, kept):
    kept.add_turns([Turn("I have a cat called Tom.", "", 1.8e9, "openai", "en")])

    out = shown(capsys, "search", "cat")

    assert "(nothing)" in out
    assert told(capsys, "search", "cat")["turns"][0]["heard"] == ""


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


async def test_what_costs_nobody_knows_is_said_where_a_budget_does_not_see_it(capsys, tmp_path):
    settings = {"companion": "openai", "openai": {"model": "x", "base_url": "https://example.org"}}
    meter = open_meter(parse(settings, "here"))
    meter.add(Usage(30, 10))
    await meter.close()
    config = tmp_path / "mynah.toml"
    config.write_text("[budget]\nper_day = 2")

    assert invoke(["usage", "--config", str(config)]) == 0

    assert "nobody knows its price" in capsys.readouterr().out


def test_a_price_of_the_settings_counts_on_this_computer_too():
    here = {"companion": "openai", "openai": {"model": "m", "base_url": "http://127.0.0.1:9"}}
    priced = here | {"budget": {"prices": {"m": [1, 1, 1]}}}

    assert open_meter(parse(here, "here")).price == FREE
    assert open_meter(parse(priced, "here")).price == Price(1, 1, 1)


def test_nothing_used_is_said_so(capsys):
    assert invoke(["usage"]) == 0

    assert "no answers yet" in capsys.readouterr().out
