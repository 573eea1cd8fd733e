"""Numbers in words: cardinals in English, single digits in English and Chinese. Pure."""

from typing import Final

LARGEST: Final = 999_999_999_999
"""What is larger is nobody's amount, and is read digit by digit."""

_UNDER_TWENTY: Final = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
)
UNITS: Final = _UNDER_TWENTY.split()
TENS: Final = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_SIZES: Final = (
    (1_000_000_000, "billion"),
    (1_000_000, "million"),
    (1000, "thousand"),
    (100, "hundred"),
)

_ORDINALS: Final = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
}

_CHINESE: Final = "零一二三四五六七八九"
_YAO: Final = "幺"
"""How 1 is said in a telephone number on the mainland: 一 sounds like 七."""


def cardinal(number: int) -> str:
    """In English."""
    if number < len(UNITS):
        return UNITS[number]
    for size, name in _SIZES:
        if number >= size:
            rest = f" {cardinal(number % size)}" if number % size else ""
            return f"{cardinal(number // size)} {name}{rest}"
    rest = f" {UNITS[number % 10]}" if number % 10 else ""
    return TENS[number // 10 - 2] + rest


def ordinal(spoken: str) -> str:
    """Of a cardinal in words."""
    *before, last = spoken.split()
    ending = _ORDINALS.get(last) or (last[:-1] + "ieth" if last.endswith("y") else last + "th")
    return " ".join([*before, ending])


def english(written: str) -> str:
    """A number as it is written: digits, with commas between thousands and a decimal point."""
    whole, _, decimals = written.replace(",", "").partition(".")
    if len(whole) > len(str(LARGEST)) or (len(whole) > 1 and whole.startswith("0")):
        spoken = english_digits(whole)
    else:
        spoken = cardinal(int(whole))
    return f"{spoken} point {english_digits(decimals)}" if decimals else spoken


def english_digits(digits: str) -> str:
    """One after another."""
    return " ".join(UNITS[int(digit)] for digit in digits)


def chinese_digits(digits: str, *, of_telephone: bool = False) -> str:
    """One after another, as years are read."""
    spoken = "".join(_CHINESE[int(digit)] for digit in digits)
    return spoken.replace(_CHINESE[1], _YAO) if of_telephone else spoken
