import json
import os
import sqlite3
import stat
from dataclasses import replace

import pytest

from mynah.errors import MynahError, UserError
from mynah.memory import store as stores
from mynah.memory.fact import MEMORY, Fact, fact_of
from mynah.memory.log import Turn
from mynah.memory.store import FOLDED, SUMMARY, MemoryStore
from tests.bridge.memories import NOW, others

CAT = Fact("{{user}}的猫叫麻薯。", ("麻薯", "猫"), created=NOW)
HOME = Fact("{{user}} lives in Leeds.", ("Leeds",), created=NOW)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "Luna" / "memory.sqlite"


@pytest.fixture
def store(path):
    store = MemoryStore(path)
    yield store
    store.close()


def bytes_beside(path):
    return b"".join(file.read_bytes() for file in path.parent.iterdir())


def holds(path, words):
    return words.encode() in bytes_beside(path) or words.encode("utf-16-le") in bytes_beside(path)


def contents(store):
    return [fact.content for fact in store.facts()]


def test_what_was_kept_is_there_the_next_day(path):
    store = MemoryStore(path)
    store.add(HOME)
    store.add_turns([Turn("Hello.", "Hi!", NOW, "openai", "en", "a hug", "")])
    store.set_notes({SUMMARY: "We said hello."})
    store.close()

    store = MemoryStore(path)

    assert contents(store) == [HOME.content]
    assert store.log() == [Turn("Hello.", "Hi!", NOW, "openai", "en", "a hug", "", id=1)]
    assert store.note(SUMMARY) == "We said hello."
    assert [fact.content for fact in store.recall("Leeds", NOW)] == [HOME.content]
    store.close()


def test_nobody_else_may_read_the_file(path, store):
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_fact_that_is_said_again_is_renewed(store):
    first = store.add(Fact("{{user}} lives in Leeds", ("Leeds",), (1,), 0.6, NOW))

    again = store.add(Fact("{{user}} lives in Leeds.", ("home",), (9,), 0.8, NOW + 5))

    assert again.id == first.id
    assert store.facts() == [
        Fact("{{user}} lives in Leeds", ("Leeds", "home"), (1, 9), 0.8, NOW + 5, id=first.id)
    ]


def test_what_differs_in_what_matters_is_another_fact(store):
    store.add(HOME)
    store.add(Fact("{{user}} lives in Bristol."))

    assert len(store.facts()) == 2


def test_an_edited_fact_is_found_by_its_new_words_and_the_old_are_gone(path, store):
    fact = store.add(HOME)

    store.edit(fact.id, "{{user}} lives in Bristol.", ["Bristol"])

    assert [each.content for each in store.recall("Bristol", NOW)] == ["{{user}} lives in Bristol."]
    assert store.recall("Leeds", NOW) == []
    assert not holds(path, "Leeds")


def test_a_pinned_fact_is_a_constant_entry(store):
    fact = store.add(HOME)

    store.pin(fact.id)

    assert [each.id for each in store.pinned()] == [fact.id]
    assert store.entries()[0]["constant"] is True
    assert not store.pin(fact.id, pinned=False).pinned


@pytest.mark.parametrize("words", ["Basil", "麻薯"])
def test_forgotten_words_are_gone_from_log_index_summary_and_every_byte(path, store, words):
    filler = "words that stay, " * 40
    for number, fact in enumerate(others(60)):
        store.add(replace(fact, content=f"{fact.content} {words if number % 7 == 0 else ''}"))
        store.add_turns([Turn(f"{filler} {number}", f"{words}!" if number % 5 == 0 else "Yes.")])
    store.add_turns([Turn("What did the ring feel?", "A hug.", ring=f"{words} was near")])
    store.add_turns([Turn(f"{filler * 20} {words}", "More than a page.")])
    store.set_notes({SUMMARY: f"Of {words}.", FOLDED: "61"})
    assert holds(path, words)

    gone = store.forget(words)

    assert (len(gone.facts), len(gone.turns)) == (9, 14)
    assert not holds(path, words)
    assert store.recall(words, NOW) == []
    assert store.search(words) == stores.Found((), ())
    assert words not in json.dumps(store.entries(), ensure_ascii=False)
    assert (len(store.facts()), len(store.log())) == (51, 48)
    assert (store.note(SUMMARY), store.note(FOLDED)) == ("", "61")


def test_a_forgotten_fact_takes_the_turns_it_comes_from_along(path, store):
    store.add_turns([Turn("My dog is Basil.", "Sweet!"), Turn("It rains.", "It does.")])
    fact = store.add(Fact("{{user}} has a dog, Basil.", source_turns=(1,)))

    store.forget_fact(fact.id)

    assert store.facts() == []
    assert [turn.said for turn in store.log()] == ["It rains."]
    assert not holds(path, "Basil")


def test_a_name_is_not_forgotten_inside_another_word(store):
    store.add_turns([Turn("We planned it.", "Yes."), Turn("Ann's hat", "Nice."), Turn("ANN!", "")])

    store.forget("ann")

    assert [turn.said for turn in store.log()] == ["We planned it."]


@pytest.mark.parametrize("words", ["", "  "])
def test_no_words_are_not_forgotten(store, words):
    store.add(HOME)

    with pytest.raises(UserError, match="say which"):
        store.forget(words)

    assert len(store.facts()) == 1


def test_an_entry_survives_with_what_other_programs_wrote(store):
    theirs = {
        "keys": ["Mochi"],
        "content": "A cat.",
        "comment": "mine",
        "insertion_order": 7,
        "extensions": {"position": 4, "vectorized": True},
        "secondary_keys": ["fur"],
    }

    assert store.add_entries([theirs]) == 1

    (entry,) = store.entries()
    assert {name: entry[name] for name in theirs if name != "extensions"} == {
        name: it for name, it in theirs.items() if name != "extensions"
    }
    assert entry["extensions"].pop(MEMORY)["pinned"] is False
    assert entry["extensions"] == theirs["extensions"]


def test_entries_are_the_facts_there_and_back(store):
    kept = [store.add(CAT), store.pin(store.add(HOME).id)]
    other = MemoryStore(None)

    other.add_entries(json.loads(json.dumps(store.entries())))

    assert other.facts() == kept
    assert other.add_entries(store.entries()) == 0
    other.close()


@pytest.mark.parametrize(
    "entry",
    [
        None,
        7,
        "x",
        {},
        {"content": 3},
        {"content": "  \x00 "},
        {"keys": "x"},
    ],
)
def test_what_is_no_entry_is_left_out(entry):
    assert fact_of(entry) is None


def test_an_entry_of_nonsense_has_an_end():
    nonsense = {"source_turns": ["x", -1, True, 3], "confidence": "nan", "created": float("inf")}
    entry = {
        "content": "x" * 10_000,
        "keys": [None, "k" * 999] * 100,
        "extensions": {MEMORY: nonsense},
    }

    fact = fact_of(entry)

    assert fact is not None
    assert (len(fact.content), len(fact.keys[0]), len(fact.keys)) == (1000, 60, 1)
    assert (fact.source_turns, fact.confidence, fact.created) == ((3,), 1.0, 0.0)


def test_beyond_all_room_the_oldest_unpinned_fact_is_given_up(monkeypatch, store):
    monkeypatch.setattr(stores, "MOST_FACTS", 2)
    old = store.add(Fact("one about kites", created=1.0))
    store.pin(old.id)
    store.add(Fact("two of rivers", created=2.0))

    store.add(Fact("three with lamps", created=3.0))

    assert contents(store) == ["one about kites", "three with lamps"]


def test_what_is_brought_pushes_nothing_out_and_does_not_fill_it_with_pinned_ones(
    monkeypatch, store
):
    monkeypatch.setattr(stores, "MOST_FACTS", 4)
    monkeypatch.setattr(stores, "MOST_PINNED", 2)
    store.add(Fact("my own of kites", created=1.0))
    words = ["rivers", "lamps", "trains", "hats", "boats"]

    brought = store.add_entries(
        {"content": f"one about {word}", "constant": True} for word in words
    )

    assert brought == 3
    assert contents(store)[0] == "my own of kites"
    assert len(store.pinned()) == 2


def test_what_another_program_changed_is_seen(path, store):
    store.add(HOME)
    assert not store.refresh()
    other = MemoryStore(path)
    other.forget("Leeds")
    other.add(CAT)
    other.close()

    assert store.refresh()

    assert contents(store) == [CAT.content]
    assert store.recall("Leeds", NOW) == []


@pytest.mark.parametrize("content", [b"not a database, but long enough to look like one" * 50])
def test_a_file_that_is_no_memory_is_refused_and_left_alone(path, content):
    path.parent.mkdir()
    path.write_bytes(content)

    with pytest.raises(UserError, match="not a memory, or damaged"):
        MemoryStore(path)

    assert path.read_bytes() == content


def test_an_entry_that_was_spoilt_costs_no_other(path, store):
    store.add(HOME)
    store.add(CAT)
    store.close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE facts SET entry = '{\"content' WHERE id = 1")
    connection.close()

    store = MemoryStore(path)

    assert contents(store) == [CAT.content]
    store.close()


def test_a_memory_of_a_newer_version_is_refused(path, store):
    store.close()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()

    with pytest.raises(UserError, match="newer"):
        MemoryStore(path)


def test_a_change_that_fails_changes_nothing(store):
    store.add_turns([Turn("one", "")])

    with pytest.raises(MynahError, match="nothing was changed"):
        store.add_turns([Turn("two", ""), Turn("three", "", at=None)])

    assert [turn.said for turn in store.log()] == ["one"]


def test_no_fact_is_no_number(store):
    with pytest.raises(UserError, match="there is no memory 5"):
        store.fact(5)


def test_a_folder_in_the_files_place_is_named(tmp_path):
    with pytest.raises(UserError, match=str(os.strerror(21))):
        MemoryStore(tmp_path)
