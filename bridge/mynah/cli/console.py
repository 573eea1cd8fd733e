"""`mynah console`: a board's serial port on this terminal."""

import asyncio
import subprocess
import sys
from typing import Annotated

import typer

Port = Annotated[str, typer.Option(help="Serial port; default: the only board there is.")]


def console(port: Port = "") -> None:
    """MicroPython's REPL, or what the firmware prints. Ctrl-] or Ctrl-X leaves."""
    from importlib.util import find_spec

    from mynah.maker.ports import find_port

    found = find_port(port)
    if find_spec("termios") is None:  # Windows: pyserial's own
        subprocess.run(
            [sys.executable, "-m", "serial.tools.miniterm", found, "115200"], check=False
        )
        return
    from mynah.maker.console import converse

    if sys.stdin.isatty():
        typer.echo(f"{found}: Ctrl-] or Ctrl-X leaves; Ctrl-C, then Ctrl-D starts anew", err=True)
    asyncio.run(converse(found, sys.stdin.fileno(), sys.stdout.fileno()))
    if sys.stdin.isatty():
        typer.echo("", err=True)
