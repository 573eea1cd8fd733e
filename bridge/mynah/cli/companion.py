"""`mynah companion`: who can answer, and what a server can do."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mynah.errors import UserError

if TYPE_CHECKING:
    from mynah.companions.presets import ModelSettings, Preset
    from mynah.companions.probe import Found
    from mynah.config import Settings

app = typer.Typer(help="Companions: who can answer, and what a server can do.")

AsJson = Annotated[bool, typer.Option("--json", help="JSON, nothing else.")]
Config = Annotated[Path | None, typer.Option("--config", help="A settings file of your own.")]

LANES = {
    "A": ("openai", "local"),
    "B": ("home_assistant", "dify", "letta", "webhook", "websocket", "program"),
    "C": ("xiaozhi", "realtime"),
}
"""A: a model that is told everything. B: an agent that remembers. C: one with its own voice."""

SHOWN_MODELS = 8
"""Of a vendor with hundreds: `--json` has all."""


@dataclass(frozen=True)
class Row:
    """Of the list."""

    name: str
    lane: str
    where: str
    key: bool | None
    """Whether there is one; None if it needs none."""
    free: bool
    about: str


@app.callback(invoke_without_command=True)
def companion(context: typer.Context) -> None:
    """Companions: who can answer, and what a server can do."""
    if context.invoked_subcommand is None:
        list_companions()


@app.command("list")
def list_companions(as_json: AsJson = False, config: Config = None) -> None:
    """Everybody who can answer."""
    from mynah.config import load

    rows = _rows(load(config))
    if as_json:
        typer.echo(json.dumps([asdict(row) for row in rows], indent=2, ensure_ascii=False))
        return
    keys = {True: "set", False: "missing", None: "-"}
    lines = [("name", "lane", "where", "key", "free")]
    lines += [
        (row.name, row.lane, row.where, keys[row.key], "yes" if row.free else "") for row in rows
    ]
    typer.echo(_table(lines))


@app.command("probe")
def probe_companion(
    name: Annotated[str, typer.Argument(metavar="NAME|URL", help="Of the list, or a base URL.")],
    model: Annotated[str, typer.Option(help="Default: the settings'.")] = "",
    as_json: AsJson = False,
    config: Config = None,
) -> None:
    """Ask a server what it can do, in a few words, and remember it."""
    from mynah.config import load

    preset, settings, key = _chosen(name, load(config))
    found = asyncio.run(_probed(preset, settings, model or settings.model, key))
    if as_json:
        typer.echo(json.dumps(asdict(found), indent=2, ensure_ascii=False))
    else:
        typer.echo(_table(_facts(found, preset)))
    if found.answers:
        raise typer.Exit(1)


async def _probed(preset: "Preset", settings: "ModelSettings", model: str, key: str) -> "Found":
    from mynah.companions.probe import probe

    def tell(step: str) -> None:
        typer.echo(f"asking {settings.base_url}: {step} …", err=True)

    return await probe(preset, settings.base_url, model, key, settings.wait_s, tell)


def _chosen(name: str, settings: "Settings") -> tuple["Preset", "ModelSettings", str]:
    from mynah.companions.openai_http import api_key, key_of
    from mynah.companions.presets import of_url, presets, settings_of

    table: dict[str, Any] = settings.companions.get(name, {})
    if name == "openai":
        given = settings.openai.model_dump(exclude={"api_key"})
        preset = of_url(settings.openai.base_url)
        return preset, settings_of(preset, name, given), api_key(settings.openai)
    if "://" in name:
        preset = of_url(name)
        chosen = settings_of(preset, preset.name, {"base_url": name})
    else:
        known = presets().get(str(table.get("preset", name)))
        if known is None:
            raise UserError(
                f"{name!r} is no server of models that can be probed; there are: "
                f"{', '.join(presets())}, and any URL"
            )
        preset, chosen = known, settings_of(known, name, table)
    key = key_of(preset.key or preset.name, chosen.api_key.get_secret_value(), chosen.base_url)
    return preset, chosen, key


def _facts(found: "Found", preset: "Preset") -> list[tuple[str, ...]]:
    quirks = found.quirks
    shown = ", ".join(found.models[:SHOWN_MODELS]) or "it does not tell"
    more = len(found.models) - SHOWN_MODELS
    temperature = " to ".join(f"{bound:g}" for bound in quirks.temperature) or "may not be sent"
    return [
        ("where", found.base_url),
        ("kind", found.kind),
        ("model", found.model),
        ("models", f"{shown}, and {more} more" if more > 0 else shown),
        ("answers", found.answers or "yes, streamed"),
        ("first word", "-" if found.first_word_ms is None else f"{found.first_word_ms} ms"),
        ("thinks", found.thinks or "no"),
        ("says what it cost", "yes" if found.counts else "no"),
        ("roles", quirks.roles),
        (
            "limit",
            f"{quirks.limit_name}{f' <= {quirks.most_tokens}' if quirks.most_tokens else ''}",
        ),
        ("temperature", temperature),
        ("when interrupted", f"hung up, and {quirks.abort}" if quirks.abort else "hung up"),
        ("learned now", ", ".join(found.learned) or "nothing that was not known"),
        ("the table's line is", preset.origin),
    ]


def _rows(settings: "Settings") -> list[Row]:
    from mynah.companions import names

    return sorted((_row(name, settings) for name in names(settings)), key=lambda row: row.lane)


def _row(name: str, settings: "Settings") -> Row:
    from mynah.companions.openai_http import api_key, is_this_computer, key_of
    from mynah.companions.presets import presets, settings_of

    table = settings.companions.get(name, {})
    preset = presets().get(str(table.get("preset", name)))
    if name == "openai":
        base_url, key = settings.openai.base_url, api_key(settings.openai)
    elif preset is not None:
        chosen = settings_of(preset, name, table)
        base_url, set_key = chosen.base_url, chosen.api_key.get_secret_value()
        key = key_of(preset.key or preset.name, set_key, base_url)
    else:
        lane = next((lane for lane, members in LANES.items() if name in members), "-")
        return Row(name, lane, "see its settings" if lane in "BC" else "", None, lane in "A-", "")
    here = is_this_computer(base_url)
    has_key = None if here and not key else bool(key)
    return Row(name, "A", base_url, has_key, here, preset.about if preset else "")


def _table(rows: Sequence[tuple[str, ...]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )
