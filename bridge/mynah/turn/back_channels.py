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
    # As Whisper writes it: both scripts, and thanks for watching where nobody spoke.
    ("zh", Kind.REMARK): """
        哈, 哇, 哦, 噢, 喔, 啊, 呵, 嘿, 哎, 唉, 诶, 欸, 呀, 呃, 咦, 哎呀, 哎哟, 哎喲, 天哪, 天啊,
        我的天, 真的, 真的吗, 真的嗎, 真的啊, 真的假的, 有意思, 真有意思, 有趣, 真有趣, 好玩,
        原来如此, 原來如此, 原来是这样, 原來是這樣, 这样啊, 這樣啊, 是这样啊, 是這樣啊, 是吗,
        是嗎, 不会吧, 不會吧, 难怪, 難怪, 怪不得, 厉害, 厲害, 真厉害, 真厲害, 好厉害, 好厲害,
        谢谢观看, 謝謝觀看, 谢谢大家, 謝謝大家""",
    ("zh", Kind.NOD): """
        嗯, 恩, 唔, 嗯哼, 对, 對, 对啊, 對啊, 对呀, 對呀, 对的, 對的, 好, 好的, 好吧, 好啊, 好呀,
        好嘞, 好滴, 是, 是的, 是啊, 是呀, 就是, 也是, 确实, 確實, 的确, 的確, 没错, 沒錯, 没问题,
        沒問題, 知道了, 我知道, 我知道了, 明白, 明白了, 我明白, 我明白了, 懂了, 我懂, 我懂了,
        了解, 了解了, 瞭解, 收到, 清楚了, 可以, 可以啊, 可以的, 行, 行啊, 行吧, 当然, 當然,
        当然了, 當然了, 有道理, 说得对, 說得對, 太好了, 真好, 真棒, 不错, 不錯, 很好, 挺好的,
        继续, 繼續, 继续说, 繼續說, 继续吧, 繼續吧, 你继续, 你繼續, 你继续说, 你繼續說, 请继续,
        請繼續, 接着说, 接著說, 你说, 你說, 你说吧, 你說吧, 请说, 請說, 然后呢, 然後呢""",
    ("zh", Kind.COMMAND): """
        停, 停下, 停下来, 停下來, 停止, 停一下, 停一停, 先停, 先停一下, 暂停, 暫停, 打住, 等,
        等一下, 等一等, 等下, 等会儿, 等會兒, 等一会儿, 等一會兒, 等我一下, 稍等, 稍等一下,
        请等一下, 請等一下, 先等一下, 且慢, 慢着, 慢著, 别, 別, 别说, 別說, 别说了, 別說了,
        别讲了, 別講了, 先别说, 先別說, 不要说了, 不要說了, 不用说了, 不用說了, 别吵, 別吵, 安静,
        安靜, 安静点, 安靜點, 安静一下, 安靜一下, 嘘, 噓, 闭嘴, 閉嘴, 住口, 住嘴, 不, 不是,
        不是的, 不对, 不對, 不要, 不行, 不用, 不用了, 够了, 夠了, 好了, 行了, 可以了, 算了, 取消""",
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
