"""What answers cost today, and whether there may be more of them. Never waits for the disk."""

import datetime as dt
from collections.abc import Callable
from functools import partial

from mynah.companions.base import Usage
from mynah.config import Budget
from mynah.memory.writing import Writing
from mynah.prompting.ledger import Ledger, Spent, total
from mynah.prompting.prices import FREE, Price, price_of


class Meter:
    """Of one model. What other models cost today counts against the same budget."""

    def __init__(
        self,
        budget: Budget,
        model: str,
        today: Callable[[], dt.date],
        *,
        ledger: Ledger | None = None,
        free: bool = False,
    ) -> None:
        """`free` for a model on this computer; without a ledger nothing is kept."""
        self.budget = budget
        self.model = model
        self._today = today
        self._ledger = ledger
        self._writing = Writing()
        self._free = free
        self._price = FREE if free else price_of(model, budget)
        self._day = ""
        self._before = Spent("", "")
        self._now = Spent("", "")
        self._turn_over()  # reads the file once, before anybody waits for an answer

    @property
    def price(self) -> Price | None:
        """None if nobody knows what it costs: then only `tokens_per_day` limits it."""
        return self._price

    @property
    def spent(self) -> Spent:
        """Today, by all models."""
        self._turn_over()
        return total([self._before, self._now])

    @property
    def over_budget(self) -> bool:
        """More was spent today than there was to spend."""
        spent, budget = self.spent, self.budget
        too_dear = bool(budget.per_day) and spent.cost >= budget.per_day
        return too_dear or (bool(budget.tokens_per_day) and spent.tokens >= budget.tokens_per_day)

    def allows(self) -> bool:
        """Whether this model may answer now. One that is free always may."""
        return self._free or not self.over_budget

    def add(self, usage: Usage, *, guessed: bool = False) -> None:
        """An answer was made, heard or thrown away."""
        self._turn_over()
        spent = self._entry(usage, guessed=guessed)
        if spent.paid:
            self._now = total([self._now, spent])
        if self._ledger is not None:
            self._writing.want(partial(self._ledger.add, spent))

    async def close(self) -> None:
        """Until all is in the file."""
        await self._writing.end()
        if self._ledger is not None:
            self._ledger.close()

    def _entry(self, usage: Usage, *, guessed: bool) -> Spent:
        prompt = max(usage.prompt, 0)  # a backend may say anything
        used = Usage(prompt, max(usage.answer, 0), min(max(usage.cached, 0), prompt))
        return Spent(
            day=self._day,
            model=self.model,
            prompt=used.prompt,
            cached=used.cached,
            answer=used.answer,
            answers=1,
            guessed=int(guessed),
            cost=self._price.of(used) if self._price else 0.0,
            paid=not self._free,
        )

    def _turn_over(self) -> None:
        """At midnight, and at the beginning."""
        day = self._today().isoformat()
        if day == self._day:
            return
        first = not self._day
        self._day, self._now, self._before = day, Spent("", ""), Spent("", "")
        if first and self._ledger is not None:
            self._before = total(each for each in self._ledger.days(since=day) if each.paid)
