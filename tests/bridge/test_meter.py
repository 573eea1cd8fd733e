import datetime as dt

import pytest

from mynah.companions.base import Usage
from mynah.config import Budget, parse
from mynah.errors import UserError
from mynah.prompting.ledger import Ledger, Spent
from mynah.prompting.meter import Meter
from mynah.prompting.prices import price_of

PRICES = {"m": [1.0, 0.1, 2.0]}
DAY = dt.date(2026, 11, 23)
ANSWER = Usage(prompt=1_000_000, answer=500_000, cached=400_000)


class Calendar:
    def __init__(self):
        self.day = DAY

    def __call__(self):
        return self.day


def meter(budget=None, *, calendar=None, **options):
    return Meter(budget or Budget(prices=PRICES), "m", calendar or Calendar(), **options)


def test_what_is_read_from_a_cache_costs_its_own_price():
    counted = meter()

    counted.add(ANSWER)

    assert counted.spent.cost == pytest.approx(0.6 + 0.04 + 1.0)
    assert (counted.spent.tokens, counted.spent.cached) == (1_500_000, 400_000)


def test_over_the_budget_no_answer_is_allowed_until_the_next_day():
    calendar = Calendar()
    counted = meter(Budget(prices=PRICES, per_day=1.5), calendar=calendar)
    assert counted.allows()

    counted.add(ANSWER)
    assert not counted.allows()
    calendar.day += dt.timedelta(days=1)

    assert counted.allows()
    assert counted.spent.cost == 0


def test_tokens_limit_a_model_whose_price_nobody_knows():
    counted = meter(Budget(per_day=1, tokens_per_day=2_000_000))
    counted.add(ANSWER)
    assert counted.price is None
    assert counted.allows()

    counted.add(ANSWER)

    assert not counted.allows()


def test_a_model_on_this_computer_is_always_allowed_and_spends_nothing():
    counted = meter(Budget(tokens_per_day=1), free=True)

    counted.add(ANSWER)

    assert counted.allows()
    assert counted.spent.tokens == 0


async def test_what_was_spent_is_known_after_a_restart_and_counts(tmp_path):
    path = tmp_path / "usage.sqlite"
    for _ in range(2):
        counted = meter(ledger=Ledger(path))
        counted.add(ANSWER)
        counted.add(Usage(10, 5), guessed=True)
        await counted.close()
    free = meter(ledger=Ledger(path), free=True)
    free.model = "at home"
    free.add(ANSWER)
    await free.close()

    counted = meter(Budget(prices=PRICES, per_day=3), ledger=Ledger(path))

    assert not counted.allows()
    assert counted.spent.cost == pytest.approx(3.28, abs=0.001)
    ledger = Ledger(path)
    (at_home, kept) = ledger.days()
    assert (kept.day, kept.answers, kept.guessed, kept.paid) == ("2026-11-23", 4, 2, True)
    assert (at_home.model, at_home.cost, at_home.paid) == ("at home", 0.0, False)
    assert ledger.days(since="2026-11-24") == []
    ledger.close()
    await counted.close()


def test_known_prices_are_in_the_wearers_currency_and_theirs_come_first():
    known = "minimax/minimax-m2-her"

    euros = price_of(known, Budget(per_dollar=0.5))
    own = price_of(known, Budget(per_dollar=0.5, prices={known: [1, 1, 1]}))

    assert euros is not None
    assert (euros.read, euros.written) == (0.15, 0.6)
    assert own is not None
    assert own.read == 1


@pytest.mark.parametrize("price", [[1.0], [1.0, 2.0, -1.0]])
def test_a_price_that_is_none_is_refused(price):
    with pytest.raises(UserError, match="three numbers"):
        price_of("m", Budget(prices={"m": price}))


def test_nonsense_from_a_backend_costs_nothing_back():
    counted = meter()

    counted.add(Usage(prompt=-5, answer=-5, cached=99))

    assert counted.spent == Spent("", "", answers=1)


def test_the_budget_is_a_setting():
    settings = parse({"budget": {"per_day": 0.5, "currency": "EUR", "prices": PRICES}}, "here")

    assert settings.budget.per_day == 0.5
