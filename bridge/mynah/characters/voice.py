"""The voice a character speaks with: chosen here, or come with its capsule."""

from pathlib import Path

from mynah.characters.home_folder import Folder, find
from mynah.config import Settings
from mynah.errors import MynahError, UserError
from mynah.speech.models import catalogue, is_here, missing
from mynah.speech.models import find as find_model
from mynah.speech.tts import voice_file
from mynah.speech.voices import language_of_voice, such_as


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


def chosen(voice: str) -> str:
    """The voice as it is kept: a pinned one's name, or where the file is. UserError or ModelError
    says which there are, if it is neither.
    """
    pinned = {model.name: model for model in catalogue().values() if model.kind == "piper"}
    if voice in pinned:
        if not is_here(pinned[voice]):
            raise missing(voice)
        return voice
    path = Path(voice).expanduser()
    if not path.exists():
        raise UserError(
            f"no voice is called {voice!r}; there are {', '.join(pinned)}, or give the .onnx file "
            "of any of Piper's"
        )
    return str(voice_file(path).resolve())


def unspoken(settings: Settings) -> str:
    """The same of the character that is played."""
    return mute(find(settings.character), settings) if settings.character else ""


def mute(folder: Folder, settings: Settings) -> str:
    """In a line, that its voice can't say what the character writes; empty if it can, or nobody
    knows.
    """
    writes = folder.card().view.language
    voice = folder.voice if can_speak(folder.voice) else settings.speaking.voice
    try:
        speaks = language_of_voice(voice_file(find_model(voice)))
    except MynahError:
        return ""  # what is wrong with it is told where it is needed
    if not writes or not speaks or writes == speaks:
        return ""
    return (
        f"the card is in {writes} and the voice {Path(voice).stem} speaks {speaks}: choose one "
        f"with --voice{such_as(writes)}"
    )


def can_speak(voice: str) -> bool:
    """Whether it is here: a pinned one by name, or a file by its whole path."""
    model = catalogue().get(voice)
    return is_here(model) if model else Path(voice).is_absolute() and Path(voice).is_file()
