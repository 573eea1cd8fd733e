"""Parts lists: read from the CSV files, summed, and as tables."""

import csv
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
COLUMNS = (
    "part", "item", "number", "quantity", "unit_usd", "price", "needed", "search", "note"
)  # fmt: skip
# What is in no wiring: the board itself, what holds and joins everything, and what you keep.
UNWIRED = ("board", "case", "tools")


@dataclass(frozen=True, slots=True)
class Line:
    """One thing to order. `part` is what the wiring calls it; `price` says where that is from."""

    part: str
    item: str
    number: str
    quantity: int
    unit_usd: Decimal
    price: str
    needed: bool
    search: str
    note: str

    @property
    def usd(self) -> Decimal:
        return self.quantity * self.unit_usd


def builds() -> list[str]:
    """The names of all builds."""
    return sorted(path.stem for path in FOLDER.glob("*.csv"))


def read(build: str) -> list[Line]:
    """A build's list; ValueError if a column is missing or a number is none."""
    path = FOLDER / f"{build}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        if tuple(rows.fieldnames or ()) != COLUMNS:
            raise ValueError(f"{path.name} has columns {rows.fieldnames}, wanted {COLUMNS}")
        return [_line(row) for row in rows]


def total(lines: list[Line], *, everything: bool = False) -> Decimal:
    """What the needed lines come to, or all of them; tools apart, which you may have."""
    counted = [line for line in lines if line.part != "tools" and (line.needed or everything)]
    return sum((line.usd for line in counted), Decimal(0))


def table(build: str) -> str:
    """A build's list in Markdown, with its totals."""
    lines = read(build)
    rows = ["| Part | Number | | USD † | Search for | |", "| --- | --- | --- | --- | --- | --- |"]
    for line in lines:
        item = line.item if line.needed else f"{line.item} *(can be left out)*"
        number = "" if line.number == "-" else line.number
        rows.append(
            f"| {item} | {number} | {line.quantity} | {line.usd} | {line.search} | {line.note} |"
        )
    tools = sum((line.usd for line in lines if line.part == "tools"), Decimal(0))
    least, most = total(lines), total(lines, everything=True)
    sums = f"{least} USD" if least == most else f"{least} USD, {most} with all that can be left out"
    return "\n".join(
        [*rows, "", f"Together {sums}; tools {tools}. † Prices are from memory: check."]
    )


def totals_table() -> str:
    """What each build comes to, in Markdown."""
    rows = ["| Build | Needed, USD † | With everything |", "| --- | --- | --- |"]
    for build in builds():
        lines = read(build)
        rows.append(f"| {build} | {total(lines)} | {total(lines, everything=True)} |")
    return "\n".join(rows)


def _line(row: dict[str, str]) -> Line:
    if row["needed"] not in ("yes", "no"):
        raise ValueError(f"needed is {row['needed']!r} for {row['item']}: yes or no")
    return Line(
        part=row["part"],
        item=row["item"],
        number=row["number"],
        quantity=int(row["quantity"]),
        unit_usd=Decimal(row["unit_usd"]),
        price=row["price"],
        needed=row["needed"] == "yes",
        search=row["search"],
        note=row["note"],
    )
