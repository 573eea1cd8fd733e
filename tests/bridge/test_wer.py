import pytest

from mynah.bench.wer import errors, word_error_rate, words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ten of clubs.", "10 of clubs"),
        ("mister Quilter", "Mr. Quilter"),
        ("the twentieth time", "the 20th time"),
        ("the twenty first", "the 21st"),
        ("it isn't poison", "It is not poison!"),
        ("I'll go", "i will go"),
        ("God bless 'em", "god bless them"),
        ("ill-disposed", "ill disposed"),
        ("one thousand two hundred thirty four", "1,234"),
        ("it\u2019s", "it is"),
        ("can't", "cannot"),
    ],
)
def test_two_spellings_of_the_same_words_are_equal(one, other):
    assert words(one) == words(other)


def test_a_genitive_is_no_contraction():
    assert words("the dog's bone") != words("the dog is bone")


@pytest.mark.parametrize(
    ("reference", "heard", "expected"),
    [
        ("a b c", "a b c", 0),
        ("a b c", "a x c", 1),
        ("a b c", "a c", 1),
        ("a b c", "a b x c", 1),
        ("a b c", "", 3),
        ("", "a b", 2),
    ],
)
def test_errors_are_the_fewest_changes(reference, heard, expected):
    assert errors(reference.split(), heard.split()) == expected


def test_the_rate_is_over_all_words_together():
    assert word_error_rate([("a b c d", "a b c d"), ("e", "x")]) == pytest.approx(1 / 5)


def test_chinese_is_compared_character_by_character():
    assert word_error_rate([("换一首歌", "换一手歌。")]) == pytest.approx(1 / 4)
