"""How a Chinese transcript ends: what its last signs say of more to come. Pure.

Whisper's `base` seldom sets marks in Chinese, so that words are all there is beside the voice.
"""

import re
from typing import Final

from mynah.turn.back_channels import Kind, kind, words

WHOLE: Final = 1.5
OVER: Final = 0.8
OPEN: Final = -1.5
NUMBERS: Final = -1.0
"""Log-odds. Given, not fitted: there are too few recordings. With 0.8 beside the voice's usual
-0.66 the pause is taken in 0.4 s, and not in 1.5."""

_MARKS: Final = re.compile(r"[\s，。、！？；：…—～,.!?;:~-]+$")
_PARTICLES: Final = tuple("吗嗎吧呢嘛呀啦")
"""They close a question, a proposal, a mood; 了 and 的 stand inside sentences as well."""
_WANT_MORE: Final = (
    "嗯 呃 那个 那個 这个 這個 就是 就是说 就是說 然后 然後 还有 還有 而且 但是 可是 不过 不過 "
    "因为 因為 所以 如果 要是 虽然 雖然 比如 比如说 比如說 或者 还是 還是 以及 和 跟 与 與 把 被 "
    "给 給 从 從 在 对于 关于 關於 "
    "我 我们 我們 我想 我觉得 我覺得 一个 一個 很 最 更 的话 的話"
)
_OPEN: Final = tuple(_WANT_MORE.split())
_IN_A_ROW: Final = re.compile(r"[0-9零\u3007一二三四五六七八九幺]{2,}$")


def lean(text: str) -> float:
    """Log-odds that the turn is over, for what was heard so far; 0 where its end says nothing."""
    said = words(text)
    if kind(said, "zh") is not None and kind(said, "zh") is not Kind.REMARK:
        return WHOLE
    bare = _MARKS.sub("", text)
    if _IN_A_ROW.search(bare):
        return NUMBERS
    if bare.endswith(_OPEN):
        return OPEN
    return OVER if bare.endswith(_PARTICLES) else 0.0
