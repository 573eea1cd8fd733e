"""What a conversation needs is asked for before anything is loaded, and told all at once."""

import pytest

from mynah.companions import local
from mynah.config import Settings
from mynah.errors import ModelError, UserError
from mynah.needs import find_models
from mynah.speech.models import CACHE_VARIABLE, HUB_FILES, catalogue


def settings(**sections):
    return Settings.model_validate({"companion": "parrot", **sections})


def keep(folder, name):
    """As if it had been fetched; nothing here reads what is in it."""
    (folder / name).mkdir(parents=True)
    for file in catalogue()[name].files:
        (folder / name / file.name).write_bytes(b"")


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    folder = tmp_path / "models"
    monkeypatch.setenv(CACHE_VARIABLE, str(folder))
    return folder


def test_all_models_that_are_missing_are_told_at_once():
    with pytest.raises(ModelError) as caught:
        find_models(settings(companion="local"))

    assert str(caught.value) == (
        "models tiny.en, joe, smollm2 are not here; run `mynah models get tiny.en joe smollm2`"
    )


def test_who_lacks_the_language_model_alone_is_offered_the_parrot(cache):
    keep(cache, "tiny.en")
    keep(cache, "joe")

    with pytest.raises(ModelError) as caught:
        find_models(settings(companion="local"))

    assert str(caught.value) == (
        "model smollm2 is not here; run `mynah models get smollm2`, or take --companion parrot"
    )


def test_what_must_be_installed_is_told_before_what_must_be_fetched(monkeypatch):
    monkeypatch.setattr(local, "find_spec", lambda _name: None)

    with pytest.raises(UserError, match=r"needs xllamacpp; .* or take --companion parrot"):
        find_models(settings(companion="local"))


def test_a_companion_that_nobody_has_is_told_before_what_must_be_fetched():
    with pytest.raises(UserError, match="did you mean parrot"):
        find_models(settings(companion="parot"))


@pytest.mark.parametrize(
    ("sections", "told"),
    [
        (
            {"speaking": {"voice": "tiny.en"}},
            (
                "speaking.voice is 'tiny.en', which is a Whisper model; "
                "it takes a Piper voice, such as joe"
            ),
        ),
        (
            {"hearing": {"model": "joe"}},
            (
                "hearing.model is 'joe', which is a Piper voice; "
                "it takes a Whisper model, such as tiny.en, base"
            ),
        ),
        (
            {"companion": "local", "local": {"model": "base"}},
            (
                "local.model is 'base', which is a Whisper model; "
                "it takes a language model, such as smollm2"
            ),
        ),
    ],
    ids=["a voice", "ears", "a mind"],
)
def test_a_model_is_not_taken_for_what_it_was_not_made_for(sections, told):
    with pytest.raises(UserError) as caught:
        find_models(settings(**sections))

    assert str(caught.value) == told


@pytest.mark.parametrize(
    ("file", "called"),
    [
        ("model.bin", "a Whisper model"),
        ("mind.gguf", "a language model"),
        ("ann.onnx", None),
        ("notes.txt", None),
    ],
)
@pytest.mark.parametrize("by_folder", [True, False], ids=["folder", "file"])
def test_a_model_of_ones_own_is_known_by_its_files(tmp_path, file, called, by_folder):
    path = tmp_path / "mine"
    path.mkdir()
    (path / file).write_bytes(b"")
    voice = str(path if by_folder else path / file)

    # What may be a voice passes; what is missing comes after.
    with pytest.raises(UserError if called else ModelError) as caught:
        find_models(settings(speaking={"voice": voice}))

    assert (called or "tiny.en is not here") in str(caught.value)


@pytest.mark.parametrize("language", ["de", "zh"])
def test_a_model_of_one_language_is_not_asked_to_hear_another(language):
    with pytest.raises(UserError) as caught:
        find_models(settings(hearing={"language": language}))

    assert str(caught.value) == (
        f"hearing.model tiny.en knows only 'en', and hearing.language is {language!r}; "
        "set hearing.model to base"
    )


@pytest.mark.parametrize(
    "hearing",
    [{"language": "auto"}, {"language": "en"}, {"model": "base", "language": "de"}],
    ids=str,
)
def test_a_model_is_asked_for_what_it_knows(hearing):
    with pytest.raises(ModelError, match="not here"):
        find_models(settings(hearing=hearing))


def test_models_that_are_here_are_found(tmp_path):
    ears, voice = tmp_path / "ears", tmp_path / "ann.onnx"
    ears.mkdir()
    voice.write_bytes(b"")

    found = find_models(settings(hearing={"model": str(ears)}, speaking={"voice": str(voice)}))

    assert (found.hearing, found.voice) == (ears, voice)


def test_ears_of_the_hub_are_asked_for_by_their_name():
    with pytest.raises(ModelError, match=r"run `mynah models get Systran/faster-whisper-base\.en"):
        find_models(settings(hearing={"model": "Systran/faster-whisper-base.en"}))


def test_ears_of_the_hub_are_found_once_they_were_fetched(cache, tmp_path):
    voice = tmp_path / "ann.onnx"
    voice.write_bytes(b"")
    folder = cache / "hub" / "Systran" / "faster-whisper-base.en"
    folder.mkdir(parents=True)
    for file in HUB_FILES:
        (folder / file).write_bytes(b"")

    ears = {"model": "Systran/faster-whisper-base.en"}
    assert find_models(settings(hearing=ears, speaking={"voice": str(voice)})).hearing == folder


def test_a_voice_is_not_looked_for_on_the_hub():
    with pytest.raises(UserError, match="'rhasspy/piper' is no model"):
        find_models(settings(speaking={"voice": "rhasspy/piper"}))
