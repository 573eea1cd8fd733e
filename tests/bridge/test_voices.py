import json

import pytest

from mynah.doctor.languages import language
from mynah.errors import ModelError
from mynah.speech.models import find
from mynah.speech.tts import PiperSynthesizer
from mynah.speech.voices import language_of_voice, such_as
from tests.bridge.recordings import needs_model


@pytest.fixture
def voice(tmp_path):
    """A voice that says so much of itself."""

    def make(about):
        file = tmp_path / "ann.onnx"
        file.touch()
        (tmp_path / "ann.onnx.json").write_text(
            about if isinstance(about, str) else json.dumps(about), encoding="utf-8"
        )
        return file

    return make


def of(espeak):
    return {"espeak": {"voice": espeak}, "phoneme_type": "espeak"}


@pytest.mark.parametrize(
    ("about", "speaks"),
    [
        (of("en-us"), "en"),
        (of("en-gb-x-rp"), "en"),
        (of("cmn"), "zh"),
        (of("de"), "de"),
        ({"espeak": {}}, ""),
        ([], ""),
        ("no JSON", ""),
    ],
)
def test_a_voice_tells_its_language(voice, about, speaks):
    assert language_of_voice(voice(about)) == speaks


def test_a_voice_for_which_piper_would_fetch_a_model_by_itself_is_refused(voice):
    file = voice({"espeak": {"voice": "cmn"}, "phoneme_type": "pinyin"})

    with pytest.raises(ModelError, match="such as zh_CN-huayan-medium"):
        PiperSynthesizer(file)


@pytest.mark.parametrize("text", ["你好，很高兴见到你。", "こんにちは", "我买了3个iPhone 15，"])
async def test_a_reply_that_the_voice_has_no_sounds_for_fails_with_the_name_of_one_that_has(
    voice, text
):
    piper = PiperSynthesizer(voice(of("en-us")))

    with pytest.raises(ModelError, match=r"ann can't say Chinese.*zh_CN-huayan-medium"):
        await anext(piper.speak(text))


@pytest.mark.parametrize(
    ("hears", "about", "state", "step"),
    [
        ("en", of("en-us"), "ok", ""),
        ("auto", of("en-us"), "ok", ""),
        ("zh", of("cmn"), "ok", ""),
        ("zh", of("en-us"), "ok", "such as zh_CN-huayan-medium"),
        ("de", of("cmn"), "ok", "such as de_DE-thorsten-medium"),
        ("fi", of("en-us"), "ok", "a Piper voice of fi"),
        ("zh", {"espeak": {"voice": "cmn"}, "phoneme_type": "pinyin"}, "broken", "another voice"),
    ],
)
def test_the_doctor_names_a_voice_of_the_wearers_language(voice, hears, about, state, step):
    finding = language(hears, "ann", lambda _: voice(about))

    assert finding.state == state
    assert step in finding.next_step
    assert bool(step) == bool(finding.next_step)


def test_a_voice_that_is_not_there_is_another_looks_business(tmp_path):
    assert language("zh", "ann", lambda _: tmp_path).state == "ok"


def test_there_is_not_a_voice_to_name_for_every_language():
    assert such_as("zh") == ", such as zh_CN-huayan-medium"
    assert such_as("fi") == ""


@pytest.mark.model
@needs_model("joe")
async def test_a_voice_reads_signs_in_words_and_leaves_out_what_is_foreign_in_mid_reply():
    piper = PiperSynthesizer(find("joe"))
    await piper.start()
    try:
        voice = piper.reply()
        in_words = [part async for part in voice.speak("It costs 5 dollars at 10 o'clock.")]
        in_signs = [part async for part in piper.speak("It costs $5 at 10:00.")]
        foreign = [part async for part in voice.speak("你好，很高兴见到你。")]
    finally:
        await piper.stop()

    assert sum(map(len, in_signs)) == sum(map(len, in_words)) > 0
    assert foreign == []
