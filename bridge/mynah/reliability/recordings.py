"""What is said in a soak: recordings of people, the short ones."""

from pathlib import Path
from typing import Final

from mynah.audio import SPEECH_HZ, Samples
from mynah.audio.files import read_speech
from mynah.bench.clips import VARIABLE, listed, speech_folder
from mynah.errors import UserError

LONGEST_S: Final = 4.0
"""A turn of a longer one takes more than the twelve seconds that 300 turns an hour leave it."""


def speech_folder_or_error() -> Path:
    """Where recordings of people are; UserError if they can't be had."""
    folder = speech_folder()
    if folder is None:
        raise UserError(f"there are no recordings of people here: name a folder in {VARIABLE}")
    return folder


def short_clips() -> list[Samples]:
    """The English ones that are short enough; all, where none is."""
    sounds = [read_speech(clip.path) for clip in listed(speech_folder_or_error(), "en")]
    short = [sound for sound in sounds if len(sound) <= LONGEST_S * SPEECH_HZ]
    return short or sounds
