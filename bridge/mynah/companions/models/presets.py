"""Companions by the name of their vendor or server: `presets.toml`, and the settings over it."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.metadata import entry_points
from importlib.resources import files
from typing import Any, Final
from urllib.parse import urlsplit

from pydantic import Field, ValidationError

from mynah.companions.base import GROUP
from mynah.companions.models.anthropic import AnthropicWire
from mynah.companions.models.model import ModelCompanion
from mynah.companions.models.ollama import OllamaWire
from mynah.companions.models.openai_trouble import Trouble
from mynah.companions.models.openai_wire import OpenAIWire
from mynah.companions.models.quirks import Quirks, changed
from mynah.companions.models.wire import Wire
from mynah.companions.reaching.openai_http import key_of, key_variable
from mynah.config import OpenAI, Settings
from mynah.errors import UserError
from mynah.wrong_setting import first_wrong

WIRES: Final[Mapping[str, type[Wire]]] = {
    "openai": OpenAIWire,
    "anthropic": AnthropicWire,
    "ollama": OllamaWire,
}

OWN: Final = frozenset({"preset", "base_url"})
"""Either of them makes a name of one's own a companion."""

SERVER: Final = "server"
"""How one is called that is nobody's we know."""

_SETTINGS: Final = frozenset({"base_url", "model", "context_tokens"})
"""Of a preset, what is a setting rather than a quirk."""


class ModelSettings(OpenAI):
    """The keys of [companions.NAME] for a preset. Those of `openai`, and:"""

    preset: str = ""
    """For a name of your own: which preset it is."""
    stop: list[str] = Field(default_factory=list)
    """What ends an answer."""
    extra: dict[str, Any] = Field(default_factory=dict)
    """Sent with every request as it is, over everything else."""


@dataclass(frozen=True, slots=True)
class Preset:
    """A line of the table."""

    name: str
    about: str
    wire: str
    settings: Mapping[str, Any]
    """What [companions.NAME] says over."""
    quirks: Quirks
    origin: str
    """Where this was read: documented, or memory."""
    hosts: tuple[str, ...] = ()
    key: str = ""
    """Whose key it takes, if not its own."""

    @property
    def base_url(self) -> str:
        return str(self.settings["base_url"])

    @property
    def variable(self) -> str:
        """Where the environment holds its key."""
        return key_variable(self.key or self.name)


@cache
def presets() -> Mapping[str, Preset]:
    """All of them, by name, in the table's order."""
    text = files("mynah.companions.models").joinpath("presets.toml").read_text("utf-8")
    tables = tomllib.loads(text)
    return {name: _preset(name, tables[table.get("like", name)]) for name, table in tables.items()}


def companion(name: str, settings: Settings) -> ModelCompanion | None:
    """The companion of that name; None if it is no preset's. `openai` has a section of its own."""
    table = settings.companions.get(name, {})
    preset = preset_of(name, table)
    return None if preset is None else made(preset, name, table)


def preset_of(name: str, table: Mapping[str, Any]) -> Preset | None:
    """Whose line a name takes, its own or the one that [companions.NAME] asks for.

    A name of one's own with an address and nothing else is a server that speaks as OpenAI does.
    UserError for a preset that there is not; None if it is no model's server.
    """
    wanted = str(table.get("preset", name))
    if wanted in presets():
        return presets()[wanted]
    if "preset" in table:
        known = ", ".join(presets())
        if entry_points(group=GROUP, name=wanted):
            raise UserError(
                f"companions.{name}.preset: {wanted} is no model's server, and has no other name; "
                f"use companion {wanted} and [companions.{wanted}]"
            )
        raise UserError(f"companions.{name}.preset: no such preset; there are: {known}")
    if "base_url" not in table or entry_points(group=GROUP, name=name):
        return None
    found = of_url(_checked(table, name).base_url)
    return found if found.hosts else replace(found, name=name)


def made(preset: Preset, name: str, table: Mapping[str, Any]) -> ModelCompanion:
    """A companion of this preset with the settings of [companions.NAME]."""
    chosen = settings_of(preset, name, table)
    quirks = preset.quirks
    if chosen.base_url != preset.base_url and preset.hosts:
        quirks = quirks_of_host(chosen.base_url, quirks)
    key_name = preset.key or preset.name
    key = key_of(key_name, chosen.api_key.get_secret_value(), chosen.base_url)
    trouble = Trouble(
        chosen.base_url,
        chosen.model,
        chosen.wait_s,
        section=f"companions.{name}",
        variable=preset.variable,
    )
    model = ModelCompanion(chosen, key, WIRES[preset.wire](), quirks, trouble)
    model.keyless = not key and wants_key(chosen.base_url)
    return model


def wants_key(base_url: str) -> bool:
    """Whether that is a vendor, who answers nobody without one."""
    host = urlsplit(base_url).hostname
    return any(host in preset.hosts for preset in presets().values())


def settings_of(preset: Preset, name: str, table: Mapping[str, Any]) -> ModelSettings:
    """The preset's with the user's over them; UserError names the first key that is wrong."""
    return _checked({**preset.settings, **table}, name)


def _checked(table: Mapping[str, Any], name: str) -> ModelSettings:
    try:
        return ModelSettings.model_validate(table)
    except ValidationError as error:
        wrong = first_wrong(error, f"companions.{name}.")
        if wrong.kind == "unknown":
            known = ", ".join(ModelSettings.model_fields)
            raise UserError(f"unknown setting {wrong.key!r}; there are: {known}") from error
        raise UserError(f"{wrong.key}: {wrong.expected}") from error


def quirks_of_host(base_url: str, otherwise: Quirks | None = None) -> Quirks:
    """What a vendor is known to want, by the host's name; a server of one's own wants nothing."""
    host = urlsplit(base_url).hostname
    for preset in presets().values():
        if host in preset.hosts and preset.wire == "openai":
            return preset.quirks
    return otherwise or Quirks()


def of_url(base_url: str) -> Preset:
    """The preset of a server by its address: a vendor's, one of our own, or none that is known."""
    host = urlsplit(base_url).hostname
    for preset in presets().values():
        if base_url == preset.base_url and (preset.hosts or preset.wire == "ollama"):
            return preset
    for preset in presets().values():
        if host in preset.hosts:
            return preset
    return Preset(SERVER, "", "openai", {"base_url": base_url, "model": "default"}, Quirks(), "")


def _preset(name: str, table: Mapping[str, Any]) -> Preset:
    return Preset(
        name,
        table["about"],
        table.get("wire", "openai"),
        {key: value for key, value in table.items() if key in _SETTINGS},
        # A vendor sends thoughts apart from words.
        changed(Quirks(unopened=False) if "hosts" in table else Quirks(), table),
        table["from"],
        tuple(table.get("hosts", ())),
        table.get("key", ""),
    )
