"""How likely Whisper thought a full stop, from what it thought of every token."""

import numpy as np
import pytest

from mynah.speech.full_stop import full_stop

WORDS = ["we", "went", "home", ".", "!", "?", '."', '!"', '?"', ",", "<end>"]


class Codec:
    def encode(self, text):
        return [WORDS.index(text)]

    def decode(self, tokens):
        return "".join(WORDS[token] for token in tokens)


def thought(**likely):
    """Logits in the place of one token."""
    names = {"stop": ".", "question": "?", "comma": ",", "word": "home", "end": "<end>"}
    shares = np.full(len(WORDS), 1e-9)
    for name, share in likely.items():
        shares[WORDS.index(names[name])] = share
    return np.log(shares)[None, :]


HEARD = [thought(word=1.0)] * 3


@pytest.mark.parametrize("said", [["we", "went", "home", "."], ["we", "went", "home"]])
def test_it_is_told_after_the_last_word_whatever_was_set_there(said):
    tokens = [WORDS.index(word) for word in said]
    places = [*HEARD, thought(stop=0.5, question=0.2, comma=0.1, end=0.2), thought(end=1.0)]

    assert full_stop(tokens, places, Codec()) == pytest.approx(0.7)


def test_words_that_the_cap_cut_off_tell_nothing():
    assert full_stop([0, 1, 2], HEARD, Codec()) is None


def test_nothing_heard_tells_nothing():
    assert full_stop([], [thought(end=1.0)], Codec()) is None
