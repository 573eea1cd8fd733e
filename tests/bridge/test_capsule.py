import json
import stat
from contextlib import closing
from dataclasses import replace

import pytest

from mynah.characters import archive, jsons, png
from mynah.characters.assets import portrait_of
from mynah.characters.capsule import Soul, packed, taken_apart
from mynah.characters.home_folder import Folder, all_folders, find, folder_name
from mynah.characters.lorebook import Lorebook
from mynah.characters.moving_in import move_in, remember, settle, soul_of
from mynah.characters.reading import read
from mynah.characters.writing import written
from mynah.errors import UserError
from mynah.memory.fact import Fact
from mynah.memory.log import Turn
from mynah.memory.store import MemoryStore
from tests.bridge.strange_cards import MOCHI, card_png, charx

TURNS = (
    Turn("hi", "yo", 1700000000.5, "local", "en"),
    Turn("from elsewhere", "old", 1600000000.0, source="st: a/b"),
    Turn("again", "", 1700000100.0, ring="hugged"),
)
FACT = Fact("{{user}} drinks jasmine tea", ("tea", "茉莉"), created=1700000000.0).entry()


@pytest.fixture(autouse=True)
def _own_data(monkeypatch, tmp_path):
    monkeypatch.setenv("MYNAH_DATA", str(tmp_path / "data"))


def mochi(kind="json"):
    card = read(jsons.write(MOCHI), "mochi.json")
    return read(written(card, kind), f"mochi.{kind}")


def soul(kind="json"):
    return Soul(mochi(kind), (FACT,), TURNS, "joe", png.plain(2, 2, (5, 5, 5)))


@pytest.mark.parametrize("kind", ["json", "png", "charx"])
def test_a_soul_survives_its_capsule(kind):
    before = soul(kind)
    after = taken_apart(packed(before, "Ann"), "mochi.charx")

    assert after.entries == before.entries
    assert sorted(after.turns, key=lambda turn: turn.at) == sorted(TURNS, key=lambda turn: turn.at)
    assert after.voice == "joe"
    assert portrait_of(after.card) == before.portrait
    assert after.card.data["character_book"] == MOCHI["data"]["character_book"]
    assert after.card.view.examples == before.card.view.examples
    assert after.told == ()


def test_a_second_capsule_of_the_same_soul_is_the_same():
    once = packed(soul("charx"), "Ann")
    twice = packed(taken_apart(once, "a.charx"), "Ann")

    first, second = archive.open_archive(once), archive.open_archive(twice)
    assert set(first.names) == set(second.names)
    for name in first.names:
        if name == "card.json":
            assert json.loads(first.read(name)) == json.loads(second.read(name))
        else:
            assert first.read(name) == second.read(name)


def test_other_programs_find_memory_as_lore_and_chats_as_sillytavern_writes_them():
    capsule = packed(soul(), "Ann")
    card = read(capsule, "mochi.charx")
    opened = archive.open_archive(capsule)

    lore = Lorebook.of(card.view.book).activate(["some tea?"], 1, 1000, None)
    assert "{{user}} drinks jasmine tea" in lore.before
    chats = [asset for asset in card.data["assets"] if asset["ext"] == "jsonl"]
    assert [asset["uri"] for asset in chats] == [
        "embeded://assets/other/other/mynah.jsonl",
        "embeded://assets/other/other/st_a_b.jsonl",
    ]
    head, first, *_ = opened.read("assets/other/other/mynah.jsonl").decode().splitlines()
    assert json.loads(head)["user_name"] == "Ann"
    assert json.loads(first)["mes"] == "hi"


def test_what_is_taken_out_of_a_capsule_stays_nowhere_in_its_card():
    kept = taken_apart(packed(soul(), "Ann"), "mochi.charx").card

    inside = [
        archive.open_archive(kept.file).read(n) for n in archive.open_archive(kept.file).names
    ]
    assert not any(b"jasmine" in content or b"elsewhere" in content for content in inside)
    assert read(kept.file, "again").raw == kept.raw


def test_a_card_that_is_no_capsule_is_left_as_it_came():
    for content in (jsons.write(MOCHI), card_png(MOCHI), charx(MOCHI)):
        apart = taken_apart(content, "it")

        assert apart == Soul(read(content, "it"))
        assert apart.card.file == content


def test_a_memory_without_a_book_makes_one_and_takes_it_away():
    bare = read(jsons.write({"name": "Mo", "first_mes": "hi"}), "mo.json")
    capsule = packed(Soul(bare, (FACT,)), "Ann")

    assert len(read(capsule, "it").view.book["entries"]) == 1
    assert taken_apart(capsule, "it").card.view.book is None


def test_a_chat_that_is_broken_is_told_and_the_rest_arrives():
    capsule = archive.open_archive(packed(soul(), "Ann"))
    for damage in (b"{", None):
        content = capsule.rewritten({"assets/other/other/mynah.jsonl": damage})
        after = taken_apart(content, "it")

        assert [turn.source for turn in after.turns] == ["st: a/b"]
        assert len(after.told) == 1
        assert "mynah.jsonl was left out" in after.told[0]


class TestHome:
    def test_a_character_moves_in_with_all_it_has_and_out_again(self, tmp_path):
        path = tmp_path / "mochi.charx"
        path.write_bytes(packed(soul(), "Ann"))
        moved = move_in(path)

        assert (moved.folder.name, moved.facts, moved.turns) == ("Mochi the cat", 1, 3)
        assert find("mochi THE cat").voice == "joe"
        with closing(MemoryStore(moved.folder.memory_file)) as memory:
            assert [fact.content for fact in memory.facts()] == ["{{user}} drinks jasmine tea"]
        out = soul_of(moved.folder)
        assert [replace(turn, id=0) for turn in out.turns] == list(
            TURNS[:1] + TURNS[2:] + TURNS[1:2]
        )
        assert taken_apart(packed(out, "Ann"), "it").entries[0]["content"] == FACT["content"]

    def test_the_same_twice_is_refused_or_replaces_the_card_alone(self):
        settle(soul(), "Mochi")
        with pytest.raises(UserError, match="lives here already"):
            settle(soul(), "mochi/")
        again = settle(Soul(mochi("png"), (FACT,), TURNS), "Mochi", replacing=True)

        assert (again.facts, again.turns) == (0, 0)
        assert [file.name for file in again.folder.path.glob("card.*")] == ["card.png"]

    def test_a_card_is_kept_byte_for_byte(self, tmp_path):
        content = b"\xef\xbb\xbf" + json.dumps(MOCHI, indent=1).replace("\n", "\r\n").encode()
        path = tmp_path / "mochi.json"
        path.write_bytes(content)

        folder = move_in(path, "Mo").folder
        assert folder.card_file.read_bytes() == content
        assert stat.S_IMODE(folder.path.stat().st_mode) == 0o700

    def test_conversations_are_remembered_once(self):
        from mynah.characters.chats.reading import read as read_chats

        folder = settle(Soul(mochi()), "Mochi").folder
        chats = read_chats(b"me: hi\nMochi: yo\nme: a\nMochi: b", "paste")

        assert remember(folder, chats, "paste") == 2
        assert remember(folder, chats, "paste") == 0
        assert remember(folder, chats, "another name of the file") == 0

    def test_nobody_and_a_folder_without_a_card_are_not_there(self, tmp_path):
        (tmp_path / "data" / "characters" / "empty").mkdir(parents=True)

        assert all_folders() == []
        with pytest.raises(UserError, match="there is none yet"):
            find("Mochi")
        settle(Soul(mochi()), "Mochi")
        with pytest.raises(UserError, match="there are: Mochi"):
            Folder("nobody").card()

    @pytest.mark.parametrize(
        ("name", "safe"),
        [
            ("Mochi", "Mochi"),
            ("麻薯 🐱", "麻薯 🐱"),
            ("../../etc/passwd", "etc passwd"),
            ("mynah", "mynah_"),
            ("a:b|c?\x00d\u202e", "a b c d"),
            ("con", "con_"),
            (" .hidden. ", "hidden"),
            ("x" * 200, "x" * 60),
        ],
    )
    def test_a_name_is_one_folder_and_no_path(self, name, safe):
        assert folder_name(name) == safe

    @pytest.mark.parametrize("name", ["", "..", "///", "\x00"])
    def test_a_name_of_nothing_is_refused(self, name):
        with pytest.raises(UserError, match="can't be a folder's name"):
            folder_name(name)
