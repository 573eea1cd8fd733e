"""Cards and lore that cost more than they look: time, memory, or the whole program."""

import io
import json
import sys
import time
import zipfile

import pytest

from mynah.characters import archive, png
from mynah.characters.capsule import CHAT, taken_apart
from mynah.characters.card import is_card, new_card
from mynah.characters.chats import pasted
from mynah.characters.decorators import parse
from mynah.characters.examples import pairs
from mynah.characters.expressions import MOST_CHARACTERS, MOST_WORD, bounded, compiled
from mynah.characters.keys import ALL_S, TURN_S, Searcher
from mynah.characters.limits import (
    MOST_ENTRIES,
    MOST_EXPRESSIONS,
    MOST_KEYS,
    MOST_KEYS_OF_ENTRY,
    MOST_MEMBERS,
    MOST_NAME_CHARACTERS,
)
from mynah.characters.reading import read
from mynah.characters.rescue import rescued
from mynah.characters.writing import written
from mynah.errors import UserError
from tests.bridge.lore import book, entry, found
from tests.bridge.strange_cards import as_png, charx

LONG_S = "\u017f"
"""With capitals left out it is an s."""

SOON_S = 2.0
"""A busy computer's; what is refused here took minutes."""


@pytest.fixture
def soon():
    """The test is over soon."""
    begin = time.perf_counter()
    yield
    assert time.perf_counter() - begin < SOON_S


class TestExpressions:
    @pytest.mark.parametrize(
        "pattern",
        [
            LONG_S * 1900,
            "(?i:" + "k" * 900 + ")",
            "(?if)" + "ß" * 100,
            "|".join(["s" * (MOST_WORD + 1), "t"]),
            "[s]" * (MOST_WORD + 1),
            "(?:(?:|a){1000}){1000}c",
            "(?:(?:a?){1000}){1000}",
            "((a{1,99}){1,99}){1,99}b",
            "a{1001}",
            "a{9999999999999}",
            r"(a)" + r"\1{300}" * 30,
            "(?R)",
            "(?&x)(?P<x>a)",
            "(?:abc){e<=3}",
            "(?>a+)",
            "(*FAIL)",
            "a" * (MOST_CHARACTERS + 1),
        ],
        ids=lambda pattern: pattern[:20],
    )
    def test_what_has_more_than_javascript_or_would_not_hold_its_time_is_refused(self, pattern):
        got = bounded(pattern)

        assert got is None or r"\{e<=3}" in got[0]  # likeness is a word in braces
        assert got is not None or compiled(pattern, "i") is None

    @pytest.mark.parametrize(
        ("pattern", "text"),
        [
            (r"\b(?:dragon|wyrm)s?\b.{0,50}?fire", "dragons breathe fire"),
            (r"(?:\w+\s+){0,20}end", "in the end"),
            (r"(?<year>\d{4})-\k<year>", "2024-2024"),
            (r"(?<!no )(?<=a )cat(?=s)(?! dog)", "a cats"),
            ("(?i)cat", "CAT"),
            (r"[{}|(*\]]{3}", "{|]"),
            ("a{x}{,3}", "a{x}{,3}"),
            ("|".join(["name"] * 190), "name"),
            (r"\p{Han}{2,}", "你好"),
        ],
    )
    def test_what_honest_cards_have_is_found(self, pattern, text):
        assert Searcher().found((pattern, ""), text)

    def test_the_longest_word_that_is_taken_holds_its_time(self):
        searcher = Searcher()
        searcher.begin()

        begin = time.perf_counter()
        searcher.found(("(?i:" + LONG_S * (MOST_WORD - 3) + ")", ""), "a" * 50_000)
        assert time.perf_counter() - begin < 25 * ALL_S

    def test_compiling_counts_as_well(self):
        now = iter(range(1000))
        searcher = Searcher(lambda: next(now))
        searcher.begin()

        assert searcher.found(("a", ""), "a")
        assert not searcher.found(("b", ""), "b")  # a second is more than there is in a turn


class TestLore:
    def test_twenty_thousand_expressions_are_cut_and_told(self, soon):
        lore = book(*(entry(keys=[f"a{at}(b|c)"], use_regex=True) for at in range(9000)))

        assert lore.told == (
            f"too much lore to be looked through: without {9000 - MOST_EXPRESSIONS} keys"
        )
        assert found(lore, "a7b") == ["lore"]

    def test_ten_thousand_keys_of_one_entry_are_cut_and_told(self):
        lore = book(entry(keys=[f"key{at}" for at in range(10_000)]))

        assert len(lore.entries[0].keys) == MOST_KEYS_OF_ENTRY
        assert f"{10_000 - MOST_KEYS_OF_ENTRY} keys" in lore.told

    def test_a_book_has_so_many_keys_and_entries_and_the_first_count(self):
        keys = [f"key{at}" for at in range(MOST_KEYS_OF_ENTRY)]
        lore = book(*(entry(keys=keys) for _ in range(MOST_KEYS // MOST_KEYS_OF_ENTRY + 2)))
        assert sum(len(each.keys) for each in lore.entries) == MOST_KEYS
        many = book(*({} for _ in range(MOST_ENTRIES + 3)))

        assert len(many.entries) == MOST_ENTRIES
        assert many.told == "too much lore to be looked through: without 3 entries"
        assert book(entry()).told == ""

    def test_five_thousand_groups_take_no_time(self, soon):
        lore = book(*(entry(f"{at}", extensions={"group": f"g{at}"}) for at in range(5000)))

        assert len(found(lore, "key", budget=10**9)) == 5000

    def test_lore_that_brings_up_books_of_lore_takes_no_time(self, soon):
        loud = entry("x" * 10**6, constant=True)
        others = (entry(keys=["a" * 50 + "b"]) for _ in range(2000))
        lore = book(loud, *others, recursive_scanning=True)

        assert len(found(lore, "a" * 40_000, budget=10**9)) == 1

    def test_words_have_their_time_as_expressions_do(self):
        now = [0.0]
        searcher = Searcher(lambda: now[0])
        assert not searcher.is_late
        now[0] = 2 * TURN_S

        assert searcher.is_late
        searcher.begin()
        assert not searcher.is_late

    def test_weights_without_end_still_make_a_choice(self):
        group = {"group": "g", "group_weight": 1e308}
        lore = book(*(entry(name, extensions=group) for name in "abc"))

        assert len(found(lore, "key")) == 1


def test_a_name_of_a_million_letters_is_cut_where_it_is_used():
    view = new_card({"name": "N" * 10**6, "nickname": "M" * 10**6}).view

    assert (len(view.name), len(view.called)) == (MOST_NAME_CHARACTERS, MOST_NAME_CHARACTERS)


@pytest.mark.parametrize("number", ["1e999", "-1e999", "NaN", "Infinity"])
def test_a_number_that_json_can_not_say_stays_in_the_file_and_an_edit_can_be_read(number):
    content = f'{{"spec": "chara_card_v2", "data": {{"name": "a", "x": {number}}}}}'.encode()
    card = read(content, "it")
    after = read(written(card.edited({"description": "b"})), "it")

    assert written(card) == content
    assert after.data["x"] in (sys.float_info.max, -sys.float_info.max, None)
    assert after.view.description == "b"


@pytest.mark.parametrize("spec", [[], {}, 3, None])
def test_a_spec_of_any_type_is_no_trouble(spec):
    assert is_card({"spec": spec, "data": {"name": "a"}})
    assert not is_card({"spec": spec, "data": {"x": "a"}})


class TestZip:
    def zipped(self, kind):
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w", kind) as opened:
            opened.writestr("card.json", json.dumps({"spec": "chara_card_v2", "data": {}}) * 9)
        return bytearray(content.getvalue())

    @pytest.mark.parametrize("kind", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
    def test_what_takes_as_much_memory_as_it_asks_for_is_not_unpacked(self, kind):
        with pytest.raises(UserError, match=r"^it: 'card\.json' in it is packed oddly"):
            read(bytes(self.zipped(kind)), "it")

    @pytest.mark.parametrize("at", [0, 6, 12, 20])
    def test_what_is_broken_inside_is_one_line(self, at):
        content = self.zipped(zipfile.ZIP_DEFLATED)
        content[content.index(b"card.json") + len("card.json") + at] ^= 0xFF

        with pytest.raises(UserError, match=r"^it: "):
            read(bytes(content), "it")

    def test_one_that_wants_more_memory_than_there_is_is_one_line(self, monkeypatch):
        def hungry(*_):
            raise MemoryError

        opened = archive.open_archive(bytes(self.zipped(zipfile.ZIP_DEFLATED)))
        monkeypatch.setattr(zipfile.ZipExtFile, "read", hungry)

        with pytest.raises(UserError, match=r"'card\.json' in it can't be unpacked: MemoryError"):
            opened.read("card.json")

    def test_twenty_thousand_conversations_that_are_not_there_are_one_line(self, soon):
        chats = [{"type": CHAT, "uri": f"embeded://c{at}"} for at in range(20_000)]
        soul = taken_apart(charx({"spec": "chara_card_v3", "data": {"assets": chats}}), "it")

        (line,) = soul.told
        assert line == "c0 was left out: it is not in the file, nor are 19999 others"
        assert "assets" not in soul.card.data

    def test_one_picture_under_ten_thousand_names_is_packed_as_often_as_is_read_again(self, soon):
        one = {"type": "x", "uri": "__asset:0", "name": "a", "ext": "png"}
        raw = {"spec": "chara_card_v3", "data": {"name": "a", "assets": [one] * 10_000}}
        chunk = {"chara-ext-asset_:0": png.packed(b"x")}
        card = read(as_png(ccv3=png.packed(json.dumps(raw).encode()), **chunk), "it")

        again = read(written(card, "charx"), "it")
        assert len(archive.open_archive(again.file).names) == MOST_MEMBERS

    def test_a_card_that_calls_itself_a_conversation_stays_a_card(self):
        assets = [{"type": CHAT, "uri": "embeded://card.json"}]
        content = charx({"spec": "chara_card_v3", "data": {"name": "a", "assets": assets}})

        assert taken_apart(content, "it").card.view.name == "a"


@pytest.mark.usefixtures("soon")
class TestLines:
    def test_of_nothing_but_white_space(self):
        assert pairs("\n" * 200_000, "x") == ()
        assert parse("@@depth" + " " * 50_000 + "x" + " " * 50_000 + "y").text == ""
        pasted.speakers("a" + " " * 50_000 + "b\n, " + " " * 50_000 + "b")

    def test_that_go_on_for_ever(self):
        text = "me: hi\nMochi: yo\n" + "and on\n" * 200_000

        assert len(pasted.read(text, "me", "Mochi").lines) == 2

    def test_of_brackets_that_never_close(self):
        odd = ("(" * 50_000, "（" * 50_000, "【" * 50_000, "!" * 50_000 + "x")
        text = "\n".join(f"me: hi\nMochi: {line}" for line in odd)

        assert rescued([pasted.read(text, "me", "Mochi")], "Mochi").view.name == "Mochi"
