"""Tables in the documentation are the code's own."""

import pytest

from tests.repo.generate import fill, generated
from tests.repo.sources import REPOSITORY

PART = "before\n<!-- generated: pins -->\nold\n<!-- end -->\nafter\n"


def test_no_generated_text_is_stale():
    stale = [
        str(path.relative_to(REPOSITORY))
        for path, text in generated().items()
        if path.read_text(encoding="utf-8") != text
    ]

    assert stale == [], "make docs writes them again"


def test_a_part_is_replaced_and_nothing_else():
    assert fill(PART, "pins", "new") == PART.replace("old", "new")


@pytest.mark.parametrize("text", ["", PART + PART], ids=["missing", "twice"])
def test_a_part_that_does_not_stand_there_once_is_an_error(text):
    with pytest.raises(LookupError, match="wanted once"):
        fill(text, "pins", "new")
