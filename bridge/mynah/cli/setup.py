"""`mynah setup`: companion, voice, language, volume, the models for them, and a spoken test."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from mynah.config import Settings
    from mynah.setup import Choices

LINE = "Hello. Can you hear me?"
LOUDEST = 100

Config = Annotated[Path | None, typer.Option(help="The file to write.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Take every default, ask nothing.")]
Test = Annotated[bool, typer.Option("--test/--no-test", help="Hear it at the end.")]


def setup(config: Config = None, yes: Yes = False, test: Test = True) -> None:
    """Choose companion, voice, language and volume; fetch what they need; hear it once."""
    from mynah import companions
    from mynah.config import Settings, load, settings_path
    from mynah.setup import chosen, save, sensible

    path = config or settings_path()
    fresh = not path.is_file()
    settings = Settings() if fresh else load(path)
    choices = sensible(settings, companions.names(), fresh=fresh)
    if not yes:
        choices = _ask(choices, settings)
    after = chosen(settings, choices)
    if not fresh and after == settings:
        typer.echo(f"{path} is left as it is")
    elif fresh or yes or typer.confirm(f"Change {path}?", default=True):
        save(path, settings, choices)
        typer.echo(f"wrote {path}")
    else:
        raise typer.Exit(1)
    _fetch(after)
    if test:
        _test(after)


def _ask(choices: "Choices", settings: "Settings") -> "Choices":
    from mynah import companions
    from mynah.setup import is_foreign, voices
    from mynah.speech.voices import such_as

    companion = _one_of("Companion", companions.names(), choices.companion)
    voice = _one_of("Voice", voices(), choices.voice)
    language = _language(choices.language)
    if is_foreign(voice, language):
        file = f"speaking.voice takes a Piper file too{such_as(language)}"
        typer.echo(f"{voice} was made for another language: {file}")
    volume = _volume(choices.volume)
    choices = replace(choices, companion=companion, voice=voice, language=language, volume=volume)
    return _ask_for_server(choices, settings) if companion == "openai" else choices


def _ask_for_server(choices: "Choices", settings: "Settings") -> "Choices":
    base_url = typer.prompt("The server's address", default=settings.openai.base_url)
    model = typer.prompt("Its model", default=settings.openai.model)
    api_key = typer.prompt(
        "Its key (Enter: none, or the one that is set)",
        default="",
        hide_input=True,
        show_default=False,
    )
    return replace(choices, base_url=base_url, model=model, api_key=api_key)


def _one_of(what: str, names: list[str], default: str) -> str:
    """A default that is a path of the person's own may stay."""
    while True:
        answer: str = typer.prompt(f"{what} ({', '.join(names)})", default=default)
        if answer in names or answer == default:
            return answer
        typer.echo(f"there is no {answer!r}")


def _language(default: str) -> str:
    from mynah.setup import is_language

    while True:
        answer: str = typer.prompt("Language you speak (en, de, … or auto)", default=default)
        if is_language(answer):
            return answer
        typer.echo("two letters, as in en, de or fr, or auto")


def _volume(default: int) -> int:
    while True:
        answer: int = typer.prompt("Volume of the ring, 0 to 100", default=default, type=int)
        if 0 <= answer <= LOUDEST:
            return answer
        typer.echo("from 0, silent, to 100")


def _fetch(settings: "Settings") -> None:
    from mynah.cli.models import get_models
    from mynah.setup import to_fetch

    if missing := to_fetch(settings):
        get_models([model.name for model in missing])


def _test(settings: "Settings") -> None:
    from mynah.cli.run import converse_in_lines

    typer.echo("A test with an emulated ring:")
    code = asyncio.run(converse_in_lines(settings, (LINE,)))
    if code:
        raise typer.Exit(code)
    typer.echo("It works. Now: mynah run; and `mynah service install`, for every log-in")
