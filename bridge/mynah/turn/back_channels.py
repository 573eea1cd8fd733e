"""What people say while they listen, and what they say to be listened to, language by language."""

import re
import unicodedata
from collections.abc import Iterator
from enum import IntEnum
from functools import cache
from typing import Final

Words = tuple[str, ...]


class Kind(IntEnum):
    """What a whole utterance is made of; the highest of its phrases counts."""

    REMARK = 1
    """Wants nothing, and answers nothing."""
    NOD = 2
    """The same, unless a question was asked."""
    COMMAND = 3
    """Wants silence."""


_ASIDE: Final = re.compile(r"\[[^\]]*\]|\([^)]*\)|\*[^*]*\*")
"""Whisper's way to tell of what is no speech: "[coughs]", "(laughter)", "*sighs*"."""

_WORD: Final = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W_\u3040-\u30ff\u3400-\u9fff]+")
"""Chinese and Japanese have no spaces: there each sign is one."""

_RUN: Final = re.compile(r"(.)\1+")

EVERYWHERE: Final = ""
ENGLISH: Final = "en"
"""Many say "okay" and "stop", whatever they speak."""

_PHRASES: Final = {
    (
        EVERYWHERE,
        Kind.REMARK,
    ): """
        m, mh, hm, hum, h, uh, um, er, huh, ah, oh, ooh, wow, ha, haha, hahaha, he""",
    (EVERYWHERE, Kind.NOD): "mhm, mm hm, hm hm, uh huh, aha, ok, okay",
    (EVERYWHERE, Kind.COMMAND): "stop, sh",
    # Whisper writes "you" and "thanks for watching" for a cough as well.
    ("en", Kind.REMARK): """
        i see, really, interesting, no way, oh my, oh my god, my god, oh dear, gosh, jeez, amazing,
        awesome, funny, that's funny, that's interesting, hm interesting, is that so, you don't say,
        you, thanks for watching""",
    ("en", Kind.NOD): """
        yeah, yea, yep, yup, yes, ya, right, all right, alright, sure, of course, exactly, true,
        indeed, absolutely, definitely, totally, fine, good, great, nice, cool, perfect, very good,
        sounds good, got it, i know, i understand, understood, makes sense, that makes sense,
        that's right, that's true, that's good, that's great, that's nice, fair enough, oh yeah,
        go on, please go on, go ahead, carry on, keep going, continue, please continue""",
    ("en", Kind.COMMAND): """
        wait, wait a minute, wait a second, wait a moment, no, nope, hold on, hang on, pause, quiet,
        be quiet, silence, hush, shut up, enough, that's enough, stop it, stop talking,
        one moment, one second, just a moment, just a second, cancel, never mind, uh uh, nuh uh""",
    ("de", Kind.REMARK): """
        ach, ach so, achso, soso, echt, wirklich, krass, interessant, wahnsinn, na ja, tja, oha,
        ich verstehe, verstehe, ach was""",
    ("de", Kind.NOD): """
        ja, jo, jap, jaja, genau, gut, sehr gut, klar, na klar, alles klar, stimmt, das stimmt,
        richtig, sicher, natürlich, in ordnung, passt, eben, schön, toll, super, weiter,
        mach weiter, ich weiß""",
    ("de", Kind.COMMAND): """
        stopp, halt, warte, warte mal, moment, moment mal, einen moment, nein, nee, nö, ruhe, still,
        sei still, sei ruhig, halt den mund, schluss, genug, hör auf, aufhören, das reicht""",
    ("es", Kind.REMARK): """
        entiendo, ya veo, en serio, de verdad, vaya, anda, qué bien, qué interesante, interesante,
        no me digas, ja, jaja, jajaja""",
    ("es", Kind.NOD): """
        sí, vale, claro, bien, muy bien, bueno, ya, exacto, eso, eso es, así es, de acuerdo, cierto,
        es cierto, correcto, por supuesto, perfecto, genial, ajá, sigue, continúa""",
    ("es", Kind.COMMAND): """
        para, alto, espera, un momento, un segundo, no, cállate, calla, silencio, basta, ya basta,
        detente""",
    ("fr", Kind.REMARK): """
        ah bon, je vois, je comprends, vraiment, dis donc, oh là là, intéressant, c'est intéressant,
        sans blague, hein""",
    ("fr", Kind.NOD): """
        oui, ouais, oui, si, d'accord, bien, très bien, bien sûr, exactement, voilà, c'est ça,
        tout à fait, en effet, c'est vrai, parfait, super, génial, continue, vas y""",
    ("fr", Kind.COMMAND): """
        arrête, arrêtez, attends, attendez, un instant, un moment, une seconde, non, tais toi,
        taisez vous, silence, ça suffit, assez, chut, pause""",
    ("zh", Kind.REMARK): """
        哈, 哇, 哦, 噢, 喔, 啊, 呵, 真的, 真的吗, 真的嗎, 有意思, 原来如此, 原來如此, 是吗, 是嗎""",
    ("zh", Kind.NOD): """
        嗯, 对, 對, 好, 好的, 好吧, 是, 是的, 是啊, 没错, 沒錯, 知道了, 我知道, 明白, 明白了, 可以,
        行, 当然, 當然, 继续, 繼續""",
    ("zh", Kind.COMMAND): """
        停, 停下, 停止, 等, 等一下, 别说了, 別說了, 安静, 安靜, 闭嘴, 閉嘴, 不, 不是, 不要,
        够了, 夠了, 慢着, 慢著""",
}

LANGUAGES: Final = frozenset(language for language, _ in _PHRASES) - {EVERYWHERE}


def words(text: str) -> Words:
    """What was said: no case, no accents, no marks, nothing in brackets."""
    text = _ASIDE.sub(" ", unicodedata.normalize("NFKD", text))
    plain = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return tuple(_WORD.findall(kept.replace("'", "").replace("\u2019", "")))


def kind(said: Words, language: str) -> Kind | None:
    """What an utterance is that is made of such phrases alone; None for any other, or none."""
    phrases = _phrases_of(language[:2].casefold())
    said = _squeezed(said)
    best: list[int | None] = [0] + [None] * len(said)  # of what was said up to here
    for end in range(1, len(said) + 1):
        kinds = [
            max(before, found)
            for begin in range(max(0, end - _LONGEST), end)
            if (before := best[begin]) is not None and (found := phrases.get(said[begin:end]))
        ]
        best[end] = max(kinds, default=None)
    return Kind(best[-1]) if best[-1] else None


def _squeezed(said: Words) -> Words:
    """Nobody counts the letters of "hmmm"."""
    return tuple(_RUN.sub(r"\1", word) for word in said)


def _table() -> Iterator[tuple[str, Words, Kind]]:
    for (language, which), text in _PHRASES.items():
        for phrase in text.split(","):
            yield language, _squeezed(words(phrase)), which


_LONGEST: Final = max(len(phrase) for _, phrase, _ in _table())  # in words


@cache
def _phrases_of(language: str) -> dict[Words, Kind]:
    """Of an unknown language, those of all; what is a command in one of them is one."""
    heard = {EVERYWHERE, ENGLISH, language} if language in LANGUAGES else {EVERYWHERE, *LANGUAGES}
    found: dict[Words, Kind] = {}
    for each, phrase, which in _table():
        if each in heard:
            found[phrase] = max(which, found.get(phrase, which))
    return found
