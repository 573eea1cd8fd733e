"""`mynah doctor`: what is missing on this computer, and the next step for each."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.table import Table

    from mynah.doctor.finding import Check, Finding

TITLES = {
    "conversation": "For a conversation with an emulated ring",
    "sound": "For this computer's microphone and speaker",
    "ring": "For a real ring",
    "trouble": "When something went wrong",
}


def doctor(
    config: Annotated[Path | None, typer.Option(help="Settings in TOML.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, nothing else.")] = False,
) -> None:
    """What is missing on this computer. Exit code 0 if an emulated conversation can run."""
    from rich.console import Console

    from mynah.doctor.examination import checks
    from mynah.doctor.finding import can_converse, examine

    with Console(stderr=True).status("looking"):
        looks = checks(config)
        findings = examine(looks)
    well = can_converse(looks, findings)
    if as_json:
        found = [
            {"need": look.need, **asdict(finding)}
            for look, finding in zip(looks, findings, strict=True)
        ]
        typer.echo(json.dumps({"ok": well, "findings": found}, indent=2))
    else:
        _print(looks, findings, well=well)
    raise typer.Exit(0 if well else 1)


def _print(looks: "list[Check]", findings: "list[Finding]", *, well: bool) -> None:
    from rich.console import Console

    console = Console(highlight=False)
    for need, title in TITLES.items():
        console.print(title, style="bold underline")
        rows = [finding for look, finding in zip(looks, findings, strict=True) if look.need == need]
        console.print(_table(rows, "red" if need == "conversation" else "yellow"))
    end = "An emulated conversation can run: mynah run"
    console.print(end if well else "An emulated conversation can't run yet: see → above.")


def _table(findings: "list[Finding]", trouble: str) -> "Table":
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(width=14, justify="right")
    table.add_column(width=7)
    table.add_column(overflow="fold")
    for finding in findings:
        said = Text(finding.detail)
        if finding.next_step:
            said.append(f"\n→ {finding.next_step}", style="bold")
        table.add_row(
            finding.name,
            Text(finding.state, style="green" if finding.state == "ok" else trouble),
            said,
        )
    return table
