"""SillyTavern as a companion: the extension itself in a JavaScript engine, over the real socket.

SillyTavern is a stub of its documented interface; there is no browser and no page.
"""

import asyncio
import json
import shutil
import subprocess
from contextlib import aclosing, asynccontextmanager
from importlib.resources import files
from pathlib import Path

import pytest

from mynah.companions.base import Emotion, Said, Touch
from mynah.errors import CompanionError, UserError
from mynah.serving.fake_tab import FakeTab
from mynah.serving.install import install_extension
from mynah.serving.tabs import MOST_REPLIES, MOST_WAITING, Tab, Tabs
from mynah.serving.tavern import SillyTavernCompanion
from tests.bridge.conformance.contract import spoken
from tests.bridge.serving_scene import TOKEN, served, services, until

STUB = Path(__file__).with_name("sillytavern_stub.mjs")
NODE = shutil.which("node")


def _runs():
    """Node has had a WebSocket since 22, and behind a flag since 20.10."""
    if NODE is None:
        return []
    for flags in ([], ["--experimental-websocket"]):
        found = subprocess.run(
            [NODE, *flags, "-e", "process.exit(globalThis.WebSocket ? 0 : 1)"],
            capture_output=True,
            check=False,
        )
        if found.returncode == 0:
            return [NODE, *flags]
    return []


RUNS = _runs()
in_javascript = pytest.mark.skipif(not RUNS, reason="there is no Node.js with a WebSocket")


class Page:
    """The extension, loaded."""

    def __init__(self, process, companion, offered):
        self.process = process
        self.companion = companion
        self.services = offered
        self.states = []

    async def read(self):
        async for line in self.process.stdout:
            self.states.append(json.loads(line))

    def last(self, key):
        return next((each[key] for each in reversed(self.states) if key in each), None)

    def chat(self):
        return [tuple(each) for each in self.last("chat") or []]

    def type(self, text):
        self.process.stdin.write(json.dumps({"typed": text}).encode() + b"\n")


@asynccontextmanager
async def page(tmp_path, **settings):
    folder = tmp_path / "extensions" / "third-party" / "Mynah"
    shutil.copytree(str(files("mynah.serving") / "sillytavern"), folder)
    (folder / "package.json").write_text('{"type": "module"}')
    async with served(services()) as (offered, server, _):
        saved = {"port": str(server.port), "token": TOKEN, **settings}
        process = await asyncio.create_subprocess_exec(
            *RUNS, str(STUB), (folder / "index.js").as_uri(), json.dumps(saved),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        it = Page(process, SillyTavernCompanion(offered.tabs), offered)
        reading = asyncio.create_task(it.read())
        try:
            await until(lambda: offered.tabs.tab is not None or "token" not in saved)
            yield it
        finally:
            process.stdin.close()
            await process.wait()
            await reading


async def answer(companion, said):
    async with aclosing(companion.reply(said)) as reply:
        return [piece async for piece in reply]


@in_javascript
async def test_what_is_said_is_put_into_the_chat_and_answered_word_by_word(tmp_path):
    async with page(tmp_path) as it:
        pieces = await answer(it.companion, Said("Good morning.", "en", ring="[ring] tapped twice"))

    assert spoken(pieces) == "You said: Good morning."
    assert len([each for each in pieces if isinstance(each, str)]) > 2
    assert pieces[-1] == Emotion("joy")
    assert it.chat()[-1] == (True, "Good morning.")
    assert it.last("generating") == {
        "automatic": True,  # else what stands in the text area would be sent as well
        "prompt": {"value": "[ring] tapped twice", "position": 1, "depth": 1},
    }
    assert it.last("template") == ["third-party/Mynah", "settings"]


@in_javascript
async def test_an_answer_that_is_not_streamed_comes_whole(tmp_path):
    async with page(tmp_path) as it:
        pieces = await answer(it.companion, Said("all at once", "en"))

    assert spoken(pieces) == "You said: all at once"


@in_javascript
async def test_of_an_interrupted_answer_what_was_heard_stays_in_the_chat(tmp_path):
    async with page(tmp_path) as it:
        reply = it.companion.reply(Said("wait", "en"))
        heard = ""
        while "wait" not in heard:
            heard = spoken([heard, await anext(reply)])
        await reply.aclose()
        await it.companion.cancel("You said", 400)
        it.companion.heard(Said("wait", "en"), "You said")
        await until(lambda: (False, "You said") in it.chat())
        pieces = await answer(it.companion, Said("And now?", "en"))

    assert spoken(pieces) == "You said: And now?"
    assert it.chat()[-3:] == [(True, "wait"), (False, "You said"), (True, "And now?")]


@in_javascript
async def test_an_answer_of_which_nothing_was_heard_was_not_given(tmp_path):
    async with page(tmp_path) as it:
        reply = it.companion.reply(Said("wait", "en"))
        await anext(reply)
        await reply.aclose()
        await it.companion.cancel("", 0)
        await until(lambda: it.chat()[-1:] == [(True, "wait")])


@in_javascript
async def test_who_goes_on_has_said_it_once(tmp_path):
    async with page(tmp_path) as it:
        before = it.chat()
        reply = it.companion.reply(Said("wait", "en"))
        await anext(reply)
        await reply.aclose()
        await it.companion.cancel("You said", 400)
        await answer(it.companion, Said("wait, there is more", "en"))
        it.companion.heard(Said("wait, there is more", "en"), "You said")
        await answer(it.companion, Said("Next.", "en"))

    assert before == []
    assert [text for is_wearer, text in it.chat() if is_wearer] == ["wait, there is more", "Next."]


@in_javascript
async def test_what_was_stopped_before_it_began_is_not_begun(tmp_path):
    async with page(tmp_path) as it:
        first = it.companion.reply(Said("wait", "en"))
        await anext(first)
        second = asyncio.create_task(answer(it.companion, Said("Never mind.", "en")))
        await until(lambda: len(it.services.tabs.tab._replies) == 2)
        second.cancel()
        await asyncio.gather(second, return_exceptions=True)
        await first.aclose()
        pieces = await answer(it.companion, Said("And now?", "en"))

    assert spoken(pieces) == "You said: And now?"
    assert "Never mind." not in [text for _, text in it.chat()]


@in_javascript
async def test_a_tab_whose_place_another_took_does_not_take_it_back(tmp_path):
    async with page(tmp_path) as it:
        newer = it.services.tabs.join()
        await until(lambda: "another tab" in (it.last("mynah_status") or ""))

        assert it.services.tabs.tab is newer


@in_javascript
async def test_a_tab_whose_bridge_was_away_comes_back(tmp_path):
    async with page(tmp_path) as it:
        it.services.tabs.part(it.services.tabs.tab)
        pieces = await answer(it.companion, Said("Back again?", "en"))

    assert spoken(pieces) == "You said: Back again?"


@in_javascript
async def test_a_generation_that_fails_is_told(tmp_path):
    async with page(tmp_path) as it:
        with pytest.raises(CompanionError, match="could not answer: no API is connected"):
            await answer(it.companion, Said("fail", "en"))
        assert spoken(await answer(it.companion, Said("Again.", "en"))) == "You said: Again."


@in_javascript
async def test_a_touch_is_told_in_the_next_prompt(tmp_path):
    async with page(tmp_path) as it:
        assert it.companion.notify(Touch("hug", "the wearer hugged you")) is None
        await answer(it.companion, Said("Hello.", "en"))

    assert it.last("chat")[-1] == [True, "Hello."]


@in_javascript
async def test_a_touch_is_answered_if_that_is_wished(tmp_path):
    async with page(tmp_path, answer=True) as it:
        begun = []
        it.companion.on_proactive(begun.append)
        it.companion.notify(Touch("hug", "the wearer hugged you"))
        await until(lambda: begun)
        pieces = [piece async for piece in begun[0]]

    assert spoken(pieces) == "You said: Hello."
    assert it.last("generating")["prompt"]["value"] == "the wearer hugged you"


@in_javascript
@pytest.mark.parametrize("text", ["Good night.", "all at once"])
async def test_what_is_typed_is_answered_through_the_ring_if_that_is_wished(tmp_path, text):
    async with page(tmp_path, speak=True) as it:
        begun = []
        it.companion.on_proactive(begun.append)
        it.type(text)
        await until(lambda: begun)
        pieces = [piece async for piece in begun[0]]

    assert spoken(pieces) == f"You said: {text}"


@in_javascript
async def test_what_is_typed_and_not_wanted_by_the_ring_goes_on_on_the_screen(tmp_path):
    async with page(tmp_path, speak=True) as it:
        begun = []
        it.companion.on_proactive(begun.append)
        it.type("One two three four five six.")
        await until(lambda: begun)
        await anext(begun[0])
        await begun[0].aclose()
        pieces = await answer(it.companion, Said("Hello.", "en"))

    assert spoken(pieces) == "You said: Hello."
    assert (False, "You said: One two three four five six.") in it.chat()


@in_javascript
async def test_what_is_typed_stays_on_the_screen_unless_it_is_wished(tmp_path):
    async with page(tmp_path) as it:
        begun = []
        it.companion.on_proactive(begun.append)
        it.type("Good night.")
        await answer(it.companion, Said("Hello.", "en"))

    assert begun == []


async def test_without_a_tab_it_says_how_to_get_one():
    with pytest.raises(CompanionError, match="--install-sillytavern"):
        await answer(SillyTavernCompanion(Tabs()), Said("Hello?", "en"))


async def test_a_newer_tab_takes_the_place_of_an_older():
    tabs = Tabs()
    older, newer = tabs.join(), tabs.join()
    tabs.part(older)

    assert older.gone.is_set()
    assert tabs.tab is newer


async def test_replies_that_nobody_reads_are_forgotten():
    tabs = Tabs()
    tab, begun = tabs.join(), []
    tabs.begin = begun.append
    for number in range(20):
        tabs.take(tab, json.dumps({"id": f"s{number}", "begin": True}))
        tabs.take(tab, json.dumps({"id": f"s{number}", "delta": "Hello."}))
        tabs.take(tab, json.dumps({"id": f"s{number}", "end": True}))

    assert len(tab._replies) == MOST_REPLIES
    assert [piece async for piece in begun[-1]] == ["Hello."]
    assert [piece async for piece in begun[0]] == ["Hello."]


async def test_a_reply_that_nobody_wants_to_hear_is_left_on_the_screen():
    async with FakeTab() as tab:
        await tab.say(id="s1", begin=True)
        await tab.say(id="s1", delta="Hello.")
        companion = SillyTavernCompanion(tab.tabs)
        assert spoken(await answer(companion, Said("Good morning.", "en"))).endswith("morning.")


def test_a_tab_that_takes_nothing_is_given_up():
    tab = Tab()
    for _ in range(MOST_WAITING + 1):
        tab.post(op="event", kind="tap", line="")

    assert tab.gone.is_set()


def test_the_extension_is_put_where_sillytavern_looks(tmp_path):
    place = tmp_path / "public/scripts/extensions/third-party"
    place.mkdir(parents=True)

    told = install_extension(tmp_path)
    install_extension(tmp_path)

    assert "reload SillyTavern" in told
    assert json.loads((place / "Mynah/manifest.json").read_text())["js"] == "index.js"
    assert {path.name for path in (place / "Mynah").iterdir()} >= {"index.js", "settings.html"}


def test_a_folder_of_something_else_is_left_alone(tmp_path):
    with pytest.raises(UserError, match="third-party"):
        install_extension(tmp_path)
    with pytest.raises(UserError, match="no such folder"):
        install_extension(tmp_path / "nowhere")
    assert list(tmp_path.iterdir()) == []
