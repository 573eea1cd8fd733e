import pytest

from mynah.turn.delay import Hints, wait_ms
from mynah.turn.ending_chinese import NUMBERS, OPEN, OVER, WHOLE, lean


@pytest.mark.parametrize(
    ("text", "odds"),
    [
        ("好的。", WHOLE),
        ("等一下", WHOLE),
        ("不用了", WHOLE),
        ("今天天气怎么样呢", OVER),
        ("你知道吗？", OVER),
        ("我們走吧", OVER),
        ("我想问你,然后", OPEN),
        ("因为", OPEN),
        ("那個……", OPEN),
        ("我的电话是138", NUMBERS),
        ("号码是幺三八零", NUMBERS),
        ("换一首歌", 0.0),
        ("", 0.0),
    ],
)
def test_the_last_signs_tell_whether_more_comes(text, odds):
    assert lean(text) == odds


def test_a_whole_answer_is_taken_sooner_than_an_open_end():
    waits = [
        wait_ms(Hints(text, language))
        for text in ("好的。", "换一首歌", "我想听,然后")
        for language in ("zh",)
    ]

    assert waits[0] < waits[1] <= waits[2]


def test_in_other_languages_they_say_nothing():
    assert wait_ms(Hints("好的", "de")) == wait_ms(Hints("然后", "de"))
