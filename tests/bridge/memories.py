"""Facts and questions for tests of memory: 200 written before there was any code to find them."""

from functools import cache
from random import Random

from mynah.memory.fact import Fact
from tests.repo.sources import REPOSITORY

NOW = 1_800_000_000.0
DAY_S = 86_400.0

ENGLISH = """
garden river window teacher guitar bicycle summer letter train bread mountain lamp paper stone uncle
doctor music city winter coat football bridge flower market lake painter coffee hat works lives
likes called old new red small
"""
CHINESE = "花园河边窗户老师吉他单车夏天信件火车面包山灯纸石头叔叔医院音乐城市冬天外套球桥湖画家猫狗"


@cache
def pairs():
    """(fact, question), English first, then Chinese, 100 of each."""
    lines = (REPOSITORY / "tests/bridge/memory_pairs.tsv").read_text("utf-8").splitlines()
    return tuple(tuple(line.split("\t")) for line in lines)


def facts(created=NOW):
    return [
        Fact(content, created=created, id=number) for number, (content, _) in enumerate(pairs(), 1)
    ]


def others(count, seed=1):
    """Sentences about anything, of everyday words."""
    random = Random(seed)
    made = []
    for number in range(count):
        words = " ".join(random.choices(ENGLISH.split(), k=7))
        signs = "".join(random.choices(CHINESE, k=14))
        content = f"{{{{user}}}} {words}." if number % 2 else f"{{{{user}}}}的{signs}。"
        made.append(Fact(content, created=NOW - random.random() * 900 * DAY_S, id=10_000 + number))
    return made
