"""Everybody who can answer, in rows: where they are, and what is still to be set."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from mynah.companions import names, unknown
from mynah.companions.agents.dify import DifySettings
from mynah.companions.agents.home_assistant import HomeAssistantSettings
from mynah.companions.agents.letta import LettaSettings
from mynah.companions.agents.own_backend import OwnSettings
from mynah.companions.agents.program import ProgramSettings, words_of
from mynah.companions.models.presets import Preset, preset_of, presets, settings_of, wants_key
from mynah.companions.reaching.openai_http import api_key, is_this_computer, key_of, key_variable
from mynah.companions.reaching.sections import ANYWHERE, section, where
from mynah.companions.voices.realtime_settings import SERVERS, RealtimeSettings
from mynah.companions.voices.vtuber import VTuberSettings
from mynah.companions.voices.xiaozhi_settings import XiaozhiSettings
from mynah.config import Section, Settings
from mynah.errors import UserError

NOBODY: Final = "?"

_HERE: Final[Mapping[str, tuple[str, str]]] = {
    "local": ("A", "this computer"),
    "parrot": ("A", "this computer"),
    "sillytavern": ("D", "an open tab of SillyTavern"),
}

_KINDS: Final[Mapping[str, tuple[str, type[Section]]]] = {
    "home_assistant": ("B", HomeAssistantSettings),
    "dify": ("B", DifySettings),
    "letta": ("B", LettaSettings),
    "webhook": ("B", OwnSettings),
    "websocket": ("B", OwnSettings),
    "program": ("B", ProgramSettings),
    "xiaozhi": ("C", XiaozhiSettings),
    "realtime": ("C", RealtimeSettings),
    "open_llm_vtuber": ("C", VTuberSettings),
}
"""Their lane, and the keys of their tables."""

_KEYS: Final = ("api_key", "token", "key")
"""How those tables call a key."""

_KEY_WANTED: Final = frozenset({"home_assistant", "dify", "realtime"})
"""By everybody but a server of one's own; the others may do without."""

_NOT_NAMES: Final = frozenset({"auto", "none"})
"""What `fallback` may say instead of a name."""


_MISSING: Final = re.compile(r"companion \S+ needs (\S+) in the settings")
"""As `section` says it; here the name stands in the same row."""


@dataclass(frozen=True, slots=True)
class Row:
    """Of the list."""

    name: str
    lane: str
    """A: a model that is told everything. B: an agent that remembers. C: one with its own voice. D:
    the other way round. Of a stranger's, `-`; of a name that nobody has, `?`."""
    where: str = ""
    key: bool | None = None
    """Whether there is one; None if it needs none."""
    free: bool = False
    about: str = ""
    needs: str = ""
    """What is to be done before it can answer."""


def rows(settings: Settings) -> list[Row]:
    """By lane; first what is wrong in the settings."""
    known = names(settings)
    named = {settings.companion, settings.fallback, *settings.companions}
    lost = [
        Row(name, NOBODY, needs=str(unknown(name, settings)))
        for name in sorted(named - _NOT_NAMES - set(known))
    ]
    return sorted([*lost, *(_row(name, settings) for name in known)], key=lambda row: row.lane)


def _row(name: str, settings: Settings) -> Row:
    table = settings.companions.get(name, {})
    try:
        if name == "openai":
            return _openai(settings)
        if name in _KINDS:
            return _agent(name, table)
        if preset := preset_of(name, table):
            return _model(name, preset, table)
    except UserError as error:
        lane = _KINDS[name][0] if name in _KINDS else "A" if name in presets() else NOBODY
        missing = _MISSING.fullmatch(str(error))
        return Row(name, lane, needs=f"set {missing[1]}" if missing else str(error))
    lane, place = _HERE.get(name, ("-", ""))
    return Row(name, lane, place, free=lane != "D")


def _openai(settings: Settings) -> Row:
    base_url = settings.openai.base_url
    return _of_model("openai", base_url, api_key(settings.openai), key_variable("openai"), "")


def _model(name: str, preset: Preset, table: Mapping[str, Any]) -> Row:
    chosen = settings_of(preset, name, table)
    set_key = chosen.api_key.get_secret_value()
    key = key_of(preset.key or preset.name, set_key, chosen.base_url)
    return _of_model(name, chosen.base_url, key, preset.variable, preset.about)


def _of_model(name: str, base_url: str, key: str, variable: str, about: str) -> Row:
    here = is_this_computer(base_url)
    missing = not key and wants_key(base_url)
    has_key = None if here and not key else bool(key)
    return Row(name, "A", base_url, has_key, here, about, f"set {variable}" if missing else "")


def _agent(name: str, table: Mapping[str, Any]) -> Row:
    lane, kind = _KINDS[name]
    settings = section(kind, name, table)
    if isinstance(settings, ProgramSettings):
        return Row(name, lane, Path(words_of(settings.command)[0]).name)
    url, owner = getattr(settings, "url", ""), name
    if isinstance(settings, RealtimeSettings):
        url, owner = url or SERVERS[settings.server].url, settings.server
    held = next((each for each in _KEYS if hasattr(settings, each)), "")
    key = key_of(owner, getattr(settings, held).get_secret_value(), ANYWHERE) if held else ""
    wanted = not key and name in _KEY_WANTED and owner != "localai"
    has_key = bool(key) if key or wanted else None
    needs = f"set {key_variable(owner)}" if wanted else ""
    return Row(name, lane, where(url), has_key, needs=needs)
