"""Thoughts in every tag that models put around them, cut anywhere."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mynah.companions.base import Reasoning
from mynah.companions.thoughts import Thoughts

SPOKEN = "Good evening, my dear."
FINAL = "<|start|>assistant<|channel|>final<|message|>"
SAME = (
    f"<think>Hm.</think>{SPOKEN}",
    f"<THINKING>Hm.</THINKING>{SPOKEN}",
    f"<thought>Hm.</thought>{SPOKEN}",
    f"[THINK]Hm.[/THINK]{SPOKEN}",
    f"<|channel|>analysis<|message|>Hm.<|end|>{FINAL}{SPOKEN}",
    f"<|channel|>final<|message|>{SPOKEN}<|return|>",
    f"<|channel>thought\nHm.<channel|>{SPOKEN}",
    "Good <think>a</think>evening, <think>b</think>my dear.",
    f"{SPOKEN}<think>and then",
    SPOKEN,
)
PLAIN = ("2 < 3, [sic] and 4 > 1", "a <b> in bold", "<", "[T", "I <3 you", "<|", "x [THIN")


def parted(pieces, **fields):
    """What is said aloud, what is thought, and what was learned."""
    thoughts = Thoughts(**fields)
    parts = [part for piece in pieces for part in thoughts.push(piece)] + thoughts.flush()
    aloud = "".join(part for part in parts if isinstance(part, str))
    thought = "".join(part.text for part in parts if isinstance(part, Reasoning))
    return aloud, thought, thoughts.unopened


@pytest.mark.parametrize("text", SAME)
@pytest.mark.parametrize("doubt", [False, True])
def test_a_thought_is_no_part_of_what_is_said_however_it_is_cut(text, doubt):
    for size in (1, 2, 3, 5, 1000):
        pieces = [text[at : at + size] for at in range(0, len(text), size)]

        assert parted(pieces, doubt=doubt)[0] == SPOKEN


@pytest.mark.parametrize("text", PLAIN)
def test_what_only_looks_like_a_tag_is_said(text):
    assert parted(text) == (text, "", None)


def test_thoughts_without_a_beginning_are_kept_back_in_doubt_and_known_of_after():
    assert parted("Hm, so.</think>Hello.", doubt=True) == ("Hello.", "Hm, so.", True)
    assert parted("Hm, so.</think>Hello.") == ("Hm, so.Hello.", "", True)


def test_an_answer_without_thoughts_is_said_at_its_end_and_ends_the_doubt():
    assert parted("Hello.", doubt=True) == ("Hello.", "", False)
    assert parted("<think>Hm.</think>Hello.", doubt=True) == ("Hello.", "Hm.", False)


def test_an_answer_that_was_cut_off_in_doubt_is_not_said():
    thoughts = Thoughts(doubt=True)
    thoughts.push("They want to hear")

    assert thoughts.flush(cut=True) == [Reasoning("They want to hear")]
    assert thoughts.unopened is None


def test_what_needs_no_doubt_is_said_at_once():
    thoughts = Thoughts()

    assert thoughts.push("Hello, ") == ["Hello, "]
    assert thoughts.push("you <") == ["you "]


@given(st.text(alphabet="<>/|[]think aTHINK\nchannel", max_size=60), st.randoms())
def test_no_words_are_lost_or_made_up(text, random):
    cuts = sorted(random.sample(range(len(text) + 1), min(3, len(text) + 1)))
    pieces = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]

    assert parted(pieces) == parted([text])
