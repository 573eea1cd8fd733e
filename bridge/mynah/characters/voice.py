"""The voice a character speaks with: chosen here, or come with its capsule."""

from pathlib import Path

from mynah.characters.home_folder import Folder, find
from mynah.config import Settings
from mynah.speech.models import catalogue, is_here


def voiced(settings: Settings) -> Settings:
    """With the voice of the character that is played; as they are if it has none, or it is not
    on this computer. UserError if there is no such character.
    """
    voice = find(settings.character).voice if settings.character else ""
    if not can_speak(voice):
        return settings
    speaking = settings.speaking.model_copy(update={"voice": voice})
    return settings.model_copy(update={"speaking": speaking})


def voice_of(folder: Folder, settings: Settings) -> str:
    """For a capsule: the character's own, else the one that it was heard with here."""
    played = settings.speaking.voice if settings.character == folder.name else ""
    voice = folder.voice or folder.card().view.voice or played
    return Path(voice).name  # a folder of this computer says nothing elsewhere


def can_speak(voice: str) -> bool:
    """Whether it is here: a pinned one by name, or a file."""
    model = catalogue().get(voice)
    return is_here(model) if model else bool(voice) and Path(voice).is_file()
