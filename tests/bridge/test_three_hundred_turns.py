import pytest

from mynah.companions.history import History, tokens
from mynah.config import Budget
from tests.bridge.talker import PRICES, Days, slope

TURNS = 300
SETTLED = 30
"""After so many turns the window is full and a summary stands before it."""


async def lived(**parts):
    days = Days(**parts)
    await days.live(TURNS)
    return days


async def test_the_tokens_of_a_prompt_stay_as_they_are():
    days = await lived()

    sizes = days.sizes[SETTLED:]
    average = sum(sizes) / len(sizes)

    assert abs(slope(sizes)) * len(sizes) < 0.05 * average
    assert max(sizes) < 2 * average


def test_a_history_that_is_told_whole_is_seen_to_grow():
    history, sizes = History(10**9), []
    for number in range(TURNS):
        sizes.append(sum(tokens(each["content"]) for each in history.messages("Hm.")))
        history.add(f"Number {number} of many words", "An answer, with some words.")

    assert slope(sizes) * TURNS > 0.5 * sum(sizes) / TURNS


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_fewer_than_one_in_twenty_replies_begin_as_one_before(language):
    told = await lived(language=language)
    untold = await lived(language=language, listens=False)

    assert told.repeated() < 0.05
    assert untold.repeated() > 0.5


async def test_no_day_costs_more_than_its_budget_and_one_answer():
    budget = Budget(prices=PRICES, per_day=0.04)
    days = await lived(budget=budget)
    dearest = max(days.sizes) / 1e6 + 40 * 4 / 1e6

    assert 0 < days.by_fallback < TURNS
    assert len(days.costs) > 3
    assert max(days.costs.values()) <= budget.per_day + dearest
    assert len(days.replies) == TURNS


async def test_what_was_counted_is_what_was_used():
    days = await lived()

    assert sum(days.costs.values()) == pytest.approx(
        sum(days.sizes) * 1.0 / 1e6 + sum(map(tokens, days.replies)) * 4.0 / 1e6, rel=0.05
    )
