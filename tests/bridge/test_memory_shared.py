import asyncio
import shutil
import sqlite3
import stat
import time

import pytest

from mynah.companions.base import Said
from mynah.errors import MynahError, UserError
from mynah.memory.fact import Fact
from mynah.memory.log import Turn
from mynah.memory.store import MemoryStore
from tests.bridge.memories import NOW, others
from tests.bridge.minds import mind_of, reply_of
from tests.bridge.test_mind import said_in

BRISTOL = Fact("{{user}} lives in Bristol.", ("Bristol",), created=NOW)
SECRET = "My secret is zanzibar."
TOLD = "FACT: The user's secret is zanzibar. | zanzibar\nSUMMARY: They spoke of zanzibar."


@pytest.fixture
def path(tmp_path):
    return tmp_path / "memory.sqlite"


def elsewhere(path, change):
    """What another program does to the file."""
    other = MemoryStore(path)
    change(other)
    other.close()


def contents(store):
    return [fact.content for fact in store.facts()]


async def reflected(path, meanwhile):
    """A mind that thought back over a secret, while another program did that to its memory."""
    mind = mind_of(path=path)
    for number in range(3):
        mind.heard(Said(f"{SECRET} {number}", "en"), "I see.")

    async def ask(said):
        elsewhere(path, meanwhile)
        yield TOLD

    assert await mind.reflect(ask) == []
    return mind


async def test_what_is_forgotten_while_it_is_thought_about_comes_back_nowhere(path):
    mind = await reflected(path, lambda other: other.forget("zanzibar"))

    assert b"zanzibar" not in path.read_bytes()
    assert "zanzibar" not in said_in(mind.chat(Said("My secret?", "en")))
    await mind.close()


async def test_what_is_corrected_while_it_is_thought_about_is_thought_about_again(path):
    elsewhere(path, lambda other: other.add(BRISTOL))
    mind = await reflected(path, lambda other: other.edit(1, "{{user}} lives in Leeds."))

    assert contents(mind.store) == ["{{user}} lives in Leeds."]
    assert len(await mind.reflect(reply_of(TOLD))) == 1
    await mind.close()


async def test_what_was_forgotten_before_is_asked_of_no_companion(path):
    mind, asked = mind_of(path=path), []
    mind.heard(Said(SECRET, "en"), "I see.")
    await mind.reflect(reply_of(TOLD))
    mind.heard(Said("The weather is nice.", "en"), "It is.")
    await mind._memory._writing.end()
    elsewhere(path, lambda other: other.forget("zanzibar"))

    await mind.reflect(reply_of("NOTHING", asked))

    assert "weather" in asked[0]
    assert "zanzibar" not in asked[0]
    await mind.close()


async def test_what_another_program_forgot_is_not_in_the_next_prompt(path):
    mind = mind_of(path=path)
    mind.heard(Said(SECRET, "en"), "I see.")
    await mind.reflect(reply_of(TOLD))
    assert said_in(mind.chat(Said("My secret?", "en"))).count("zanzibar") == 3

    elsewhere(path, lambda other: other.forget("zanzibar"))

    assert "zanzibar" not in said_in(mind.chat(Said("My secret?", "en")))
    await mind.close()


async def test_turns_that_the_disk_did_not_take_yet_are_still_told(path):
    mind = mind_of(path=path)
    mind.heard(Said(SECRET, "en"), "I see.")  # written in a moment
    elsewhere(path, lambda other: other.add(BRISTOL))

    assert said_in(mind.chat(Said("Hm.", "en"))).count("zanzibar") == 1
    await mind._memory._writing.end()
    elsewhere(path, lambda other: other.pin(1))
    assert said_in(mind.chat(Said("Hm.", "en"))).count("zanzibar") == 1
    await mind.close()


async def test_of_two_minds_with_one_memory_one_thinks_back(path):
    minds, asked = [mind_of(path=path), mind_of(path=path)], []
    for mind in minds:
        mind.heard(Said(SECRET, "en"), "I see.")
        await mind._memory._writing.end()

    async def ask(said):
        asked.append(said.text)
        await asyncio.sleep(0)
        yield TOLD

    await asyncio.gather(*(mind.idle(NOW + 9999, ask) for mind in minds))
    await asyncio.gather(*(mind.idle(NOW + 10_060, ask) for mind in minds))

    assert len(asked) == 1
    assert len(minds[0].store.facts()) == 1
    for mind in minds:
        await mind.close()


@pytest.mark.parametrize("trouble", [RuntimeError("a stranger's"), MynahError("the disk is full")])
async def test_a_thought_that_fails_is_not_paid_for_each_minute(trouble):
    mind, asked = mind_of(), []
    mind.heard(Said(SECRET, "en"), "I see.")

    async def ask(said):
        asked.append(said.text)
        raise trouble
        yield ""

    for minute in range(24 * 60):
        try:
            await mind.idle(NOW + 2000 + 60 * minute, ask)
        except type(trouble):
            continue

    assert 1 < len(asked) < 10
    await mind.close()


def test_what_another_program_said_otherwise_is_not_undone(path):
    store = MemoryStore(path)
    kept = store.add(BRISTOL)
    elsewhere(path, lambda other: other.edit(kept.id, "{{user}} lives in Leeds."))

    store.add(BRISTOL)
    store.pin(kept.id)

    assert contents(store) == ["{{user}} lives in Leeds.", BRISTOL.content]
    elsewhere(path, lambda other: pinned_is(other, ["{{user}} lives in Leeds."]))
    store.close()


def pinned_is(store, wanted):
    assert [fact.content for fact in store.pinned()] == wanted


@pytest.mark.parametrize(
    "do", [lambda store: store.pin(1), lambda store: store.edit(1, "{{user}} has left Bristol.")]
)
def test_what_another_program_forgot_can_not_be_changed_back_into_being(path, do):
    store = MemoryStore(path)
    store.add(BRISTOL)
    elsewhere(path, lambda other: other.forget_fact(1))

    with pytest.raises(UserError, match="no memory 1"):
        do(store)

    assert store.facts() == []
    assert store.recall("Bristol", NOW) == []
    store.close()


def test_what_could_not_be_written_is_not_known_either(path):
    store = MemoryStore(path)
    reader = sqlite3.connect(path, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM facts").fetchall()
    store._file._wait_at_most(0.01)

    with pytest.raises(MynahError, match="locked"):
        store.add(BRISTOL)

    assert store.facts() == []
    reader.close()
    store.add(BRISTOL)
    elsewhere(path, lambda other: other.add_turns([Turn("Others may write.", "Yes.")]))
    assert contents(store) == [BRISTOL.content]
    store.close()


def test_a_memory_that_was_put_away_is_begun_anew(tmp_path):
    path = tmp_path / "Luna" / "memory.sqlite"
    store = MemoryStore(path)
    store.add(BRISTOL)
    shutil.rmtree(path.parent)

    store.add_turns([Turn("Hello.", "Hi.")])

    assert store.facts() == []
    elsewhere(path, lambda other: other.add(BRISTOL))
    assert store.refresh()
    assert [turn.said for turn in store.log()] == ["Hello."]
    store.close()


def test_no_folder_on_the_way_to_a_memory_is_for_others(tmp_path):
    path = tmp_path / "data" / "characters" / "Luna" / "memory.sqlite"
    MemoryStore(path).close()

    for folder in list(path.parents)[:3]:
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_turns_come_in_as_often_as_they_are_said_and_once():
    store = MemoryStore(None)
    lines = [Turn("Good night.", "Sleep well.", source="rescue")] * 2 + [Turn("My cat?", "Mochi.")]

    assert store.add_missing_turns(lines) == 3
    assert store.add_missing_turns(Turn(it.said, it.heard, source="chat") for it in lines) == 0
    assert store.add_missing_turns([*lines, lines[0]]) == 1
    store.close()


def test_half_a_character_is_kept_as_a_question_mark():
    store = MemoryStore(None)
    broken = "half \ud83d"

    store.add_turns([Turn(broken, broken, ring=broken)])
    store.add_entries([{"content": "A cat.", "comment": broken}])

    assert store.log()[0].said == "half ?"
    assert store.entries()[0]["comment"] == broken
    store.close()


async def test_half_a_character_costs_no_turn_after_it():
    mind = mind_of()
    mind.heard(Said("half \ud83d", "en"), "What \udc00?")

    assert "half ?" in said_in(mind.chat(Said("And \ud83d?", "en")))
    await mind.close()


def test_what_changed_elsewhere_is_taken_over_within_10_ms_among_thousands(path):
    store, spent = MemoryStore(path), []
    store.add_entries(fact.entry() for fact in others(2000))
    known = len(store.facts())
    other = sqlite3.connect(path, isolation_level=None)
    for number in range(5):
        other.execute("DELETE FROM facts WHERE id = ?", (number + 2,))
        begun = time.perf_counter()
        with store.briefly():
            spent.append(time.perf_counter() - begun)

    assert len(store.facts()) == known - 5
    assert min(spent) < 0.010
    other.close()
    store.close()


async def test_nobody_waits_for_who_is_writing(path):
    mind = mind_of(path=path)
    mind.heard(Said(SECRET, "en"), "I see.")
    await mind._memory._writing.end()
    writer = sqlite3.connect(path, isolation_level=None)
    writer.execute("BEGIN EXCLUSIVE")
    begun = time.perf_counter()

    assert "zanzibar" in said_in(mind.chat(Said("My secret?", "en")))

    assert time.perf_counter() - begun < 1.0
    writer.close()
    await mind.close()
