import time

import pytest

from mynah.characters.keys import ALL_S, MOST_LATE, SEARCH_S
from mynah.characters.lorebook import Lorebook
from tests.bridge.lore import book, entry, found, world


class TestKeys:
    def test_any_key_is_enough_and_content_comes_once(self):
        lore = book(entry("lore", ("cat", "dog")))

        assert found(lore, "a cat and a dog and a cat") == ["lore"]
        assert found(lore, "a bird") == []

    def test_capitals_count_only_if_the_entry_says_so(self):
        assert found(book(entry(keys=["Cat"])), "cat") == ["lore"]
        assert found(book(entry(keys=["Cat"], case_sensitive=True)), "cat") == []
        assert found(book(entry(keys=["Cat"], case_sensitive=True)), "Cat") == ["lore"]

    @pytest.mark.parametrize(
        ("key", "text", "is_there"),
        [
            ("cat", "concatenate", False),
            ("cat", "concatenate the cat!", True),
            ("cat", "cat_food", False),
            ("猫", "一只猫猫", True),
            ("tea", "喝tea吧", True),
            ("new york", "in new york.", True),
        ],
    )
    def test_whole_words_are_not_found_inside_others(self, key, text, is_there):
        lore = book(entry(keys=[key], extensions={"match_whole_words": True}))

        assert bool(found(lore, text)) is is_there

    def test_names_stand_in_keys(self):
        raw = {"entries": [entry(keys=["{{CHAR}}"]), entry("of user", keys=["{{user}}"])]}

        assert found(Lorebook.of(raw, char="Mochi", user="Ann"), "mochi and ann") == [
            "lore",
            "of user",
        ]

    def test_an_entry_without_words_adds_nothing(self):
        assert found(book(entry(" ")), "key") == []

    def test_a_disabled_entry_is_never_found(self):
        lore = book(entry("@@activate\nlore", enabled=False, constant=True))

        assert found(lore, "key") == []

    def test_a_constant_needs_no_key(self):
        assert found(book(entry(keys=[], constant=True)), "nothing") == ["lore"]


class TestRegex:
    def test_keys_are_expressions_where_the_entry_says_so(self):
        assert found(book(entry(keys=[r"c.t\b"], use_regex=True)), "a cut") == ["lore"]
        assert found(book(entry(keys=[r"c.t\b"])), "a cut") == []

    def test_an_invalid_one_is_no_match(self):
        assert found(book(entry(keys=["("], use_regex=True)), "(") == []

    def test_constant_and_secondary_keys_do_not_count_beside_it(self):
        lore = book(
            entry("a", keys=["no"], use_regex=True, constant=True),
            entry("b", keys=["c.t"], use_regex=True, selective=True, secondary_keys=["never"]),
        )
        assert found(lore, "cat") == ["b"]

    @pytest.mark.parametrize(
        ("key", "text", "is_there"),
        [
            ("/c.t/", "CAT", False),
            ("/c.t/i", "CAT", True),
            (r"/\p{Han}{2}/u", "你好", True),
            (r"/(?<first>.)\k<first>/", "aa", True),
            ("/a.b/s", "a\nb", True),
            ("/not closed", "/not closed", True),
        ],
    )
    def test_slashes_as_sillytavern_writes_them(self, key, text, is_there):
        assert bool(found(world({"content": "lore", "key": [key]}), text)) is is_there

    def test_sillytaverns_own_use_regex_means_slashes(self):
        extensions = {"selectiveLogic": 0, "position": 0}
        lore = book(entry(keys=["C++ (a"], use_regex=True, extensions=extensions))

        assert found(lore, "I write C++ (a lot)") == ["lore"]

    @pytest.mark.parametrize("key", ["(a+)+$", "(a|aa)*$", "(.*a){20}b", "((a{1,9}){1,9}){1,9}b"])
    def test_one_that_never_ends_is_given_up_and_not_tried_again(self, key):
        lore = book(entry(keys=[key], use_regex=True), entry("other", keys=["aaa"]))
        text = "a" * 5000 + "!"

        begin = time.perf_counter()
        for _ in range(MOST_LATE):
            assert lore.slow_keys == []
            assert found(lore, text) == ["other"]
        assert time.perf_counter() - begin < 100 * SEARCH_S  # a busy computer's
        assert lore.slow_keys == [key]
        assert found(lore, text) == ["other"]

    def test_five_hundred_that_never_end_cost_one_allowance(self):
        lore = book(*(entry(keys=[f"(a+)+{at}$"], use_regex=True) for at in range(500)))

        begin = time.perf_counter()
        found(lore, "a" * 5000 + "!")
        assert time.perf_counter() - begin < 25 * ALL_S  # a busy computer's

    def test_one_of_a_book_in_length_is_not_compiled(self):
        assert found(book(entry(keys=["a" * 5000], use_regex=True)), "a" * 6000) == []


class TestSecondaryKeys:
    def test_selective_wants_one_of_each(self):
        lore = book(entry(selective=True, secondary_keys=["red", "blue"]))

        assert found(lore, "a key") == []
        assert found(lore, "a blue key") == ["lore"]
        assert found(book(entry(selective=False, secondary_keys=["red"])), "a key") == ["lore"]

    @pytest.mark.parametrize(
        ("logic", "none", "one", "both"),
        [
            (0, False, True, True),
            (1, True, True, False),
            (2, True, False, False),
            (3, False, False, True),
        ],
    )
    def test_sillytaverns_four_logics(self, logic, none, one, both):
        lore = world({"content": "lore", "keysecondary": ["red", "blue"], "selectiveLogic": logic})
        texts = ("a key", "a red key", "a red and blue key")

        assert [bool(found(lore, text)) for text in texts] == [none, one, both]
