import csv
import time
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mynah.speech.numbers import chinese_digits, english
from mynah.speech.plain import plain_text
from mynah.speech.reading import language_of, read_aloud
from mynah.speech.sentences import ClauseSplitter
from mynah.speech.tts import LONGEST_PIECE_CHARACTERS

FILE = Path(__file__).parents[1] / "vectors" / "spoken_text.tsv"
SAME = "="
BETWEEN = " ‖ "


@dataclass(frozen=True)
class Line:
    text: str
    clauses: list[str]
    voice: str
    spoken: str


def lines():
    with FILE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))[1:]
    return [
        Line(
            text,
            [text] if clauses == SAME else clauses.split(BETWEEN),
            voice,
            text if spoken == SAME else spoken,
        )
        for text, clauses, voice, spoken in rows
    ]


corpus = pytest.mark.parametrize("line", lines(), ids=lambda line: line.text)


def split(*pieces):
    splitter = ClauseSplitter()
    clauses = [clause for piece in pieces for clause in splitter.push(piece)]
    return clauses + splitter.flush()


@corpus
def test_a_reply_is_cut_into_the_same_clauses_however_it_arrives(line):
    assert split(line.text) == line.clauses
    assert split(*line.text) == line.clauses
    for width in (2, 3, 7):
        edges = [*range(0, len(line.text), width), len(line.text)]
        assert split(*(line.text[a:b] for a, b in pairwise(edges))) == line.clauses


@corpus
def test_it_is_read_as_a_person_would_read_it(line):
    assert read_aloud(plain_text(line.text), line.voice) == line.spoken


SIGNS = "我很高兴见到你的了吗好两个年月天米嗎對"
MARKS = "，。、！？：；…—～「」《》（）“” \n"
LATIN = "aB iPhone km GB"
NUMBERS = "0123456789.,:-/%°C￥$€+=~@#"

mixed = st.text(st.sampled_from(SIGNS + MARKS + LATIN + NUMBERS + "*_'\"()😀"), max_size=200)
numbers = st.from_regex(r"(?a:\d{1,4}([.,:：，/-]\d{1,4}){0,2}(%|℃|°C)?)", fullmatch=True)


def letters(text):
    return [letter for letter in text if letter.isalnum()]


def cuts(text, data):
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=6)))
    return [text[start:end] for start, end in pairwise([0, *cuts, len(text)])]


@given(mixed)
def test_nothing_that_can_be_read_aloud_is_lost_by_cutting(text):
    assert letters("".join(split(text))) == letters(plain_text(text))


@given(mixed, st.data())
def test_any_pieces_of_mixed_text_give_the_same_clauses(text, data):
    assert split(*cuts(text, data)) == split(text)


@given(st.lists(st.sampled_from(SIGNS), min_size=1, max_size=40), numbers, st.integers(0, 40))
def test_no_clause_ends_inside_a_number(signs, number, place):
    text = "".join([*signs[:place], number, *signs[place:]])

    assert any(number in clause for clause in split(text))


@given(st.text(st.sampled_from(SIGNS[:6] + "。！？，」》）「《（a1"), max_size=100))
def test_no_clause_begins_with_what_ends_or_closes_the_one_before(text):
    for before, after in pairwise(split(text)):
        assert not (before[-1] in "。！？」》）" and after[0] in "。！？」》）"), (before, after)


@given(mixed, st.sampled_from(["en", "zh", "de", "ja", ""]))
def test_a_voice_is_given_no_sign_that_it_lacks_and_every_one_that_it_has(text, voice):
    spoken = read_aloud(plain_text(text), voice)
    signs = [letter for letter in plain_text(text) if letter in SIGNS]
    kept = iter(spoken)

    if voice in {"en", "de"}:
        assert not any(letter in SIGNS for letter in spoken)
    else:
        assert all(any(sign == other for other in kept) for sign in signs)


@given(st.text(max_size=200), st.sampled_from(["en", "zh", "de", "ja", "", "xx"]))
def test_any_text_can_be_read_and_grows_within_bounds(text, voice):
    assert len(read_aloud(text, voice)) <= 25 * len(text)


@pytest.mark.parametrize("voice", ["en", "zh"])
@pytest.mark.parametrize(
    "endless",
    ["1", "1-", "1 ", "a.", "~", "$1", "1/", "1:", "call 1", "打1", "A. ", "1,", ".", "吗"],
)
def test_the_longest_piece_is_read_in_no_time(voice, endless):
    text = (endless * LONGEST_PIECE_CHARACTERS)[:LONGEST_PIECE_CHARACTERS]

    begun = time.perf_counter()
    read_aloud(text, voice)

    assert time.perf_counter() - begun < 0.5  # 5 ms, and ten times that where the computer is busy


@pytest.mark.parametrize(
    ("number", "words"),
    [
        ("0", "zero"),
        ("15", "fifteen"),
        ("2024", "two thousand twenty four"),
        ("1,234,567", "one million two hundred thirty four thousand five hundred sixty seven"),
        ("3.05", "three point zero five"),
        ("007", "zero zero seven"),
        ("9" * 13, " ".join(["nine"] * 13)),
    ],
)
def test_numbers_in_english_words(number, words):
    assert english(number) == words


def test_digits_one_by_one_in_chinese():
    assert chinese_digits("2010") == "二零一零"
    assert chinese_digits("110", of_telephone=True) == "幺幺零"


@pytest.mark.parametrize(
    ("name", "language"), [("cmn", "zh"), ("zh_CN", "zh"), ("yue", "zh"), ("en-gb-x-rp", "en")]
)
def test_voices_are_named_in_many_ways(name, language):
    assert language_of(name) == language


def test_the_end_of_a_sentence_waits_for_what_closes_it_and_a_comma_does_not():
    splitter = ClauseSplitter()

    assert splitter.push("今天天气很好，") == ["今天天气很好，"]
    assert splitter.push("我们走吧。") == []
    assert splitter.push("”") == []
    assert splitter.push("好") == ["我们走吧。”"]
