"""What the Whisper worker makes of a request: two decodes, guards, a deadline, work ahead."""

import threading
import tracemalloc
from dataclasses import dataclass, field

import numpy as np
import pytest

from mynah.audio import SPEECH_HZ
from mynah.speech.listener import KEPT_WINDOWS, Listener
from mynah.speech.messages import Message
from mynah.speech.vad import FRAME_SAMPLES
from mynah.speech.windows import LONGEST_FRAMES

QUICK_MS, CAREFUL_MS = 60, 400
TEXT = "the quick words of a clip that lasts for three seconds"


@dataclass(frozen=True)
class Heard:
    text: str
    tokens: int = 12
    average: float = -0.1
    no_speech: float = 0.0
    language: str = "en"
    full_stop: float | None = 0.9


@dataclass
class FakeDecoder:
    """Says what it is told to say, and takes its time on a clock of its own."""

    quick: Heard = field(default_factory=lambda: Heard(TEXT))
    careful: Heard = field(default_factory=lambda: Heard("better words", full_stop=None))
    now_ms: float = 0.0
    asked: list = field(default_factory=list)

    def spliced(self, sound, language):
        self.now_ms += QUICK_MS
        self.asked.append(("spliced", round(len(sound) / SPEECH_HZ, 1), language))
        return self.quick

    def whole(self, sound, language):
        self.now_ms += CAREFUL_MS
        self.asked.append(("whole", round(len(sound) / SPEECH_HZ, 1), language))
        return self.careful

    @property
    def ways(self):
        return [way for way, *_ in self.asked]


def voiced(samples):
    """The probability of speech is 1 wherever there is sound."""
    whole = np.pad(samples, (0, -len(samples) % FRAME_SAMPLES)).reshape(-1, FRAME_SAMPLES)
    return np.any(whole, axis=1).astype(np.float32)


def sound(*spans_s):
    """Speech and silence in turn, beginning with speech."""
    parts = [
        np.full(round(span * SPEECH_HZ / FRAME_SAMPLES) * FRAME_SAMPLES, 1 - number % 2, np.int16)
        for number, span in enumerate(spans_s)
    ]
    return np.concatenate(parts)


def listener(decoder, language="en", **others):
    made = Listener(decoder, language, voiced, lambda: decoder.now_ms, **others)
    made.warm_up()
    decoder.asked.clear()
    return made


def ask(made, samples, **fields):
    request = Message("request", 1, fields, samples.astype("<i2").tobytes())
    return [fields for fields, _ in made.answer(request)]


UNSURE = Heard(TEXT, average=-0.5)


def test_words_that_are_sure_are_decoded_once():
    decoder = FakeDecoder()
    (reply,) = ask(listener(decoder), sound(3), patience_ms=1000)

    assert decoder.ways == ["spliced"]
    assert (reply["text"], reply["unsure"], reply["cost_ms"]) == (TEXT, False, QUICK_MS)


def test_unsure_words_come_at_once_and_better_ones_later():
    first, second = ask(listener(FakeDecoder(quick=UNSURE)), sound(3), patience_ms=1000)

    assert (first["text"], first["unsure"], first["cost_ms"]) == (TEXT, True, QUICK_MS)
    assert (second["text"], second["unsure"]) == ("better words", False)
    assert second["full_stop"] == first["full_stop"] == 0.9
    assert second["cost_ms"] == QUICK_MS + CAREFUL_MS
    assert first["window"] == second["window"]


@pytest.mark.parametrize("patience_ms", [0, QUICK_MS + CAREFUL_MS - 1])
def test_without_the_time_for_it_there_is_no_second_decode(patience_ms):
    decoder = FakeDecoder(quick=UNSURE)
    (reply,) = ask(listener(decoder), sound(3), patience_ms=patience_ms)

    assert decoder.ways == ["spliced"]
    assert reply["unsure"]


def test_a_decode_that_was_slow_once_is_tried_again():
    decoder = FakeDecoder(quick=Heard(TEXT, tokens=90, average=-0.5))
    made = listener(decoder)
    made._careful_ms = 2 * CAREFUL_MS
    patience_ms = QUICK_MS + CAREFUL_MS
    replies = [len(ask(made, sound(3 + number), patience_ms=patience_ms)) for number in range(10)]

    assert replies[0] == 1
    assert replies[-1] == 2


def test_a_guess_asks_for_no_second_decode():
    decoder = FakeDecoder(quick=UNSURE)

    assert len(ask(listener(decoder), sound(3))) == 1


@pytest.mark.parametrize("text", ["yes " * 9, "the dog, the dog, the dog,"])
def test_what_goes_round_is_decoded_in_full_whatever_the_time(text):
    decoder = FakeDecoder(quick=Heard(text))
    (reply,) = ask(listener(decoder), sound(1), patience_ms=0)

    assert decoder.ways == ["spliced", "whole"]
    assert reply["text"] == "better words"
    assert not reply["unsure"]


def test_what_goes_round_even_then_is_said_once():
    decoder = FakeDecoder(quick=Heard("yes " * 9), careful=Heard("yes " * 9))
    (reply,) = ask(listener(decoder), sound(1))

    assert reply["text"] == "yes"


def test_what_stops_before_the_speaker_is_decoded_in_full():
    decoder = FakeDecoder(quick=Heard("and so", tokens=2))
    (reply,) = ask(listener(decoder), sound(8))

    assert reply["text"] == "better words"


def test_a_second_decode_is_not_made_twice():
    decoder = FakeDecoder(quick=UNSURE)
    made = listener(decoder)
    ask(made, sound(3), patience_ms=1000)
    (reply,) = ask(made, sound(3), patience_ms=1000)

    assert decoder.ways == ["spliced", "whole"]
    assert reply["text"] == "better words"


def test_of_a_long_turn_only_what_is_new_is_decoded():
    decoder = FakeDecoder(quick=Heard(TEXT, tokens=90))
    made = listener(decoder)
    longest_s = LONGEST_FRAMES * FRAME_SAMPLES / SPEECH_HZ
    ask(made, sound(longest_s - 2, 1, 4))
    before = len(decoder.asked)
    replies = ask(made, sound(longest_s - 2, 1, 6))

    assert before == 2
    assert len(decoder.asked) - before == 1
    assert [reply["window"] for reply in replies] == [0, 1]
    assert {reply["windows"] for reply in replies} == {2}


@pytest.mark.parametrize("frames", [0, 1, 2])
def test_less_than_96_ms_of_voice_is_never_decoded(frames):
    decoder = FakeDecoder()
    blip = np.zeros(SPEECH_HZ, np.int16)
    blip[: frames * FRAME_SAMPLES] = 1

    assert ask(listener(decoder), blip, patience_ms=1000) == []
    assert decoder.asked == []


def test_words_of_nobody_are_silence():
    decoder = FakeDecoder(quick=Heard("Thank you.", 3, -1.0, 0.8))
    (reply,) = ask(listener(decoder), sound(0.5))

    assert reply["text"] == ""


def test_overhearing_decodes_nothing():
    decoder = FakeDecoder()

    assert ask(listener(decoder), sound(3), voice_only=True) == []
    assert decoder.asked == []


def test_a_language_is_detected_once_a_turn():
    decoder = FakeDecoder(quick=Heard(TEXT, tokens=90, language="de"))
    ask(listener(decoder, language=""), sound(11, 1, 11))

    assert [language for _, _, language in decoder.asked] == ["", "de"]


LONGEST_S = LONGEST_FRAMES * FRAME_SAMPLES / SPEECH_HZ
LONG = Heard(TEXT, tokens=90)


@pytest.mark.parametrize("captions", [False, True])
def test_a_window_that_was_complete_while_the_wearer_spoke_is_not_decoded_again(captions):
    decoder = FakeDecoder(quick=LONG)
    made = listener(decoder)
    shown = ask(made, sound(LONGEST_S - 2, 1, 4), follow=True, captions=captions)
    before = len(decoder.asked)
    replies = ask(made, sound(LONGEST_S - 2, 1, 6))

    assert (before, len(shown)) == ((2, 2) if captions else (1, 0))
    assert len(decoder.asked) - before == 1
    assert [reply["window"] for reply in replies] == [0, 1]


def test_many_pauses_crowd_out_nothing_that_is_complete():
    decoder = FakeDecoder(quick=LONG)
    made = listener(decoder)
    grown = sound(LONGEST_S - 2, 1, 4)
    for shorter in range(2 * KEPT_WINDOWS, 0, -1):
        ask(made, grown[: len(grown) - shorter])

    assert len([seconds for _, seconds, _ in decoder.asked if seconds > 10]) == 1
    assert len(decoder.asked) == 1 + 2 * KEPT_WINDOWS


def test_a_caption_is_never_decoded_with_care():
    decoder = FakeDecoder(quick=Heard("yes " * 9, average=-0.5))
    (reply,) = ask(listener(decoder), sound(3), follow=True, captions=True, patience_ms=9999)

    assert decoder.ways == ["spliced"]
    assert reply["text"] == "yes"


@dataclass
class HeldDecoder(FakeDecoder):
    """Long sound is not decoded before it is released."""

    released: threading.Event = field(default_factory=threading.Event)
    held: bool = False

    def spliced(self, sound, language):
        if len(sound) > 5 * SPEECH_HZ:
            self.held = True
            assert self.released.wait(10)
        return super().spliced(sound, language)


def test_what_can_not_wait_overtakes_and_what_was_left_behind_is_not_begun_again():
    decoder = HeldDecoder(quick=LONG)
    made = listener(decoder, overtaken=lambda: decoder.held)
    long = sound(LONGEST_S - 2, 1, 4)

    assert ask(made, long, follow=True, captions=True) == []
    assert [reply["text"] for reply in ask(made, sound(1))] == [TEXT]
    assert ask(made, sound(3), follow=True, captions=True) == []  # one is on its way still
    decoder.released.set()
    assert len(ask(made, long)) == 2
    assert len(decoder.asked) == 3


def test_whether_the_turn_is_over_is_told_after_the_words_and_before_better_ones():
    made = listener(FakeDecoder(quick=UNSURE), end_probability=lambda _sound: 0.7)
    replies = ask(made, sound(3), patience_ms=1000)

    assert [reply.get("text") for reply in replies] == [TEXT, None, "better words"]
    assert replies[1]["end_probability"] == 0.7
    assert ask(made, np.zeros(SPEECH_HZ, np.int16)) == []


def test_what_is_kept_of_windows_is_not_their_sound():
    decoder = FakeDecoder(quick=Heard(TEXT, tokens=30))
    made = listener(decoder)
    ask(made, sound(15))
    tracemalloc.start()
    try:
        for number in range(KEPT_WINDOWS):
            ask(made, sound(5 + number * FRAME_SAMPLES / SPEECH_HZ))
        ask(made, sound(1))
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert len(decoder.asked) > KEPT_WINDOWS
    assert held < SPEECH_HZ * 4 * 5  # not one of the 32 as floats
