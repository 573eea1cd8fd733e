"""Numbers and signs as a Chinese voice needs them. Pure.

Piper reads Chinese through espeak, which was asked: it reads amounts and decimals well, a year as
an amount and a helpline as twelve thousand, says "percent", "slash" and "tilde" in English, and
leaves out °, ¥, $, a minus, a hyphen, a colon between numbers and a dot between words.
"""

import re
from typing import Final

from mynah.speech.numbers import chinese_digits
from mynah.speech.rules import read_by, rule

_MONEY: Final = {"¥": "元", "￥": "元", "$": "美元", "€": "欧元", "£": "英镑"}
_DOLLARS: Final = {"US": "美元", "HK": "港元", "NT": "新台币", "A": "澳元", "C": "加元"}
_UNITS: Final = {
    "km/h": "公里每小时",
    "m/s": "米每秒",
    "km²": "平方公里",
    "m²": "平方米",
    "km": "公里",
    "cm": "厘米",
    "mm": "毫米",
    "kg": "公斤",
    "mg": "毫克",
    "ml": "毫升",
    "ms": "毫秒",
    "m": "米",
    "g": "克",
}
_SCALES: Final = {"C": "摄氏度", "F": "华氏度"}
_COUNTED: Final = "个個位只隻本张張条條件次天周週岁歲点點小种種家间間杯瓶块塊元米公斤里倍"
"""Before these, two is 两; 二月, 二分, 二年级 are others."""

_ON_TAIWAN: Final = re.compile("[撥電話熱線號碼聯繫請]")
"""Where it is so written, 1 is said as it is counted."""

_NUMBER: Final = r"\d+(?:\.\d+)?"
_YEAR: Final = r"(?:1[5-9]|20)\d\d"
_COUNTING: Final = r"(?![\d.%:]|[个個次元分年块塊折万萬米公度岁歲])"
_CALL: Final = (
    r"(?:打|致电|致電|电话|電話|热线|熱線|号码|號碼|手机|手機|联系|聯繫|座机)[是为:：]?\s?"
)


def in_chinese(text: str) -> str:
    """The same, with words for what is misread."""
    return read_by(_RULES, text)


def _telephone(number: re.Match[str]) -> str:
    before = number.groupdict().get("before") or ""
    mainland = not _ON_TAIWAN.search(number.string)
    groups = re.findall(r"\d+", number[0][len(before) :])
    between = "" if all(len(group) == 1 for group in groups) else "，"
    return before + between.join(chinese_digits(group, of_telephone=mainland) for group in groups)


def _date(date: re.Match[str]) -> str:
    return f"{chinese_digits(date[1])}年{int(date[2])}月{int(date[3])}日"


def _year(year: re.Match[str]) -> str:
    return chinese_digits(year[1])


def _years(years: re.Match[str]) -> str:
    return f"{chinese_digits(years[1])}到"


def _time(time: re.Match[str]) -> str:
    hour, minute = int(time[1]), int(time[2])
    if minute == 0:
        return f"{hour}点"
    return f"{hour}点{'零' if time[2].startswith('0') else ''}{minute}分"


def _money(amount: re.Match[str]) -> str:
    unit = _DOLLARS.get(amount[1] or "", _MONEY[amount[2]])
    return f"{_short(amount[3])}{amount[4] or ''}{unit}"


def _short(number: str) -> str:
    """Without zeros that nobody says of money."""
    return number.rstrip("0").rstrip(".") if "." in number else number


def _degrees(degrees: re.Match[str]) -> str:
    return f"{'零下' if degrees[1] else ''}{degrees[2]}{_SCALES[degrees[3]]}"


def _unit(amount: re.Match[str]) -> str:
    return f"{amount[1]}{_UNITS[amount[2]]}"


def _share(fraction: re.Match[str]) -> str:
    over, under = fraction[1], fraction[2]
    return f"{under}分之{over}" if int(over) < int(under) else f"{over} {under}"


_RULES: Final = (
    rule(r"(?<=\d)[,，](?=\d{3}(?!\d))", ""),
    rule(r"(?<=\d)：(?=\d)", ":"),
    rule(rf"(?P<before>{_CALL})(?=(?:\d[ -]?){{3}})\d+(?:[ -]\d+)*{_COUNTING}", _telephone),
    rule(r"(?<=[或和、])(?:110|119|120|122|911|988|999)(?!\d)", _telephone),
    rule(
        r"(?<![A-Za-z\d-])(?:1[3-9]\d{9}|400-\d{3}-\d{4}|0\d{2,3}-\d{7,8})(?![A-Za-z\d-])",
        _telephone,
    ),
    rule(r"(?<!\d)(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?!\d)", _date),
    rule(rf"(?<!\d)({_YEAR})\s?[-–—~～至到]\s?(?={_YEAR}年)", _years),
    rule(rf"(?<!\d)({_YEAR})(?=年(?!前|的?历史|的?歷史))", _year),
    rule(r"(?<![\d:])(\d{1,2}):([0-5]\d)(?![\d:])", _time),
    rule(r"(?<![\d:])(\d+):(\d+)(?![\d:])", r"\1比\2"),
    rule(r"(?<=\d)\s?-\s?(?=\d+(?:\.\d+)?\s*=)", "减"),
    rule(r"(?<=[\d)])\s?\*\s?(?=[\d(])", "×"),
    rule(rf"({_NUMBER}(?:[%℃]|°C)?)\s?[-–—~～]\s?(?=\d)", r"\1到"),
    rule(rf"(US|HK|NT|A|C)?([¥￥$€£])\s?({_NUMBER})([万萬亿億千百]?)元?", _money),
    rule(r"(\d+)\.00?(?=元)", r"\1"),
    rule(rf"(-)?({_NUMBER})\s?°\s?([CF])(?![A-Za-z])", _degrees),
    rule(rf"({_NUMBER})\s?({'|'.join(_UNITS)})(?![A-Za-z/])", _unit),
    rule(rf"({_NUMBER})\s?%", r"百分之\1"),
    rule(rf"({_NUMBER})\s?‰", r"千分之\1"),
    rule(r"(?<=\d)°", "度"),
    rule(r"(?<![A-Za-z\d/])(\d{1,4})/(\d{1,4})(?![A-Za-z\d/])", _share),
    rule(r"(?<![A-Za-z\d)])-(?=\d)", "负"),
    rule(r"(?<=\d)\s?\+\s?(?=\d)", "加"),
    rule(r"(?<=\d)\s?×\s?(?=\d)", "乘"),
    rule(r"(?<=\d)\s?÷\s?(?=\d)", "除以"),
    rule(r"(?<=\w)\s?=\s?(?=\w)", "等于"),
    rule(r"(?<=\w)\s?>\s?(?=\w)", "大于"),
    rule(r"(?<=\w)\s?<\s?(?=\w)", "小于"),
    rule(r"≈", "约等于"),
    rule(r"²", "的平方"),
    rule(r"\s*[→⇒]\s*", "，"),
    rule(rf"(?<![\d.第])2(?=[{_COUNTED}])", "两"),
    rule(r"(?<=\d)\.(?=\d+\.\d)|(?<=\d\.\d)\.(?=\d)|(?<=[A-Za-z])\.(?=[A-Za-z]{2})", "点"),
    rule(r"(?<=\w)～+(?=\w)", "，"),
    rule(r"[~～]+", ""),
)
