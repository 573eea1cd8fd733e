"""What is written in one place only, and what is written nowhere."""

import ast
import re

import pytest

from mynah.firmware import STANDARD_BOARD, board_constants
from tests.repo.sources import REPOSITORY, files, imports, parse, python_files

PROTOCOL = "firmware/lib/mynah_wire"
SERVICE_UUID_PREFIX = "6d796e61"
LINK_SAMPLE_RATE_HZ = 16_000

# Folders of one person's machine, and the hosts of package registries: joined here, so that this
# file does not hold them either.
PRIVATE = re.compile("|".join(["/wor" + "k/", "/ro" + "ot/", "/ho" + "me/", r"/tm" + r"p/l"]))
REGISTRY = re.compile("|".join([r"\bpy" + r"pi\.org", "python" + "hosted", r"npm" + r"js\.org"]))


def constants(tree: ast.AST) -> list[object]:
    return [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]


def holding(wanted: object) -> list[str]:
    """The files, the protocol's and the tests' apart, with this constant."""
    elsewhere = [
        path for path in python_files("firmware", "bridge") if not path.is_relative_to(PROTOCOL)
    ]
    return [str(path) for path in elsewhere if wanted in constants(parse(path))]


def matching(pattern: re.Pattern[str]) -> list[str]:
    texts = {path: (REPOSITORY / path).read_text("utf-8", errors="replace") for path in files()}
    return [f"{path}: {hit[0]}" for path, text in texts.items() if (hit := pattern.search(text))]


def test_the_protocol_alone_names_the_links_sample_rate():
    assert holding(LINK_SAMPLE_RATE_HZ) == []


def test_the_protocol_alone_names_its_uuids():
    found = [
        str(path)
        for path in python_files("firmware", "bridge")
        if SERVICE_UUID_PREFIX in (REPOSITORY / path).read_text(encoding="utf-8")
        and not path.is_relative_to(PROTOCOL)
    ]

    assert found == []


def test_the_bridge_names_the_board_of_a_ring_that_was_told_nothing_once_and_as_the_ring_does():
    building = board_constants(REPOSITORY / "firmware" / "lib" / "mynah_parts" / "building.py")

    assert building["STANDARD"] == STANDARD_BOARD
    assert [path for path in holding(STANDARD_BOARD) if path.startswith("bridge")] == [
        "bridge/mynah/firmware.py"
    ]


def test_tests_use_fakes_and_not_mocks():
    users = [
        str(path)
        for path in python_files()
        if any(name.startswith("unittest") for name in imports(parse(path)))
    ]

    assert users == []


@pytest.mark.parametrize("pattern", [PRIVATE, REGISTRY], ids=["private folders", "registries"])
def test_no_file_names_a_place_that_only_one_machine_has(pattern):
    assert matching(pattern) == []


def test_what_is_looked_for_would_be_found():
    assert 16_000 in constants(ast.parse("rate = 16_000"))
    assert PRIVATE.search("see /ho" + "me/ann/mynah")
    assert REGISTRY.search("from https://py" + "pi.org/simple")
