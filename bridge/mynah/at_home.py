"""The companion that the settings name, at home: with character, memory, care and a fallback."""

import os
from importlib.util import find_spec
from typing import Final

from mynah.care.caring import Caring
from mynah.care.country import country_of
from mynah.care.crisis import Crisis
from mynah.characters.briefing import briefed
from mynah.companions import Companion, open_companion
from mynah.companions.guest import Guest
from mynah.companions.home import Home
from mynah.config import Settings
from mynah.errors import MynahError, UserError
from mynah.needs import LOCAL, is_missing
from mynah.prompting.mind import CharacterMind
from mynah.prompting.opening import folder_of, open_mind
from mynah.speech.models import find
from mynah.speech.tts import voice_file
from mynah.speech.voices import language_of_voice

NOBODY: Final = "none"
AUTO: Final = "auto"


def open_home(settings: Settings) -> Home:
    """Not started yet; UserError for a name or character that nobody has."""
    guest = open_companion(settings.companion, settings)
    mind = None if guest.capabilities.memory == "none" else open_mind(settings, settings.character)
    companion: Companion = guest
    if mind is not None:
        companion = briefed(guest, folder_of(settings.character))
    return Home(
        companion,
        _caring(settings),
        mind=mind,
        has_mind=mind is not None and guest.inhabit(mind),
        fallback=_fallback(settings, guest, mind),
        language=settings.hearing.language,
    )


def _caring(settings: Settings) -> Caring:
    care = settings.care
    crisis = Crisis(country_of(care.country, os.environ), _voice_of(settings))
    return Caring(crisis if care.crisis else None, minor=care.minor)


def _voice_of(settings: Settings) -> str:
    """The language that replies can be spoken in; empty if that is not known."""
    try:
        return language_of_voice(voice_file(find(settings.speaking.voice)))
    except MynahError:
        return ""  # what is wrong with a voice is told where it is needed


def _fallback(settings: Settings, guest: Guest, mind: CharacterMind | None) -> Guest | None:
    """The same character and memory, by somebody else."""
    name = settings.fallback
    if name == AUTO:
        name = LOCAL if mind is not None and _has_local(settings) else NOBODY
    if name in {NOBODY, guest.name}:
        return None
    fallback = open_companion(name, settings)
    if fallback.capabilities.memory == "server":
        raise UserError(
            f"fallback {name} keeps the conversation itself, and knows nothing of this one; "
            "take a model, such as local"
        )
    if mind is not None:
        fallback.inhabit(mind.beside(name))
    return fallback


def _has_local(settings: Settings) -> bool:
    """Whether a model runs on this computer, and is here."""
    return find_spec("xllamacpp") is not None and not is_missing(settings.local.model)
