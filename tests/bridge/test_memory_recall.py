import pytest

from mynah.memory.fact import Fact
from mynah.memory.recall import MOST_RECALLED, Index
from mynah.memory.words import stem, telling_words, terms
from tests.bridge.memories import DAY_S, NOW, facts, others, pairs
from tests.bridge.took import took_s

LEAST_RECALL = 0.9


def recalled(index, text, now=NOW):
    return [fact.content for fact in index.recall(text, now)]


def share_found(index, asked):
    found = [content in recalled(index, question) for content, question in asked]
    return sum(found) / len(found)


@pytest.mark.parametrize(("language", "part"), [("en", slice(100)), ("zh", slice(100, 200))])
def test_of_200_facts_nine_in_ten_are_among_the_five_recalled(language, part):
    assert len(pairs()) == 200

    assert share_found(Index(facts()), pairs()[part]) >= LEAST_RECALL


def test_they_are_found_among_5000_as_well():
    assert share_found(Index([*facts(), *others(4800)]), pairs()) >= LEAST_RECALL


def test_a_hundred_questions_among_5000_facts_take_less_than_reading_the_facts_once():
    many = [*facts(), *others(4800)]
    index = Index(many)

    reading_s = took_s(lambda: [terms(fact.content) for fact in many])
    asking_s = took_s(lambda: [index.recall(question, NOW) for _, question in pairs()[:100]])

    assert asking_s < reading_s


def test_words_that_are_everywhere_take_no_longer_among_more_facts():
    some, more = Index(others(2_500)), Index(others(20_000))
    everything = " ".join({word for fact in others(300) for word in fact.content.split()})

    some_s = took_s(lambda: some.recall(everything, NOW))
    more_s = took_s(lambda: more.recall(everything, NOW))

    assert more_s < 4 * some_s  # eight times as much is there


@pytest.mark.parametrize(
    ("content", "question"),
    [
        ("{{user}}的猫叫麻薯。", "麻薯呢"),
        ("{{user}} works as a nurse.", "Am I working too much?"),
        ("{{user}} was in a café in Nîmes.", "that CAFE in nimes"),
        ("{{user}}'s favourite colour is green.", "my favorite color?"),
        ("{{user}}的猫叫麻薯。", "What is my cat called?"),
    ],
    ids=["two characters", "endings", "accents", "spelling", "another language"],
)
def test_a_fact_is_found_in_other_words(content, question):
    strange = [Fact(f"{{{{user}}}} walks {number} miles", id=number) for number in range(2, 9)]

    assert recalled(Index([Fact(content, id=1), *strange]), question) == [content]


@pytest.mark.parametrize(
    "text", ["", "?!", "How are you?", "你好吗？", "I do not know what it is."]
)
def test_words_of_every_sentence_call_for_nothing(text):
    assert recalled(Index(facts()), text) == []


def test_what_is_newer_pinned_surer_or_found_by_its_key_comes_first():
    plain = Fact("the red kite flew", created=NOW - 900 * DAY_S, id=1)
    better = [
        Fact("the red kite fled", created=NOW, id=2),
        Fact("the red kite fell", created=NOW - 900 * DAY_S, pinned=True, id=3),
        Fact("the red kite", keys=("red kite",), created=NOW - 900 * DAY_S, id=4),
    ]
    unsure = Fact("the red kite sank", created=NOW - 900 * DAY_S, confidence=0.1, id=5)

    found = [fact.id for fact in Index([plain, unsure, *better]).recall("a red kite", NOW)]

    assert set(found[:3]) == {2, 3, 4}
    assert found[3:] == [1, 5]


def test_no_more_are_recalled_than_a_model_can_use():
    alike = [Fact(f"kite number {number}", id=number) for number in range(1, 30)]

    assert len(recalled(Index(alike), "a kite")) == MOST_RECALLED


def test_a_removed_fact_leaves_nothing_in_the_index():
    index = Index(others(20))
    for fact in others(20):
        index.remove(fact.id)
    index.remove(7)

    assert index.__dict__ == Index().__dict__


def test_another_version_of_a_fact_takes_its_place():
    index = Index([Fact("{{user}} lives in Leeds", id=1)])

    index.put(Fact("{{user}} lives in Bristol", id=1))

    assert recalled(index, "Leeds") == []
    assert recalled(index, "Bristol") == ["{{user}} lives in Bristol"]


def test_terms_are_stems_and_chinese_by_one_and_two_characters():
    assert terms("She was running") == ["run", "=sport"]
    assert terms("麻薯") == ["麻", "薯", "麻薯"]
    assert stem("studied") == stem("study")


def test_keys_are_words_as_they_stand():
    assert telling_words("{{user}} loves old Films") == ["Films"]
    assert telling_words("我是护士") == ["护士"]
