"""What a backend that keeps the conversation is told of an answer that was cut short."""

import pytest

from mynah.companions.base import Said
from mynah.companions.reaching.unheard import LONGEST_HEARD, Unheard

NEXT = Said("Go on.", "en", ring="(The wearer tapped twice.)")


def answered(unheard):
    with unheard.asking():
        pass


def test_an_answer_that_was_heard_to_its_end_is_not_mentioned():
    unheard = Unheard()
    answered(unheard)
    unheard.heard("All of it.")

    assert unheard.words(NEXT) == "(The wearer tapped twice.)\nGo on."


@pytest.mark.parametrize(
    ("language", "heard", "line"),
    [
        ("en", "Once upon", "(I interrupted you just now and only heard: “Once upon”)"),
        ("zh", "从前", "(我刚才打断了你，只听到：“从前”)"),
        ("yue", "从前", "(我刚才打断了你，只听到：“从前”)"),
        ("de", "Once", "(I interrupted you just now and only heard: “Once”)"),
        ("en", "", "(I interrupted you just now and heard none of it.)"),
        ("zh", "", "(我刚才打断了你，什么也没听到。)"),
    ],
)
def test_an_interruption_is_told_in_the_wearers_language(language, heard, line):
    unheard = Unheard()
    answered(unheard)
    unheard.cancelled(heard)
    unheard.heard(heard)

    assert unheard.line(language) == line


def test_what_was_heard_in_the_end_counts_and_not_what_seemed_so_at_first():
    unheard = Unheard()
    answered(unheard)
    unheard.cancelled("Once upon a time")
    unheard.heard("Once upon")

    assert "“Once upon”" in unheard.line("en")


def test_an_answer_that_was_left_before_anybody_heard_it_was_not_heard():
    unheard = Unheard()
    answered(unheard)

    assert "heard none of it" in unheard.line("en")


def test_a_turn_that_failed_leaves_what_has_to_be_told():
    unheard = Unheard()
    answered(unheard)
    unheard.cancelled("Once")
    unheard.heard("Once")
    with pytest.raises(OSError, match="gone"), unheard.asking():
        raise OSError("gone")

    assert "“Once”" in unheard.line("en")


def test_it_is_told_once():
    unheard = Unheard()
    answered(unheard)
    unheard.cancelled("Once")
    unheard.heard("Once")
    answered(unheard)
    unheard.heard("All of it.")

    assert unheard.line("en") == ""


def test_of_a_long_answer_the_end_is_told():
    unheard = Unheard()
    answered(unheard)
    unheard.cancelled("word " * 500)

    assert len(unheard.last) == LONGEST_HEARD + 1
    assert unheard.last.startswith("…")


@pytest.mark.parametrize(("line", "told"), [("", ""), ("[cut: {heard}]", "[cut: Once]")])
def test_the_line_can_be_changed_or_left_out(line, told):
    unheard = Unheard(line)
    answered(unheard)
    unheard.cancelled("Once")

    assert unheard.line("en") == told
