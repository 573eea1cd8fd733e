"""A scripted model that has habits, and a wearer who talks to it for days. All of it is made up."""

import datetime as dt
import re
from random import Random

from mynah.companions.base import Said, Usage
from mynah.companions.history import tokens
from mynah.config import Budget
from mynah.prompting.meter import Meter
from mynah.prompting.repetition import opening
from tests.bridge.minds import Clock, mind_of, size

WORD = re.compile(r"\w+")
FIRST = WORD.findall("Oh Well Ah Look So Now Hm Yes Dear Wait")
SECOND = WORD.findall("how that my this what you there it then and")
NOUNS = WORD.findall(
    "garden river guitar bicycle train lamp letter bridge market lake coat harbour"
)
REST = WORD.findall(
    "is was feels sounds looks seems bright quiet far near old warm odd soft new true"
)
CHINESE_FIRST = WORD.findall("哎呀 是啊 真的 好的 嗯嗯 你看 原来 今天 其实 没事")
CHINESE_SECOND = WORD.findall("那么 这样 我也 你在 听到 下次 大家 真是 怎么")
CHINESE_WORDS = "花园河边窗户吉他单车信件火车面包山灯石头音乐城市外套球桥湖画家远近安静温柔奇怪"
OBEDIENCE = 0.97
"""Of a habit that it is told to leave: models follow such a line mostly, not always."""
TURN_S, TURNS_A_TALK, PAUSE_S, TALKS_A_DAY = 30, 12, 1200, 8
PRICES = {"m": [1.0, 0.1, 4.0]}


class Talker:
    """Begins as it likes best, by far the most often, unless it is told not to."""

    def __init__(self, *, listens, language):
        self._random = Random(7)
        self._listens = listens
        self._is_chinese = language == "zh"
        parts = (CHINESE_FIRST, CHINESE_SECOND) if self._is_chinese else (FIRST, SECOND)
        self._openings = [f"{first}, {second}" for first in parts[0] for second in parts[1]]
        self._weights = [1 / rank for rank in range(1, len(self._openings) + 1)]

    def answer(self, chat):
        line = "\n".join(each["content"] for each in chat.turns[-2:-1])
        told = set(re.findall(r"[\"“]([^\"”]+)[\"”]", line)) if self._listens else set()
        while True:
            (begin,) = self._random.choices(self._openings, self._weights)
            if opening(begin) not in told or self._random.random() > OBEDIENCE:
                break
        if self._is_chinese:
            return f"{begin}{''.join(self._random.choices(CHINESE_WORDS, k=20))}。"
        words = self._random.choices(NOUNS + REST, k=12)
        return f"{begin} {' '.join(words)}."


class Days:
    """What came of so many turns."""

    def __init__(self, *, listens=True, budget=None, language="en"):
        self.language = language
        self.clock = Clock()
        self.meter = Meter(budget or Budget(prices=PRICES), "m", self._today)
        self.mind = mind_of(clock=self.clock, meter=self.meter, user_name="Ann")
        self.beside = self.mind.beside("local")
        self.talker = Talker(listens=listens, language=language)
        self.sizes = []
        self.replies = []
        self.costs = {}
        self.by_fallback = 0
        self._random = Random(3)

    async def live(self, turns):
        for number in range(turns):
            if number % TURNS_A_TALK == 0 and number:
                self.clock.now += PAUSE_S
                await self.mind.idle(self.clock.now, self._thinks_back)
            if number % (TURNS_A_TALK * TALKS_A_DAY) == 0 and number:
                self.clock.now += 86_400
            self._turn(f"Number {number}: {' '.join(self._random.choices(NOUNS, k=9))}, I think.")
        await self.mind.close()

    def repeated(self, after=30):
        """Share of replies that begin as one of the 30 before."""
        begins = [opening(reply) for reply in self.replies]
        again = [begins[at] in begins[max(at - 30, 0) : at] for at in range(after, len(begins))]
        return sum(again) / len(again)

    def _turn(self, words):
        self.clock.now += TURN_S
        said = Said(words, self.language)
        paid = self.meter.allows()
        mind = self.mind if paid else self.beside
        chat = mind.chat(said)
        reply = self.talker.answer(chat)
        self.by_fallback += not paid
        if paid:
            self.sizes.append(size(chat))
            mind.used(Usage(size(chat), tokens(reply)))
        mind.heard(said, reply)
        self.replies.append(reply)
        self.costs[self._today()] = self.meter.spent.cost

    async def _thinks_back(self, said):
        nouns = self._random.sample(NOUNS, 3)
        yield "\n".join(f"FACT: The user often thinks of the {noun}. | {noun}" for noun in nouns)
        yield "\nSUMMARY: They spoke of " + ", ".join(nouns) * 9

    def _today(self):
        return dt.datetime.fromtimestamp(self.clock.now, dt.UTC).date()


def slope(values):
    """Of the straight line that fits best, a step."""
    middle, average = (len(values) - 1) / 2, sum(values) / len(values)
    spread = sum((at - middle) ** 2 for at in range(len(values)))
    return sum((at - middle) * (value - average) for at, value in enumerate(values)) / spread
