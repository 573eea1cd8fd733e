import datetime as dt
import time
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mynah.characters.macros import (
    LONGEST,
    MOST_REPLACED,
    Context,
    expand,
    hidden_keys,
    lasting,
    named,
)

NOON = dt.datetime(2026, 5, 3, 12, 4, 5, tzinfo=dt.UTC)


def context(**more):
    return Context(**({"char": "Mochi", "user": "Ann", "now": NOON, "random": Random(1)} | more))


@pytest.mark.parametrize(
    ("text", "expanded"),
    [
        ("{{char}} {{CHAR}} <BOT> <char> <Bot>", "Mochi Mochi Mochi Mochi Mochi"),
        ("{{user}} <USER> {{ user }}", "Ann Ann Ann"),
        ("{{// never said}}a{{comment: nor this}}b{{hidden_key:nor that}}", "ab"),
        ("{{reverse:Hello}}", "olleH"),
        ("{{reverse:{{char}}}}", "ihcoM"),
        ("{{time}} {{date}} {{weekday}}", "12:04 May 3, 2026 Sunday"),
        ("{{isotime}} {{isodate}}", "12:04 2026-05-03"),
        ("{{time_UTC+8}} {{time_UTC-99}}", "20:04 0:04"),
        ("{{timeDiff::2026-05-03::2026-05-01}}", "2 days"),
        ("{{timeDiff::soon::never}}", "{{timeDiff::soon::never}}"),
        ("a{{newline}}b{{noop}}", "a\nb"),
        ("{{setvar::mood::glad}}{{getvar::mood}}{{getvar::none}}", "glad"),
        ("{{unknown}} {{unknown:with {{char}}}} {{}}", "{{unknown}} {{unknown:with Mochi}} {{}}"),
        ("{{ open", "{{ open"),
        ("closed }} {{char", "closed }} {{char"),
        ("{single} <b>bold</b> a < b", "{single} <b>bold</b> a < b"),
        ("{{roll:x}} {{roll:0}} {{roll:999d6}}", "{{roll:x}} {{roll:0}} {{roll:999d6}}"),
        ("{{idle_duration}}", "just now"),
        ("{{random:one}} {{pick::a\\,b}}", "one a,b"),
    ],
)
def test_macros_stand_for_what_the_specification_says(text, expanded):
    assert expand(text, context()) == expanded


def test_dice_and_draws_are_within_their_bounds():
    drawn = {expand("{{random:a,b\\,c,d}}", context(random=Random(seed))) for seed in range(50)}
    assert drawn == {"a", "b,c", "d"}
    assert {expand("{{random::a::b}}", context(random=Random(seed))) for seed in range(50)} == {
        "a",
        "b",
    }
    rolled = {int(expand("{{roll:d6}}", context(random=Random(seed)))) for seed in range(200)}
    assert rolled == set(range(1, 7))
    assert 5 <= int(expand("{{roll 2d6+3}}", context())) <= 15


def test_a_pick_stays_in_one_conversation_and_differs_between_places():
    text = "{{pick:a,b,c,d,e,f,g,h}} {{pick:a,b,c,d,e,f,g,h}} {{pick:a,b,c,d,e,f,g,h}}"
    first, again, other = (
        expand(text, context(seed=seed, random=Random(number)))
        for number, seed in enumerate(("1", "1", "2"))
    )
    assert first == again != other
    assert len(set(first.split())) > 1


def test_original_and_named_values():
    told = context(original="be kind", values={"lastmessage": "hi", "ring_worn": "yes"})

    assert expand("{{original}}, {{lastMessage}}, {{ring_worn}}", told) == "be kind, hi, yes"


def test_nobodys_words_become_a_macro():
    told = context(user="{{char}}", values={"lastmessage": "{{setvar::a::1}}{{roll:6}} <user>"})

    assert (
        expand("{{user}}: {{lastMessage}}", told) == "{{char}}: {{setvar::a::1}}{{roll:6}} <user>"
    )
    assert told.variables == {}


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (dt.timedelta(seconds=9), "a few seconds"),
        (dt.timedelta(minutes=40), "40 minutes"),
        (dt.timedelta(hours=9), "9 hours"),
        (dt.timedelta(days=1, hours=2), "1 day"),
    ],
)
def test_a_span_is_said_as_people_say_it(span, words):
    assert lasting(span) == words
    assert expand("{{idle_duration}}", context(idle=span)) == words


def test_keys_get_names_alone_and_lore_shows_its_hidden_keys():
    assert named("{{Char}} {{user}} {{random:a}}", "M", "A") == "M A {{random:a}}"
    assert hidden_keys("a{{hidden_key: b}}{{//c}}{{comment:d}}") == "a b"


@given(st.text(st.sampled_from("{}:,a|<>/ \\"), max_size=60))
def test_any_braces_come_to_an_end(text):
    expand(text, context())


def test_a_hundred_thousand_braces_take_no_time():
    begin = time.perf_counter()
    expand("{{" * 50_000 + "}}" * 50_000, context())
    expand("{{random:" * 20_000, context())
    assert time.perf_counter() - begin < 2


def test_a_variable_that_is_told_twice_in_the_next_one_and_so_on_comes_to_an_end():
    laughs = "{{setvar::a::{{getvar::a}}{{getvar::a}}}}" * 40
    told = context()

    assert len(expand("{{setvar::a::ha}}" + laughs + "{{getvar::a}}", told)) <= MOST_REPLACED
    assert sum(map(len, told.variables.values())) <= 2 * MOST_REPLACED
    assert expand("{{getvar::a}}{{char}}", told) == ""  # in the same prompt


def test_a_long_name_and_an_original_are_not_told_for_ever():
    endless = "x" * 100_000

    for text in ("{{char}}" * 25_000, "<bot>" * 40_000):
        assert len(expand(text, context(char=endless))) <= LONGEST
    assert len(expand("{{original}}" * 100, context(original=endless))) == MOST_REPLACED
    assert len(expand("a" * 10**6, context())) == 10**6  # nothing in it to be replaced


@pytest.mark.parametrize(
    "opened", ["{{//", "{{hidden_key:", "{{ comment :", "{{hidden_key" + ":" * 9]
)
def test_a_hundred_thousand_comments_that_never_close_take_no_time(opened):
    begin = time.perf_counter()
    assert hidden_keys(opened * 100_000) == opened * 100_000
    assert time.perf_counter() - begin < 2
