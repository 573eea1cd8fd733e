"""Numbers and signs as an English voice needs them. Pure.

Piper reads through espeak, which was asked: it says "dollar five", "three dash five", "ten zero
zero" and "November … dash", leaves out ℃, <, > and a minus between spaces, and calls 988 "nine
hundred eighty eight"; amounts, percent, decimals, years, 3:30, + and = it reads well.
"""

import re
from typing import Final

from mynah.speech.numbers import english, ordinal
from mynah.speech.rules import read_by, rule

_OF_THE_YEAR: Final = (
    "January February March April May June July August September October November December"
)
_MONTHS: Final = _OF_THE_YEAR.split()
_LAST_DAY: Final = 31
_MONEY: Final = {
    "$": ("dollar", "cent"),
    "€": ("euro", "cent"),
    "£": ("pound", "penny"),
    "¥": ("yen", ""),
    "￥": ("yuan", ""),
}
_CENT_DIGITS: Final = 2
_MANY: Final = {"penny": "pence", "yen": "yen", "yuan": "yuan"}
_SHARES: Final = {
    2: ("half", "halves"),
    3: ("third", "thirds"),
    4: ("quarter", "quarters"),
    5: ("fifth", "fifths"),
    8: ("eighth", "eighths"),
}
_UNITS: Final = {
    "km/h": "kilometers per hour",
    "m/s": "meters per second",
    "km²": "square kilometers",
    "m²": "square meters",
    "km": "kilometers",
    "cm": "centimeters",
    "mm": "millimeters",
    "kg": "kilograms",
    "mg": "milligrams",
    "ml": "milliliters",
    "ms": "milliseconds",
}
_BIG: Final = "thousand|million|billion|trillion|[kKmMbB]n?"
_NUMBER: Final = r"\d+(?:,\d{3})*(?:\.\d+)?"

_CALL: Final = (
    r"\b(?:(?:call|dial|text|phone|ring|reach)\s+(?:or \w+\s+)?(?:(?:us|me|them) (?:at|on)\s+)?"
    r"|(?:hotline|helpline|lifeline|number)(?: is| at|:)?\s+)"
)
_COUNTED: Final = r"(?!\s(?:people|times|friends|of)\b|\s?[%°$€£]|[\d.,:]*\d)"


def in_english(text: str) -> str:
    """The same, with words for what is misread."""
    return read_by(_RULES, text)


def numbers_in_words(text: str) -> str:
    """For a voice that would read digits in another language."""
    text = re.sub(r"(\d):(?=\d\d)", r"\1 ", text)
    text = re.sub(r"(?<![\w.])-(?=\d)", "minus ", text)
    text = re.sub(r"\.(?=[A-Za-z]{2})", " dot ", text)
    text = re.sub(rf"({_NUMBER})%", r"\1 percent", text)
    return re.sub(rf"(?<![A-Za-z])({_NUMBER})(st\b|nd\b|rd\b|th\b)?(?=(\w?))", _in_words, text)


def _in_words(number: re.Match[str]) -> str:
    spoken = english(number[1])
    return ordinal(spoken) if number[2] else spoken + (" " if number[3] else "")


def _telephone(number: re.Match[str]) -> str:
    before = number.groupdict().get("before") or ""
    groups = re.findall(r"\d+", number[0][len(before) :])
    between = " " if all(len(group) == 1 for group in groups) else ", "
    return before + between.join(" ".join(group) for group in groups)


def _day(year: str, month: str, day: str) -> str:
    return f"{_MONTHS[int(month) - 1]} {int(day)}{_ordinal(int(day))}, {year}"


def _ordinal(number: int) -> str:
    teens = number // 10 == 1
    return "th" if teens else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")


def _date(date: re.Match[str]) -> str:
    return _day(date[1], date[2], date[3])


def _slashed(date: re.Match[str]) -> str:
    """Month and day, where one of them can only be the day; else nobody knows."""
    first, second = int(date[1]), int(date[2])
    if 1 <= first <= len(_MONTHS) < second <= _LAST_DAY:
        return _day(date[3], date[1], date[2])
    if 1 <= second <= len(_MONTHS) < first <= _LAST_DAY:
        return _day(date[3], date[2], date[1])
    return date[0]


def _money(amount: re.Match[str]) -> str:
    one, part = _MONEY[amount["sign"] or amount["after"]]
    number, big = amount["number"] or amount["before"], amount["big"]
    if big:
        return f"{number} {big} {_plural(one)}"
    whole, _, parts = number.partition(".")
    if len(parts) != _CENT_DIGITS or not part:
        return f"{number} {one if number == '1' else _plural(one)}"
    said = f"{whole} {one if whole == '1' else _plural(one)}"
    cents = int(parts)
    return f"{said} and {cents} {part if cents == 1 else _plural(part)}" if cents else said


def _plural(name: str) -> str:
    return _MANY.get(name, f"{name}s")


def _share(fraction: re.Match[str]) -> str:
    over, under = int(fraction[1]), int(fraction[2])
    if over >= under:
        return fraction[0]
    return f"{over} {_SHARES[under][over > 1]}"


def _degrees(degrees: re.Match[str]) -> str:
    scale = "Celsius" if degrees[2] == "C" else "Fahrenheit"
    return f"{degrees[1]} degree{'' if degrees[1] == '1' else 's'} {scale}"


def _unit(amount: re.Match[str]) -> str:
    name = _UNITS[amount[2]]
    return f"{amount[1]} {name if amount[1] != '1' else name.replace('meters', 'meter')}"


_RULES: Final = (
    rule(rf"(?i)(?P<before>{_CALL})(?=(?:\d[ -]?){{3}})\d+(?:[ -]\d+)*{_COUNTED}", _telephone),
    rule(r"(?<![\w$€£.,])(?:911|988)(?![\w%]|[.,]\d)", _telephone),
    rule(r"(?<![\w-])(?:1-)?(?:\(\d{3}\)\s?|\d{3}-)?\d{3}-\d{4}(?![\w-])", _telephone),
    rule(r"\b(\d{4})-(0[1-9]|1[0-2])-([0-2]\d|3[01])\b", _date),
    rule(r"(?<![\w/])(\d{1,2})/(\d{1,2})/(\d{4})(?![\w/])", _slashed),
    rule(r"\b(\d{1,2}):00\s?(?=[ap]\.?m\b)", r"\1 "),
    rule(r"\b(1[0-2]|0?[1-9]):00(?![:\d])", r"\1 o'clock"),
    rule(r"\b(\d{1,2}):0([1-9])(?![:\d])", r"\1 oh \2"),
    rule(r"(?<=\d)\s?-\s?(?=\d+(?:\.\d+)?\s*=)", " minus "),
    rule(
        rf"(?<![\w.-])({_NUMBER}(?:%|[ap]m|k)?)\s?[-–—~～]\s?(?=\d[\d,.]*(?:%|[a-z]+\b|\b)(?!-))",
        r"\1 to ",
    ),
    rule(
        rf"(?P<sign>[$€£¥￥])\s?(?P<number>{_NUMBER})(?:\s?(?P<big>{_BIG})\b)?"
        rf"|(?P<before>{_NUMBER})\s?(?P<after>[€￥])",
        _money,
    ),
    rule(rf"({_NUMBER})\s?°\s?([CF])\b", _degrees),
    rule(rf"({_NUMBER})\s?({'|'.join(_UNITS)})(?!\w|/)", _unit),
    rule(r"(?<![\w/])([1-9]\d?)/([23458])(?![\w/])", _share),
    rule(r"\b24/7\b", "24 7"),
    rule(r"(?<=\w)²", " squared"),
    rule(r"(?<=\w)³", " cubed"),
    rule(r"(?<=[\d)])\s?\*\s?(?=[\d(])", " times "),
    rule(r"(?<=\w)\s?>\s?(?=\w)", " is greater than "),
    rule(r"(?<=\w)\s?<\s?(?=\w)", " is less than "),
    rule(r"\s*[→⇒]\s*", ", "),
    rule(r"#(?=\d)", "number "),
    rule(r"\bPh\.\s?D\b\.?", "PhD"),
    rule(r"\bNo\.\s?(?=\d)", "Number "),
    rule(r"(?<!\w)~\s?(?=\d)", "about "),
    rule(r"[~～]+", ""),
)
