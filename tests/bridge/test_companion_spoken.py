import pytest

from mynah.companions.plausible import MOST_CHARACTERS
from mynah.companions.spoken import FewSentences, SpokenText
from mynah.errors import CompanionError


def spoken(*pieces):
    text = SpokenText("it")
    parts = []
    for piece in pieces:
        parts.append(text.push(piece))
        text.check()
    return "".join([*parts, text.flush()])


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Hello there.", "Hello there."),
        ("<think>Who is that?</think>Hello.", "Hello."),
        ("Well, <THINKING>hm</THINKING>hello.", "Well, hello."),
        ("</think>Hello.", "Hello."),
        ("<think>I had better say noth", ""),
        ("1 < 2 and <b>so</b> on <", "1 < 2 and <b>so</b> on <"),
        ("Bell\x07 and \x1b[0m null\x00.", "Bell and  null."),
        ("Line\r\n\tline.", "Line\r\n\tline."),
    ],
)
def test_what_is_spoken_is_the_same_however_it_is_cut(written, said):
    assert spoken(written) == said
    assert spoken(*written) == said


def test_a_file_that_is_served_as_an_answer_is_an_error():
    with pytest.raises(CompanionError, match="it sent unprintable") as caught:
        spoken("Hello. ", "\x00\ufffd" * 100)

    assert not caught.value.retryable


def test_an_answer_without_end_is_spoken_up_to_the_limit():
    text = SpokenText("it")
    said = text.push("la " * MOST_CHARACTERS)

    with pytest.raises(CompanionError, match="without end"):
        text.check()
    assert len(said) == MOST_CHARACTERS


def test_a_thought_without_end_is_not_kept():
    text = SpokenText("it")
    text.push("<think>")
    for _ in range(1000):
        assert text.push("hm < ") == ""

    assert len(text._thoughts._held) < 20


@pytest.mark.parametrize(
    ("written", "most", "said"),
    [
        ("One. Two. Three. Four.", 2, "One. Two. "),
        ("One. Two.", 2, "One. Two."),
        ("\nIt is 3.5 now! Is it?! Yes.", 2, "\nIt is 3.5 now! Is it?! "),
        ('"Hm." Then "no." And on.', 2, '"Hm." Then "no." '),
        ("你好。今天好。再见。", 2, "你好。今天好。"),
        ("Hi!\n\n\nWell. Good", 2, "Hi!\n\n\nWell. "),
    ],
)
def test_few_sentences_are_few(written, most, said):
    for pieces in ([written], list(written)):
        few = FewSentences(most)
        parts = []
        for piece in pieces:
            parts.append(few.push(piece))
            if few.full:
                break

        assert "".join(parts).rstrip() == said.rstrip()
        assert few.full == (len(said) < len(written))
