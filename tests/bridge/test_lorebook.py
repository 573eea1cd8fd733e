import re
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mynah.characters import decorators
from mynah.characters.lore_state import LoreState
from mynah.characters.lorebook import Lorebook
from mynah.characters.view import AtDepth
from mynah.errors import UserError
from tests.bridge.lore import PLENTY, book, entry, found, world
from tests.bridge.strange_cards import ANYTHING
from tests.bridge.took import took_s


class TestDepth:
    MESSAGES = ("the key", "two", "three", "four", "five")

    def test_only_the_last_messages_are_looked_at(self):
        assert found(book(entry(), scan_depth=4), *self.MESSAGES) == []
        assert found(book(entry(), scan_depth=5), *self.MESSAGES) == ["lore"]

    def test_an_entry_may_look_deeper_than_its_book(self):
        deeper = entry(extensions={"scan_depth": 9})
        decorated = entry("@@scan_depth 9\ndecorated")

        assert found(book(deeper, decorated, scan_depth=1), *self.MESSAGES) == ["lore", "decorated"]

    def test_words_stand_at_their_depth_with_their_role(self):
        lore = book(
            entry("@@depth 2\n@@role user\na", constant=True),
            entry("@@reverse_depth 1\nb", constant=True),
            entry("c", constant=True, extensions={"position": 4, "depth": 1, "role": 2}),
        )
        got = lore.activate(self.MESSAGES, 1, PLENTY, Random(1))

        assert got.at_depth == (
            AtDepth(4, "system", "b"),
            AtDepth(2, "user", "a"),
            AtDepth(1, "assistant", "c"),
        )


class TestPosition:
    def test_order_and_place_in_the_prompt(self):
        lore = book(
            entry("second", constant=True, insertion_order=20, position="before_char"),
            entry("first", constant=True, insertion_order=10, position="before_char"),
            entry("behind", constant=True, insertion_order=1, position="after_char"),
            entry("@@position personality\ndecorated", constant=True, insertion_order=2),
        )
        got = lore.activate([], 1, PLENTY, Random(1))

        assert got.before == ("first", "second")
        assert got.after == ("behind", "decorated")

    @pytest.mark.parametrize(
        ("position", "place"), [(0, "before"), (1, "after"), (2, "at_depth"), (5, "after")]
    )
    def test_sillytaverns_numbers(self, position, place):
        got = world({"content": "x", "constant": True, "position": position}).activate(
            [], 1, PLENTY, Random(1)
        )
        assert [name for name in ("before", "after", "at_depth") if getattr(got, name)] == [place]


class TestBudget:
    def test_the_lowest_priority_is_dropped_first(self):
        entries = [
            entry("a" * 400, constant=True, priority=1, insertion_order=900),
            entry("b" * 400, constant=True, priority=3, insertion_order=1),
            entry("c" * 400, constant=True, priority=2, insertion_order=2),
        ]
        assert [each[0] for each in found(book(*entries), budget=220)] == ["b", "c"]
        assert [each[0] for each in found(book(*entries, token_budget=110))] == ["b"]

    def test_without_priorities_the_lowest_order_is(self):
        entries = [
            entry(name * 400, constant=True, insertion_order=at) for at, name in enumerate("abc")
        ]
        got = book(*entries).activate([], 1, 220, Random(1))

        assert [each[0] for each in got.before] == ["b", "c"]
        assert got.dropped == ("#0",)


class TestRecursion:
    def test_words_of_an_entry_bring_up_others_if_the_book_allows_it(self):
        entries = (entry("a dragon", ["cave"]), entry("breathes fire", ["dragon"]))

        assert found(book(*entries, recursive_scanning=True), "cave") == [
            "a dragon",
            "breathes fire",
        ]
        assert found(book(*entries, recursive_scanning=False), "cave") == ["a dragon"]

    def test_an_entry_that_brings_up_itself_comes_once(self):
        lore = book(
            entry("key key key"), entry("key again", ["again", "key"]), recursive_scanning=True
        )

        assert found(lore, "key") == ["key key key", "key again"]

    def test_a_ring_of_entries_comes_to_an_end(self):
        ring = [entry(f"w{(at + 1) % 50}x", [f"w{at}x"]) for at in range(50)]

        assert 1 < len(found(book(*ring, recursive_scanning=True), "w0x")) < 50

    def test_recursion_can_be_refused_and_waited_for(self):
        lore = book(
            entry("dragon", ["cave"]),
            entry("not by lore", ["dragon"], extensions={"exclude_recursion": True}),
            entry("only by lore", ["cave"], extensions={"delay_until_recursion": True}),
            entry("quiet dragonfly", ["cave"], extensions={"prevent_recursion": True}),
            entry("never", ["dragonfly"]),
            recursive_scanning=True,
        )
        assert found(lore, "cave") == ["dragon", "only by lore", "quiet dragonfly"]
        assert "not by lore" in found(lore, "dragon")

    def test_hidden_keys_bring_up_and_comments_do_not(self):
        lore = book(
            entry("a{{hidden_key:moon}}{{// sun}}{{comment: star}}", ["key"]),
            entry("of moon", ["moon"]),
            entry("of sun", ["sun"]),
            entry("of star", ["star"]),
            recursive_scanning=True,
        )
        assert found(lore, "key")[1:] == ["of moon"]


class TestChance:
    def test_the_die_is_cast_once_however_often_lore_brings_it_up(self):
        chance = entry("by chance", ["key"], extensions={"probability": 50})
        ring = [entry(f"key w{at + 1}x", [f"w{at}x", "key"]) for at in range(4)]
        lore = book(chance, *ring, recursive_scanning=True)
        came = sum("by chance" in found(lore, "key", seed=seed) for seed in range(200))

        assert 70 < came < 130

    def test_the_same_seed_gives_the_same_lore(self):
        lore = book(*(entry(str(at), extensions={"probability": 50}) for at in range(100)))
        first, again, other = (found(lore, "key", seed=seed) for seed in (1, 1, 2))

        assert first == again != other
        assert 30 < len(first) < 70

    def test_a_chance_that_is_not_used_is_none(self):
        lore = world({"content": "lore", "probability": 0, "useProbability": False})

        assert found(lore, "key") == ["lore"]
        assert found(world({"content": "lore", "probability": 0}), "key") == []


class TestGroups:
    def test_one_of_a_group_is_chosen_by_weight(self):
        lore = book(
            entry("a", extensions={"group": "g", "group_weight": 90}),
            entry("b", extensions={"group": "g", "group_weight": 10}),
            entry("c"),
        )
        drawn = [found(lore, "key", seed=seed) for seed in range(200)]

        assert all(len(each) == 2 and each[1] == "c" for each in drawn)
        assert 150 < sum(each[0] == "a" for each in drawn) < 198

    def test_an_override_takes_the_highest_order(self):
        low = entry("low", insertion_order=1, extensions={"group": "g", "group_override": True})
        high = entry("high", insertion_order=2, extensions={"group": "g", "group_override": True})

        assert found(book(high, low), "key") == ["high"]

    def test_scoring_takes_who_is_mentioned_more(self):
        scored = {"group": "g", "use_group_scoring": True}
        lore = book(
            entry("a", ["key"], extensions=scored),
            entry("b", ["key", "lock"], extensions=scored),
        )
        assert found(lore, "key and lock") == ["b"]


class TestTime:
    """A turn is two messages; the first has number 1."""

    def after(self, lore, turn, text, state):
        got = lore.activate([text], turn, PLENTY, Random(1), state)
        return bool(got.ids), got.state

    def walk(self, lore, *texts):
        """Whether the entry is there in each of these turns."""
        state, there = LoreState(), []
        for turn, text in enumerate(texts):
            is_there, state = self.after(lore, turn, text, LoreState.of_json(state.as_json()))
            there.append(is_there)
        return there

    def test_sticky_stays_for_so_many_messages(self):
        lore = book(entry(extensions={"sticky": 5}))

        assert self.walk(lore, "key", "", "", "", "") == [True, True, True, False, False]

    def test_cooldown_rests_after_that(self):
        lore = book(entry(extensions={"sticky": 2, "cooldown": 4}))

        assert self.walk(lore, "key", "key", "key", "key") == [True, False, False, True]

    def test_delay_waits_for_so_many_messages(self):
        for delay, there in ((1, [True] * 3), (3, [False, True, True]), (4, [False, False, True])):
            lore = book(entry(extensions={"delay": delay}))
            assert self.walk(lore, "key", "key", "key") == there

    def test_a_turn_that_is_thrown_away_leaves_nothing(self):
        lore = book(entry(extensions={"cooldown": 9}))
        first = lore.activate(["key"], 0, PLENTY, Random(1))

        assert first.ids == lore.activate(["key"], 0, PLENTY, Random(1)).ids == ("#0",)

    @pytest.mark.parametrize(
        ("decorator", "there"),
        [
            ("@@activate_only_after 2", [False, False, True, True]),
            ("@@activate_only_every 2", [True, False, True, False]),
            ("@@dont_activate_after_match", [True, False, False, False]),
        ],
    )
    def test_decorators_count_the_characters_messages(self, decorator, there):
        assert self.walk(book(entry(f"{decorator}\nlore")), *["key"] * 4) == there

    def test_once_found_it_may_stay_for_good(self):
        lore = book(entry("@@keep_activate_after_match\nlore"))

        assert self.walk(lore, "", "key", "", "") == [False, True, True, True]


class TestDecorators:
    @pytest.mark.parametrize(
        ("content", "messages", "is_there"),
        [
            ("@@activate\nlore", "nothing", True),
            ("@@dont_activate\nlore", "key", False),
            ("@@activate\n@@dont_activate\nlore", "nothing", True),
            ("@@exclude_keys red,blue\nlore", "a blue key", False),
            ("@@exclude_keys red,blue\nlore", "a key", True),
            ("@@additional_keys red,blue\nlore", "a key", False),
            ("@@additional_keys red,blue\nlore", "a red key", True),
            ("@@is_greeting 1\nlore", "key", False),
            ("@@is_greeting 0\nlore", "key", True),
        ],
    )
    def test_those_that_are_obeyed(self, content, messages, is_there):
        assert found(book(entry(content)), messages) == (["lore"] if is_there else [])

    def test_every_one_is_taken_out_of_the_words(self):
        unknown = "@@unknown 4\n@@@also_unknown\n@@depth x\n@@is_user_icon me\r\n\r\n\n"
        content = unknown + "lore @@ here\n@@mid"

        assert decorators.parse(content).text == "lore @@ here\n@@mid"
        assert decorators.parse(content).found == {}

    def test_a_fallback_counts_where_the_first_is_not_known(self):
        chain = decorators.parse(
            "@@unknown 1\n@@@other 2\n@@@depth 3\n@@scan_depth 4\n@@@role user\nx"
        )

        assert chain.found == {"depth": "3", "scan_depth": "4"}

    def test_the_first_of_a_name_counts(self):
        assert decorators.parse("@@depth 1\n@@depth 2\nx").number("depth") == 1

    def test_nothing_but_decorators_is_no_lore(self):
        assert decorators.parse("@@depth 1").text == ""

    @given(st.text(max_size=60))
    def test_words_without_them_are_left_alone(self, words):
        words = words.replace("@", "").replace("\r", "").strip("\n")
        if words.strip():
            assert decorators.parse(words).text.strip() == words.strip()


@pytest.mark.parametrize(
    "raw",
    [
        {"spec": "lorebook_v3", "data": {"entries": [entry()]}},
        {"kind": "memory", "entries": [{"keywords": ["key"], "entry": "lore", "weight": 1}]},
        {"type": "risu", "data": [{"key": "key, other", "content": "lore", "insertorder": 1}]},
    ],
    ids=["lorebook_v3", "agnai", "risu"],
)
def test_other_shapes_of_books_are_read(raw):
    assert found(Lorebook.of(raw), "a key") == ["lore"]


def test_entries_of_one_id_are_told_apart():
    lore = book(entry("a", id=1), entry("b", id=1), entry("c", ["other"], id=1))

    assert found(lore, "key") == ["a", "b"]


@pytest.mark.parametrize("raw", [{}, {"entries": 3}])
def test_what_is_no_book_is_refused(raw):
    with pytest.raises(UserError):
        Lorebook.of(raw)


NAMES = st.sampled_from(
    [
        *("keys", "content", "constant", "position", "priority", "insertion_order", "selective"),
        *("secondary_keys", "extensions", "probability", "sticky", "group", "role", "depth"),
        *("id", "enabled", "key", "order", "selectiveLogic", "scan_depth", "use_regex"),
    ]
)


@given(st.lists(st.dictionaries(NAMES, ANYTHING), max_size=4), st.lists(st.text(), max_size=3))
@settings(max_examples=60, deadline=None)
def test_entries_of_any_types_do_no_harm(entries, messages):
    lore = Lorebook.of({"entries": entries, "recursive_scanning": True})

    lore.activate(messages, 3, 100, Random(1))


def test_five_hundred_entries_are_matched_in_a_fifth_of_the_time_that_a_search_for_each_key_takes():
    words = [
        f"{first}{second}" for first in "bcdfghklmn" for second in ("ala", "emo", "ira", "onu")
    ]
    entries = [
        entry(f"about {words[at % 40]} {at}", [f"{words[at % 40]}{at}", f"别名{at}", f"third {at}"])
        for at in range(500)
    ]
    lore = book(*entries, scan_depth=20)
    messages = [
        f"we talked about bala{at} and 别名{at * 3} for an hour, didn't we?" for at in range(20)
    ]

    def one_by_one():
        text = "\n".join(messages)
        return [re.search(rf"\b{key}\b", text) for each in entries for key in each["keys"]]

    got = lore.activate(messages, 9, 1000, Random(1))
    assert len(got.ids) + len(got.dropped) > 20
    assert took_s(lambda: lore.activate(messages, 9, 1000, Random(1))) < took_s(one_by_one) / 5
