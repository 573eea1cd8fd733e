"""Settings: one TOML file, every key known, flags on top."""

import difflib
import tomllib
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import platformdirs
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator

from mynah.errors import UserError


class Section(BaseModel):
    """Frozen, and strict about names."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Hearing(Section):
    """Speech to text."""

    model: str = "tiny.en"
    """A Whisper model: a name from `mynah models`, a folder, or OWNER/NAME of the hub."""
    language: str = "en"
    """As Whisper names it; "auto" to detect it in every turn."""


class Speaking(Section):
    """Text to speech."""

    voice: str = "joe"
    """A Piper voice: a name from `mynah models`, or a file."""
    volume: int = Field(default=100, ge=0, le=100)
    """Of the ring's speaker, in percent; the ring is told at every connection."""


class Turns(Section):
    """When a turn is over, and what is done before that is known."""

    profile: Literal["snappy", "balanced", "patient"] = "balanced"
    """How long a pause may be before the turn is taken; with a held button the release ends it."""
    speculate: Literal["auto", "always", "never"] = "auto"
    """Whether a pause begins an answer that is thrown away if you go on; auto begins fewer with a
    companion that may cost money."""
    smart_turn: bool = False
    """Ask smart-turn as well whether a pause is the end; get it with `mynah models get smart-turn`.
    Beside the words it adds nothing that could be measured."""


class Local(Section):
    """The companion `local`: a language model on this computer."""

    model: str = "smollm2"
    """A name from `mynah models`, or a GGUF file with a chat template."""
    persona: str = ""
    """Who it is, as a system prompt; empty for Mynah's own."""
    threads: int = Field(default=1, ge=1, le=64)
    """More are slower where the cores are shared with hearing and speaking."""
    sentences: int = Field(default=2, ge=1)
    """An answer ends after so many."""
    answer_tokens: int = Field(default=80, ge=1, le=500)
    """An answer is never longer; a token is three quarters of an English word."""
    context_tokens: int = Field(default=200, ge=0, le=100_000)
    """How much of the last turns it is told again: 200 are about five. A small model that is told
    more begins to repeat it."""
    seed: int = Field(default=-1, ge=-1)
    """The same words get the same answer again; -1 draws anew each time."""


class OpenAI(Section):
    """The companion `openai`: any server that speaks OpenAI's chat completions."""

    base_url: str = "http://127.0.0.1:8080/v1"
    """What comes before /chat/completions; the default is llama.cpp's own server."""
    model: str = "default"
    """As the server calls it; llama.cpp's own serves its one model under any name."""
    api_key: SecretStr = SecretStr("")
    """Better kept in the environment, as MYNAH_OPENAI_API_KEY, which comes first."""
    persona: str = ""
    """Who it is, as a system prompt; empty for Mynah's own."""
    temperature: float | None = Field(default=None, ge=0, le=2)
    """The server's own if there is none."""
    answer_tokens: int = Field(default=250, ge=1, le=1000)
    """The most that is asked for: 250 are a minute of speech."""
    context_tokens: int = Field(default=4000, ge=0, le=1_000_000)
    """How much of the last turns it is told again, in tokens of four bytes."""
    wait_s: float = Field(default=30.0, gt=0, le=80)
    """How long the server may be silent, before its first word and between two."""

    @field_validator("base_url")
    @classmethod
    def _is_an_address(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("an address begins with http:// or https:// and names a host")
        if parts.username or parts.password or parts.query or parts.fragment:
            raise ValueError("a key or password belongs into api_key, not into the address")
        return url.rstrip("/")


class Logs(Section):
    """What is noted of a conversation."""

    words: bool = False
    """What is said and answered goes into the log too, which otherwise holds figures alone."""


class Metrics(Section):
    """What other programs on this computer can see."""

    port: int = Field(default=0, ge=0, le=65535)
    """Of the loopback address, for /metrics (Prometheus) and /health; 0 is off. Both ask for the
    token in `metrics.token`, beside the keys."""


class Settings(Section):
    """Everything that can be set."""

    link: str = ""
    """Which ring: ble:, ble:DEVICE_ID, serial:PORT or emulator:NAME. Empty for the ring that is
    paired with this computer, and if there is none the emulated one."""
    companion: str = "local"
    """Who answers: local, parrot, openai, or one of your own."""
    speaker: Literal["ring", "computer", "auto"] = "auto"
    """Where replies sound; auto is the ring's speaker if it has one."""
    hands_free: bool = False
    """A tap opens a whole conversation: speech begins a turn, silence ends it."""
    turns: Turns = Turns()
    hearing: Hearing = Hearing()
    speaking: Speaking = Speaking()
    local: Local = Local()
    openai: OpenAI = OpenAI()
    logs: Logs = Logs()
    metrics: Metrics = Metrics()
    companions: dict[str, dict[str, Any]] = {}
    """For each companion that is not ours, the keyword arguments it is made with."""

    def overridden(self, **flags: str | bool | None) -> "Settings":
        """The same with the flags that were given; UserError if one is wrong."""
        given = {name: value for name, value in flags.items() if value}
        return parse(self.model_dump(exclude_unset=True) | given, "the command line")


def settings_path() -> Path:
    """Where the settings are looked for unless `--config` names a file."""
    return platformdirs.user_config_path("mynah") / "mynah.toml"


def load(path: Path | None = None) -> Settings:
    """The settings in a file; the defaults if none is named and there is none."""
    if path is None:
        path = settings_path()
        if not path.is_file():
            return Settings()
    try:
        tables = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError as error:
        raise UserError(f"{path}: no such file") from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UserError(f"{path}: not settings in TOML: {error}") from error
    return parse(tables, str(path))


def parse(tables: dict[str, Any], where: str) -> Settings:
    """Settings from tables; UserError names the first key that is unknown or wrong."""
    try:
        return Settings.model_validate(tables)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        if first["type"] == "extra_forbidden":
            raise UserError(f"{where}: unknown setting {key!r}{_nearest(key)}") from error
        raise UserError(f"{where}: {key}: {first['msg'].lower()}") from error


def keys(section: type[BaseModel] = Settings, prefix: str = "") -> list[str]:
    """The names of all settings, dotted."""
    names = []
    for name, field in section.model_fields.items():
        names.append(prefix + name)
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            names += keys(field.annotation, f"{prefix}{name}.")
    return names


def _nearest(key: str) -> str:
    close = difflib.get_close_matches(key, keys(), n=1)
    return f"; did you mean {close[0]!r}?" if close else f"; there are: {', '.join(keys())}"
