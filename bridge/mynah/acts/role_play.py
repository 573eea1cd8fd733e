"""Role play as it streams: what is said comes out as text, what is done as acts. Pure.

Nothing is lost: a mark that opens nothing, or never closes, is text.
"""

from typing import Final

from mynah.acts.emotions import act_of, canonical
from mynah.acts.marks import (
    LONGEST,
    OPENERS,
    STARS,
    bracket_end,
    is_ascii_word,
    is_emoji,
    is_over,
    star_end,
    star_run,
)
from mynah.acts.spans import ROUND, SQUARE, STAR, TAG, judged
from mynah.companions.base import Act

_SLICE: Final = 500
"""Characters judged at a time: a reply of nothing but marks costs no more than its length."""

_CONTEXT: Final = 60
"""Characters before a mark that tell whether a sentence goes on there."""

_CLOSERS: Final = {"(": "()", "（": "()", "[": "[]", "【": "[]"}
_KINDS: Final = {"(": ROUND, "[": SQUARE}
_TAG_OPEN: Final = "<|"
_TAG_CLOSE: Final = "|>"
_LEFT_OVER: Final = ",.;，。、；"
_ENDS: Final = ".!?…。！？"

Spoken = list[str | Act]


class RolePlay:
    """One reply. `push` what comes, `flush` at its end."""

    def __init__(self) -> None:
        self._text = ""  # not yet judged
        self._before = ""  # the line up to it
        self._last = ""  # character that was spoken
        self._begun = False
        self._owed = False  # the second star of a pair that was too long
        self._tidy = False  # a gap was left by what was taken out
        self._out: Spoken = []

    def push(self, text: str) -> Spoken:
        """What can be said and done now; pieces may be cut anywhere."""
        for start in range(0, len(text), _SLICE):
            self._text += text[start : start + _SLICE]
            self._judge_text(final=False)
        return self._taken()

    def flush(self) -> Spoken:
        """What was held back."""
        self._judge_text(final=True)
        return self._taken()

    def _taken(self) -> Spoken:
        out, self._out = self._out, []
        return out

    def _judge_text(self, *, final: bool) -> None:
        while self._text and self._step(final=final):
            pass

    def _step(self, *, final: bool) -> bool:
        """Judge what comes next; False if that takes more than is there."""
        if not self._begun:
            return self._begin(final=final)
        mark = OPENERS.search(self._text)
        if mark is None:
            self._say(len(self._text))
        elif mark.start():
            self._say(mark.start())
        elif mark[0] in STARS:
            return self._star(final=final)
        elif mark[0] == "<":
            return self._tag(final=final)
        elif mark[0] == "\\":
            return self._escape(final=final)
        else:
            return self._bracket(_CLOSERS[mark[0]][0], final=final)
        return True

    def _begin(self, *, final: bool) -> bool:
        """An emoji that opens a reply says how the companion feels."""
        blank = len(self._text) - len(self._text.lstrip())
        end = blank
        while end < len(self._text) and is_emoji(self._text[end]):
            end += 1
        if end == len(self._text) and not final and end - blank < LONGEST:
            return False
        self._begun = True
        known = [sign for sign in self._text[blank:end] if canonical(sign)]
        if known:
            self._do(end, act_of(known[0]))
        return True

    def _star(self, *, final: bool) -> bool:
        text = self._text
        run = star_run(text, 0)
        if run == len(text) and not final:
            return False
        following, before = text[run : run + 1], self._before[-1:]
        if run == 1 and self._owed and before.strip() and not is_ascii_word(following):
            self._owed = False
            self._drop(1)
            return True
        if run > 1 or is_ascii_word(before) or not following.strip():
            self._say(run)  # bold, or a product
            return True
        end = star_end(text)
        if not final and (not is_over(text) if end is None else end + 1 == len(text)):
            return False
        if end is None and (not self._before or self._before[-1].isspace()):
            self._drop(1)  # it was to open something, and a star is no word
            self._owed = True
        elif end is None:
            self._say(1)
        else:
            self._judge(STAR, text[1:end], end + 1)
        return True

    def _bracket(self, kind: str, *, final: bool) -> bool:
        text = self._text
        if is_ascii_word(self._before[-1:]):
            self._say(1)  # f(x), array[0]
            return True
        end = bracket_end(text, kind)
        if end is None and not final and not is_over(text):
            return False
        if end is None:
            self._say(1)
        else:
            self._judge(_KINDS[kind], text[1:end], end + 1)
        return True

    def _tag(self, *, final: bool) -> bool:
        text = self._text
        end = text.find(_TAG_CLOSE, len(_TAG_OPEN))
        may_be = text.startswith(_TAG_OPEN[: len(text)])
        if may_be and end < 0 and not final and not is_over(text):
            return False
        if not may_be or not 0 <= end <= LONGEST or "\n" in text[:end]:
            self._say(1)
        else:
            self._judge(TAG, text[len(_TAG_OPEN) : end], end + len(_TAG_CLOSE))
        return True

    def _escape(self, *, final: bool) -> bool:
        if len(self._text) == 1 and not final:
            return False
        if self._text[1:2] in (*STARS,):
            self._drop(1)
        self._say(1)
        return True

    def _judge(self, kind: str, content: str, length: int) -> None:
        done = judged(kind, content.strip(), self._before)
        if done is not None:
            self._do(length, done.act)
        elif kind == STAR:
            self._drop(1)
            self._say(length - 2)
            self._drop(1)
        else:
            self._say(1)  # there may be marks inside

    def _do(self, length: int, act: Act | None) -> None:
        self._text = self._text[length:]
        self._before = ""
        self._tidy = True
        if act is not None:
            self._out.append(act)

    def _drop(self, length: int) -> None:
        self._text = self._text[length:]

    def _say(self, length: int) -> None:
        text, self._text = self._text[:length], self._text[length:]
        self._before = (self._before + text).rpartition("\n")[2][-_CONTEXT:]
        text = self._tidied(text) if self._tidy else text
        if not text:
            return
        self._last = text[-1]
        if self._out and isinstance(self._out[-1], str):
            self._out[-1] += text
        else:
            self._out.append(text)

    def _tidied(self, text: str) -> str:
        """Without the second of two spaces, and a comma or full stop that ended what is gone."""
        kept = ""
        for at, letter in enumerate(text):
            last = (kept or self._last)[-1:]
            gap = not last or last.isspace()
            left_over = letter in _LEFT_OVER and (gap or last in _ENDS)
            if left_over or (letter == " " and gap):
                continue
            kept += letter
            if letter != " ":
                self._tidy = False
                return kept + text[at + 1 :]
        return kept
