"""`mynah models`: which models are here, where they come from, and fetching them."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

from mynah.speech.hub import fetched
from mynah.speech.models import Model, catalogue, hub_folder, is_here, is_hub_name, unknown

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

app = typer.Typer(help="Models: what is here, origin, hash, licence.")


@app.callback(invoke_without_command=True)
def models(context: typer.Context) -> None:
    """Models: what is here, origin, hash, licence."""
    if context.invoked_subcommand is None:
        list_models()


@app.command("list")
def list_models(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON array, nothing else.")] = False,
) -> None:
    """Every model that can be fetched."""
    if as_json:
        typer.echo(json.dumps([_fields(model) for model in catalogue().values()], indent=2))
    else:
        for model in catalogue().values():
            _describe(model)
        for name in fetched():
            typer.echo(f"{name}: whisper, of the hub, not pinned\n  here     {hub_folder(name)}")


@app.command("get")
def get_models(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[NAME]...",
            help="Default: the default ones; OWNER/NAME is a Whisper model of the hub.",
        ),
    ] = None,
) -> None:
    """Fetch models into the cache and check them."""
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

    of_hub = [name for name in names or [] if is_hub_name(name)]
    pinned = [name for name in names or [] if name not in of_hub]
    chosen = _chosen(pinned) if pinned or not of_hub else []
    columns = (TextColumn("{task.description:8}"), BarColumn(), DownloadColumn())
    with Progress(*columns) as bars:
        for model in chosen:
            _get(model, bars.add_task(model.name, total=model.bytes), bars)
    for name in of_hub:
        _get_from_hub(name)


def _get_from_hub(name: str) -> None:
    from mynah.speech.hub import fetch_from_hub

    typer.echo(f"{name}: asking the hub; nobody has pinned or checked it, its licence is there")
    typer.echo(f"{name}: here, {fetch_from_hub(name)}")


def _get(model: Model, bar: "TaskID", bars: "Progress") -> None:
    from mynah.errors import ModelError
    from mynah.speech.fetch import fetch
    from mynah.speech.models import check

    try:
        check(model)
    except ModelError:  # missing, or not the pinned one: either way it is fetched
        fetch(model, lambda done, total: bars.update(bar, completed=done, total=total))
    bars.update(bar, completed=model.bytes, total=model.bytes)


def _chosen(names: list[str]) -> list[Model]:
    known = catalogue()
    for name in names:
        if name not in known:
            raise unknown(name, "that can be fetched")
    return [model for model in known.values() if (model.name in names if names else model.default)]


def _fields(model: Model) -> dict[str, object]:
    return {
        "name": model.name,
        "kind": model.kind,
        "language": model.language,
        "default": model.default,
        "here": is_here(model),
        "folder": str(model.folder),
        "bytes": model.bytes,
        "licence": model.licence,
        "origin": model.origin,
        "note": model.note,
        "sha256": {file.name: file.sha256 for file in model.files},
    }


def _describe(model: Model) -> None:
    here = str(model.folder) if is_here(model) else f"not here; `mynah models get {model.name}`"
    default = ", default" if model.default else ""
    typer.echo(f"{model.name}: {model.kind}, {model.language}, {model.bytes / 1e6:.0f} MB{default}")
    largest = max(model.files, key=lambda file: file.bytes)
    rows = [("here", here), ("origin", model.origin), ("licence", model.licence)]
    rows += [("note", model.note), ("sha256", f"{largest.sha256} ({largest.name})")]
    for label, value in rows:
        typer.echo(f"  {label:8} {value}")
