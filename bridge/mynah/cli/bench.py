"""`mynah bench`: figures, measured here and now."""

import asyncio
from typing import Annotated

import typer

app = typer.Typer(help="Measure: figures from this computer, now.", no_args_is_help=True)


@app.callback()
def bench() -> None:
    """Keeps `link` a command of its own while it is the only one."""
