"""Carries out every attack and writes what came of it: `python -m tests.attacks --json FILE`."""

import argparse
import json
import sys
from pathlib import Path

import typer

from tests.attacks.suite import carry_out_all


def main() -> int:
    """1 if anything was accepted, or told that may not be."""
    parser = argparse.ArgumentParser(prog="python -m tests.attacks", description=__doc__)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the counts there")
    arguments = parser.parse_args()
    tally = carry_out_all()
    for name, kind in tally.kinds.items():
        typer.echo(f"{name:28} {kind.tried:6} tried, {len(kind.accepted)} accepted")
        for what in kind.accepted[:3]:
            typer.echo(f"{'':28} {what[:120]}")
    typer.echo("\n  ".join([f"{'together':28} {tally.tried:6}", *sorted(tally.told.kinds)]))
    for record in tally.told.secrets:
        typer.echo(f"  MUST NOT BE TOLD: {record}")
    if arguments.json:
        arguments.json.write_text(json.dumps(tally.as_json(), indent=1) + "\n", encoding="utf-8")
    return int(tally.accepted > 0 or bool(tally.told.secrets))


sys.exit(main())
