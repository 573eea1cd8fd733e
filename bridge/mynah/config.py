"""Settings: one TOML file, every key known, flags on top."""

import difflib
import re
import tomllib
from collections.abc import Collection
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import platformdirs
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator

from mynah.errors import UserError
from mynah.wrong_setting import first_wrong

_COUNTRY = re.compile("[A-Z]{2}")


def is_address(url: str, schemes: Collection[str]) -> bool:
    """Whether it names a host, and a port that can be if it names one."""
    try:
        parts = urlsplit(url)
        return parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


class Section(BaseModel):
    """Frozen, and strict about names."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


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
        if not is_address(url, {"http", "https"}):
            raise ValueError("an address begins with http:// or https:// and names a host")
        parts = urlsplit(url)
        if parts.username or parts.password or parts.query or parts.fragment:
            raise ValueError("a key or password belongs into api_key, not into the address")
        return url.rstrip("/")


class Memory(Section):
    """What a character remembers."""

    keep: bool = True
    """Turns and facts are kept, for `mynah memory` and for the next day; if not, until the end."""
    user_name: str = ""
    """What you are called in prompts, where a card says {{user}}."""
    reflect: Literal["companion", "rules", "never"] = "companion"
    """Who notes facts when you pause: the companion, unless it is `local`, or simple rules."""


class Budget(Section):
    """What answers may cost a day; beyond it the companion `local` answers."""

    per_day: float = Field(default=0, ge=0)
    """In `currency`; 0 is no limit. `mynah usage` shows what was spent."""
    tokens_per_day: int = Field(default=0, ge=0)
    """Read and written; 0 is no limit. For models whose price is not known."""
    currency: Literal["USD", "EUR", "CNY"] = "USD"
    """Yours."""
    per_dollar: float = Field(default=1.0, gt=0)
    """How much of your currency a dollar is, for the prices that Mynah knows."""
    prices: dict[str, list[float]] = {}
    """By model, for a million tokens in `currency`: read, read from the cache, written."""


class Care(Section):
    """What a companion owes its wearer. All of it but `minor` is on unless you say otherwise."""

    crisis: bool = True
    """Words of self-harm are answered with where people help, not by the companion."""
    country: str = "auto"
    """Whose help lines, as in US or CN; auto takes the computer's."""
    reminders: bool = True
    """That this is an AI, at the first turn and every three hours; and a break after two hours."""
    minor: bool = False
    """The wearer is a minor: the companion is told to be a friend only, and breaks come sooner."""
    quiet: str = "22:00-08:00"
    """When nothing begins by itself; the same time twice is never."""
    whispers_a_day: int = Field(default=3, ge=0, le=24)
    """How often the companion may stir by itself: it is felt, and a tap asks why."""
    speak_on_touch: bool = False
    """Every touch is answered in words; else only two taps, and the first touch of a day."""

    @field_validator("country")
    @classmethod
    def _is_a_country(cls, country: str) -> str:
        if country != "auto" and not _COUNTRY.fullmatch(country):
            raise ValueError("auto or two capital letters are expected, as in US or CN")
        return country


class Logs(Section):
    """What is noted of a conversation."""

    words: bool = False
    """What is said and answered goes into the log too, which otherwise holds figures alone."""


class Metrics(Section):
    """What other programs on this computer can see."""

    port: int = Field(default=0, ge=0, le=65535)
    """Of the loopback address, for /metrics (Prometheus) and /health; 0 is off. Both ask for the
    token in `metrics.token`, beside the keys."""


class Serving(Section):
    """The bridge as a server, for other programs on this computer."""

    port: int = Field(default=0, ge=0, le=65535)
    """Of the loopback address, for what OpenAI's clients ask, SillyTavern's extension and MCP; 0 is
    off. All of it asks for the token in `serving.token`, beside the keys."""
    origins: str = "http://127.0.0.1:8000 http://localhost:8000"
    """The web pages that may ask, if they know the token as well; the default is SillyTavern's."""
    wyoming_port: int = Field(default=0, ge=0, le=65535)
    """Of the loopback address, for Home Assistant and its like; 0 is off. Wyoming knows no token:
    every program on this computer may then ask."""


class Settings(Section):
    """Everything that can be set."""

    link: str = ""
    """Which ring: ble:, ble:DEVICE_ID, serial:PORT or emulator:NAME; several are separated by
    spaces. Empty for all that are paired with this computer, and if there is none the emulated
    one."""
    companion: str = "local"
    """Who answers: a name from `mynah companion list`, or one of your own."""
    fallback: str = "auto"
    """Who answers where the companion fails before its first word, or the day's budget is spent:
    another companion, or `none`; auto is `local` where its model is here."""
    character: str = ""
    """Whom it plays: a name from `mynah card list`; empty for Mynah's own persona."""
    speaker: Literal["ring", "computer", "auto"] = "auto"
    """Where replies sound; auto is the ring's speaker if it has one."""
    hands_free: bool = False
    """A tap opens a whole conversation: speech begins a turn, silence ends it."""
    turns: Turns = Turns()
    hearing: Hearing = Hearing()
    speaking: Speaking = Speaking()
    local: Local = Local()
    openai: OpenAI = OpenAI()
    memory: Memory = Memory()
    budget: Budget = Budget()
    care: Care = Care()
    logs: Logs = Logs()
    metrics: Metrics = Metrics()
    serving: Serving = Serving()
    companions: dict[str, dict[str, Any]] = Field(default={}, repr=False)
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
        wrong = first_wrong(error)
        if wrong.kind == "unknown":
            told = f"unknown setting {wrong.key!r}{_nearest(wrong.key)}"
            raise UserError(f"{where}: {told}") from error
        raise UserError(f"{where}: {wrong.key}: {wrong.expected}") from error


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
    section = key.rpartition(".")[0]
    beside = [each for each in keys() if each.rpartition(".")[0] == section]
    return f"; did you mean {close[0]!r}?" if close else f"; there are: {', '.join(beside)}"
