"""`mynah usage`: what answers have cost, by day and model."""

import datetime as dt
import json
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from mynah.config import Budget
    from mynah.prompting.ledger import Spent

Days = Annotated[int, typer.Option(min=1, max=3660, help="How far back.")]
Config = Annotated[Path | None, typer.Option(help="Settings in TOML.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object, nothing else.")]


def usage(days: Days = 7, config: Config = None, as_json: Json = False) -> None:
    """What answers have cost, in tokens and money, and what is left of today's budget."""
    from mynah.config import load

    budget = load(config).budget
    today = dt.datetime.now().astimezone().date()
    since = (today - dt.timedelta(days=days - 1)).isoformat()
    spent = _spent(since)
    if as_json:
        rows = [asdict(each) for each in spent]
        typer.echo(json.dumps({"currency": budget.currency, "days": rows}, indent=2))
        return
    if not spent:
        typer.echo("no answers yet")
        return
    _print(spent, budget, today.isoformat())


def _spent(since: str) -> "list[Spent]":
    """To look into: where there is no ledger, none is made."""
    from mynah.prompting.opening import ledger_file, open_ledger

    if not ledger_file().is_file():
        return []
    with closing(open_ledger()) as ledger:
        return ledger.days(since)


def _print(spent: "list[Spent]", budget: "Budget", today: str) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from mynah.prompting.ledger import total

    table = Table(box=None, pad_edge=False)
    for title in ("Day", "Model"):
        table.add_column(title)
    for title in ("Answers", "Read", "of it cached", "Written", budget.currency):
        table.add_column(title, justify="right")
    for each in spent:
        cached = f"{each.cached / each.prompt:.0%}" if each.prompt else ""
        counts = (f"{each.answers}", f"{each.prompt}", cached, f"{each.answer}")
        table.add_row(each.day, Text(each.model), *counts, _money(each, budget))
    console = Console(highlight=False)
    console.print(table)
    paid = total(each for each in spent if each.day == today and each.paid)
    if budget.per_day:
        left = max(budget.per_day - paid.cost, 0)
        console.print(f"{left:.4f} of {budget.per_day:g} {budget.currency} are left today")
    if budget.tokens_per_day:
        left = max(budget.tokens_per_day - paid.tokens, 0)
        console.print(f"{left} of {budget.tokens_per_day} tokens are left today")
    if budget.per_day and "?" in {_money(each, budget) for each in spent}:
        console.print(
            f"? nobody knows its price, and {budget.per_day:g} {budget.currency} a day do not limit"
            " it; set budget.prices, or budget.tokens_per_day",
            style="dim",
        )
    if any(each.guessed for each in spent):
        console.print("Some servers tell no tokens: theirs are reckoned.", style="dim")


def _money(spent: "Spent", budget: "Budget") -> str:
    from mynah.prompting.prices import price_of

    if not spent.paid:
        return "free"
    if not spent.cost and price_of(spent.model, budget) is None:
        return "?"
    return f"{spent.cost:.4f}"
