import re
import shutil
import subprocess
import sys
import tomllib

import pytest

from mynah.companions import Said, names, open_companion
from mynah.companions.base import GROUP
from mynah.companions.guest import Guest
from mynah.companions.parrot import Parrot
from mynah.errors import CompanionError, UserError
from tests.bridge.scene import talking
from tests.bridge.virtual_time import in_virtual_time
from tests.repo.sources import REPOSITORY

EXAMPLE = REPOSITORY / "tests" / "plugin_example"
BLOCK = re.compile(r"^```(python|toml)\n(.*?)^```", re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A folder into which the example was installed as a stranger would install it."""
    folder = tmp_path_factory.mktemp("site")
    source = tmp_path_factory.mktemp("source") / "shouter"
    shutil.copytree(EXAMPLE, source, ignore=shutil.ignore_patterns("__pycache__"))
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    options = ["--no-deps", "--no-build-isolation", "--no-index", "--target", str(folder)]
    subprocess.run([*command, *options, str(source)], check=True, capture_output=True)
    return folder


@pytest.fixture
def shouter(site, monkeypatch):
    monkeypatch.syspath_prepend(str(site))


def broken(folder, name, code):
    """An installed companion called `name` whose module holds this code."""
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[{GROUP}]\n{name} = {name}_module:Made\n")
    (folder / f"{name}_module.py").write_text(code)


async def answer(companion, text):
    return [piece async for piece in companion.reply(Said(text, "en"))]


async def test_the_parrot_says_it_back_word_by_word():
    assert await answer(open_companion("parrot"), "hello  there\nfriend") == [
        "hello ",
        "there ",
        "friend ",
    ]


def test_the_parrot_is_found_like_anybody_else():
    assert "parrot" in names()
    assert isinstance(open_companion("parrot").companion, Parrot)


def test_a_strangers_companion_is_found_once_it_is_installed(shouter):
    assert {"parrot", "shouter"} <= set(names())


@in_virtual_time
async def test_a_strangers_companion_talks(shouter):
    async with talking("hello there", companion=open_companion("shouter")) as scene:
        record = await scene.say()

    assert (record.transcript, record.heard) == ("hello there", "HELLO THERE")


def test_the_example_is_what_the_documentation_shows():
    page = (REPOSITORY / "bridge" / "README.md").read_text(encoding="utf-8")
    shown = {kind: text for kind, text in BLOCK.findall(page) if "Shouter" in text}

    assert shown["python"] in (EXAMPLE / "shouter.py").read_text(encoding="utf-8")
    project = tomllib.loads((EXAMPLE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert tomllib.loads(shown["toml"])["project"]["entry-points"] == project["entry-points"]


@pytest.mark.parametrize(
    ("name", "advice"),
    [("parot", "did you mean parrot?"), ("xyzzy", "there are: "), ("", "there are: ")],
)
def test_an_unknown_companion_is_told_of_with_the_nearest_name(name, advice):
    with pytest.raises(UserError) as caught:
        open_companion(name)

    assert str(caught.value).startswith(f"no companion is called {name!r}; {advice}")
    assert "parrot" in str(caught.value)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("import a_module_that_nobody_has", "No module named 'a_module_that_nobody_has'"),
        ("def", "invalid syntax"),
        ("x = 1", "has no attribute 'Made'"),
        ("class Made:\n    def __init__(self, key): pass", "missing 1 required positional"),
        ("class Made:\n    def __init__(self): raise RuntimeError('no network')", "no network"),
        ("raise SystemExit('bye')", "bye"),
    ],
    ids=["missing module", "syntax", "no class", "wants arguments", "raises", "exits"],
)
def test_a_companion_that_can_not_be_loaded_is_told_of_in_one_line(
    tmp_path, monkeypatch, code, reason
):
    broken(tmp_path, "broken", code)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "broken_module", raising=False)

    with pytest.raises(CompanionError, match="companion broken can't be loaded") as caught:
        open_companion("broken")

    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)


class Plain:
    def reply(self, said):
        return said.text

    async def close(self):
        pass


class Forgetful(Plain):
    async def reply(self, said):
        return said.text


class Waitless(Plain):
    def reply(self, said):
        yield said.text


@pytest.mark.parametrize(
    ("companion", "returned"),
    [(Plain(), "str"), (Forgetful(), "coroutine"), (Waitless(), "generator")],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_author_of_a_companion_is_told_what_reply_must_be(companion, returned):
    with pytest.raises(CompanionError) as caught:
        Guest("mine", companion).reply(Said("hello", "en"))

    assert str(caught.value) == (
        f"companion mine: reply has to be `async def` with `yield` in it; it returned a {returned}"
    )
