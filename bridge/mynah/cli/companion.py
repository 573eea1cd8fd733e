"""`mynah companion`: who can answer, and what a server can do."""

import asyncio
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mynah.errors import UserError

if TYPE_CHECKING:
    from mynah.companions.listed import Row
    from mynah.companions.models.presets import ModelSettings, Preset
    from mynah.companions.models.probe import Found
    from mynah.config import Settings

app = typer.Typer(help="Companions: who can answer, and what a server can do.")

AsJson = Annotated[bool, typer.Option("--json", help="JSON, nothing else.")]
Config = Annotated[Path | None, typer.Option("--config", help="A settings file of your own.")]

SHOWN_MODELS = 8
"""Of a vendor with hundreds: `--json` has all."""

KEYS = {True: "set", False: "missing", None: "-"}


@dataclass(frozen=True)
class Server:
    """Whom to ask."""

    preset: "Preset"
    settings: "ModelSettings"
    key: str
    section: str
    """The table that it stands in; empty for an address on the command line."""


@app.callback(invoke_without_command=True)
def companion(context: typer.Context) -> None:
    """Companions: who can answer, and what a server can do."""
    if context.invoked_subcommand is None:
        list_companions()


@app.command("list")
def list_companions(as_json: AsJson = False, config: Config = None) -> None:
    """Everybody who can answer."""
    from mynah.companions.listed import rows
    from mynah.config import load

    found = rows(load(config))
    if as_json:
        typer.echo(json.dumps([asdict(row) for row in found], indent=2, ensure_ascii=False))
        return
    lines = [("name", "lane", "where", "key", "free", "to do")]
    lines += [
        (row.name, row.lane, row.where, KEYS[row.key], "yes" if row.free else "", row.needs)
        for row in found
    ]
    whole = _table(lines)
    fits = max(map(len, whole.splitlines())) <= get_terminal_size().columns
    typer.echo(whole if fits or not sys.stdout.isatty() else _table(_narrow(found)))


@app.command("probe")
def probe_companion(
    name: Annotated[str, typer.Argument(metavar="NAME|URL", help="Of the list, or a base URL.")],
    model: Annotated[str, typer.Option(help="Default: the settings'.")] = "",
    as_json: AsJson = False,
    config: Config = None,
) -> None:
    """Ask a server what it can do, in a few words, and remember it."""
    from mynah.config import load

    server = _chosen(name, load(config))
    found = asyncio.run(_probed(server, model or server.settings.model))
    if as_json:
        typer.echo(json.dumps(asdict(found), indent=2, ensure_ascii=False))
    else:
        typer.echo(_table(_facts(found, server)))
    if found.answers:
        raise typer.Exit(1)


async def _probed(server: Server, model: str) -> "Found":
    from mynah.companions.models.probe import probe

    base_url = server.settings.base_url

    def tell(step: str) -> None:
        typer.echo(f"asking {base_url}: {step} …", err=True)

    wait_s = server.settings.wait_s
    return await probe(server.preset, base_url, model, server.key, wait_s, tell, server.section)


def _chosen(name: str, settings: "Settings") -> Server:
    from mynah.companions.models.presets import of_url, preset_of, presets, settings_of
    from mynah.companions.reaching.openai_http import api_key, key_of
    from mynah.config import is_address

    table: dict[str, Any] = settings.companions.get(name, {})
    if name == "openai":
        given = settings.openai.model_dump(exclude={"api_key"})
        preset = of_url(settings.openai.base_url)
        return Server(preset, settings_of(preset, name, given), api_key(settings.openai), name)
    if "://" in name:
        if not is_address(name, {"http", "https"}):
            raise UserError(f"{name}: an address begins with http:// or https:// and names a host")
        preset, section = of_url(name.rstrip("/")), ""
        chosen = settings_of(preset, name, {"base_url": name})
    else:
        known = preset_of(name, table)
        if known is None:
            raise UserError(
                f"{name!r} is no server of models that can be probed; there are: "
                f"{', '.join(presets())}, and any URL"
            )
        preset, section = known, f"companions.{name}"
        chosen = settings_of(known, name, table)
    key = key_of(preset.key or preset.name, chosen.api_key.get_secret_value(), chosen.base_url)
    return Server(preset, chosen, key, section)


def _facts(found: "Found", server: Server) -> list[tuple[str, ...]]:
    from mynah.companions.models.presets import wants_key

    key = "set" if server.key else "-"
    if not server.key and wants_key(found.base_url):
        key = f"missing; set {server.preset.variable}"
    facts: list[tuple[str, ...]] = [
        ("where", found.base_url),
        ("model", found.model),
        ("key", key),
        ("answers", found.answers or "yes, streamed"),
    ]
    return facts if found.answers else [*facts, *_abilities(found, server.preset)]


def _abilities(found: "Found", preset: "Preset") -> list[tuple[str, ...]]:
    quirks = found.quirks
    shown = ", ".join(found.models[:SHOWN_MODELS]) or "it does not tell"
    more = len(found.models) - SHOWN_MODELS
    temperature = " to ".join(f"{bound:g}" for bound in quirks.temperature) or "may not be sent"
    most = f" <= {quirks.most_tokens}" if quirks.most_tokens else ""
    return [
        ("kind", found.kind),
        ("models", f"{shown}, and {more} more" if more > 0 else shown),
        ("first word", "-" if found.first_word_ms is None else f"{found.first_word_ms} ms"),
        ("thinks", found.thinks or "no"),
        ("says what it cost", "yes" if found.counts else "no"),
        ("roles", quirks.roles),
        ("limit", quirks.limit_name + most),
        ("temperature", temperature),
        ("when interrupted", f"hung up, and {quirks.abort}" if quirks.abort else "hung up"),
        ("learned now", ", ".join(found.learned) or "nothing that was not known"),
        ("the table's line is", preset.origin or "none: nobody's that is known"),
    ]


def _narrow(found: "list[Row]") -> list[tuple[str, ...]]:
    """For a terminal that the whole table does not fit: what is to be done, else where it is."""
    lines: list[tuple[str, ...]] = [("name", "lane", "free", "")]
    lines += [
        (row.name, row.lane, "yes" if row.free else "", row.needs or row.where) for row in found
    ]
    return lines


def _table(rows: Sequence[tuple[str, ...]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )
