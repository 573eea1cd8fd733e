import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mynah.acts.lexicon import Form, forms_of, hit_in
from mynah.acts.marks import LONGEST
from mynah.acts.role_play import RolePlay
from mynah.acts.vocabulary import VOCABULARY
from mynah.companions.base import Act
from mynah.speech.plain import plain_text
from mynah.speech.reading import read_aloud
from tests.bridge.role_play_figures import lines, parsed

LINES = lines()
SAID = [line for line in LINES if not line.acts and line.spoken == line.text]
MARKS = "*＊(（)）[]【】<|>\\\n ,.。x3好😊"
PIECES = st.lists(
    st.sampled_from([*MARKS, "hugs you", "抱住你", "happy", "really"]),
    max_size=40,
)
UNSPEAKABLE = ("hugs", "smiles", "giggles", "抱住", "轻轻", "EMOTE", "<|", "sighs")


def test_there_are_enough_lines_of_both_languages_and_of_what_is_left_alone():
    assert len(LINES) >= 300
    assert sum(line.is_chinese for line in LINES) >= 100
    assert sum(not line.is_chinese for line in LINES) >= 100
    assert len(SAID) >= 50


@pytest.mark.parametrize("written", [1, 2, 3, 4])
def test_nine_of_ten_lines_have_the_right_acts_and_the_right_words(written):
    chosen = [line for line in LINES if line.written == written]
    results = [(line, *parsed([line.text])) for line in chosen]
    wrong = [(line.text, got) for line, got, _ in results if got != line.acts]
    missaid = [(line.text, said) for line, _, said in results if said != line.spoken]

    assert len(wrong) <= len(chosen) / 10, wrong
    assert len(missaid) <= len(chosen) / 100, missaid


@pytest.mark.parametrize("line", SAID, ids=lambda line: line.text)
def test_emphasis_arithmetic_and_explanations_are_left_alone(line):
    assert parsed([line.text]) == ((), line.text)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("3 * 4 is 12", "3 times 4 is 12"),
        ("3*4=12", "3 times 4=12"),
        ("2 * (3 * 4) = 24", "2 times (3 times 4) = 24"),
        ("a * b", "a * b"),
    ],
)
def test_arithmetic_is_kept_on_its_whole_way_and_read_as_such(text, read):
    assert plain_text(parsed([text])[1]) == text
    assert read_aloud(text, "en") == read


def test_stars_that_say_nothing_are_not_read():
    assert plain_text("* one\n* *two* **three**") == "one two three"


def test_no_tag_is_ever_spoken():
    for line in LINES:
        _, said = parsed([line.text])
        for tag in UNSPEAKABLE:
            assert tag not in said or tag in line.spoken, line.text


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_pieces_may_be_cut_anywhere(size):
    for line in LINES:
        pieces = [line.text[at : at + size] for at in range(0, len(line.text), size)]

        assert parsed(pieces) == parsed([line.text]), line.text


@given(PIECES)
@example(["*", "hugs you", "*", " ", ",", " ", "x"])
def test_what_comes_out_is_the_same_whatever_the_pieces(pieces):
    text = "".join(pieces)

    assert parsed(text) == parsed([text]) == parsed(pieces)


@given(st.text(max_size=300))
def test_nothing_is_said_that_was_not_written(text):
    acts, said = parsed(text)

    letters = iter(text)
    assert all(letter in letters for letter in said)  # in this order
    assert set(acts) <= set(VOCABULARY)


@given(st.text(alphabet="好 abc,.", max_size=200))
def test_text_without_marks_is_never_held_back(text):
    parser = RolePlay()
    parser.push("x")

    assert "".join(parser.push(text)) == text


def test_an_act_comes_where_it_was_written():
    out = RolePlay().push("Hello! *hugs you* I missed you. *kisses you* Bye. ")

    assert out == ["Hello! ", Act("hug"), "I missed you. ", Act("love"), "Bye. "]


@pytest.mark.parametrize("mark", [*"*([【", "（", "<|"])
def test_a_mark_that_never_closes_holds_back_no_more_than_a_line_or_an_action(mark):
    parser = RolePlay()
    parser.push("So, ")
    held = parser.push(mark + "hugs you and goes on" + " and on" * 3)
    assert held in ([], [mark])

    assert "hugs you" in "".join(map(str, parser.push("\n")))
    parser = RolePlay()
    parser.push("So, " + mark + "x" * LONGEST)
    assert "x" * LONGEST in "".join(parser.push("xxxxx"))


@pytest.mark.parametrize("text", ["*gently hugs you*", "*轻轻抱住你*", "(softly laughs)"])
def test_what_is_done_gently_is_felt_softly(text):
    (act,) = RolePlay().push(text + " ")[:1]

    assert 0 < act.gain < Act("hug").gain


def test_an_exclamation_is_said():
    assert parsed(["*Oh my god!* You came."]) == ((), "Oh my god! You came.")


def test_a_reply_may_be_nothing_but_an_act():
    assert parsed(["*hugs you*"]) == (("hug",), "")


@pytest.mark.parametrize(
    ("verb", "going", "third"),
    [
        ("hug", "hugging", "hugs"),
        ("smile", "smiling", "smiles"),
        ("kiss", "kissing", "kisses"),
        ("cry", "crying", "cries"),
        ("lie", "lying", "lies"),
        ("blush", "blushing", "blushes"),
        ("play", "playing", "plays"),
        ("open", "opening", "opens"),
    ],
)
def test_a_verb_is_known_with_its_endings(verb, going, third):
    forms = forms_of(verb)

    assert (forms[going], forms[third], forms[verb]) == (Form.GOING, Form.THIRD, Form.PLAIN)


@pytest.mark.parametrize("text", ["抱歉", "父亲", "好笑", "网站", "the table", ""])
def test_words_that_only_look_like_actions_are_none(text):
    assert hit_in(text) is None
