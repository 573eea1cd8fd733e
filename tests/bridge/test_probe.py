"""What a probe finds out of servers that have each quirk, and what the command shows of it."""

import json

import pytest

from mynah.cli import invoke
from mynah.companions.fakes.anthropic import FakeAnthropic
from mynah.companions.fakes.ollama import FakeOllama
from mynah.companions.fakes.openai import FakeOpenAI
from mynah.companions.models.learned import known
from mynah.companions.models.presets import of_url, presets
from mynah.companions.models.probe import probe

KEY = "sk-very-secret"


async def probed(server, name="", model="default"):
    steps = []
    preset = presets()[name] if name else of_url(server.base_url)
    found = await probe(preset, server.base_url, model, KEY, 0.2, steps.append)
    assert steps
    return found


@pytest.mark.parametrize(
    ("way", "roles"),
    [
        ("echo", "any"),
        ("strict", "alternate"),
        ("strict-stream", "alternate"),
        ("no-system", "no-system"),
    ],
)
async def test_who_may_speak_when_is_found_and_kept(way, roles):
    async with FakeOpenAI() as server:
        server.behave(way)
        found = await probed(server)

        assert (found.answers, found.quirks.roles) == ("", roles)
        assert known(server.base_url, "default").get("roles", "any") == roles


@pytest.mark.parametrize(
    ("way", "thinks"),
    [
        ("echo", ""),
        ("reasoning", "beside the words"),
        ("think", "in tags"),
        ("unopened", "in tags that only end"),
    ],
)
async def test_how_it_thinks_is_found(way, thinks):
    async with FakeOpenAI() as server:
        server.behave(way)
        found = await probed(server)

        assert found.thinks == thinks
        assert known(server.base_url, "default").get("unopened", False) == (way == "unopened")


async def test_a_server_of_ones_own_is_recognised_and_its_order_to_stop_known():
    async with KoboldCpp() as server:
        found = await probed(server)

    assert (found.kind, found.quirks.abort) == ("koboldcpp", "/api/extra/abort")
    assert known(server.base_url, "default")["abort"] == "/api/extra/abort"


class KoboldCpp(FakeOpenAI):
    def page(self, request):
        if request.path == "/api/extra/version":
            return {"result": "KoboldCpp", "version": "1.99"}
        return super().page(request)


@pytest.mark.parametrize(("fake", "name"), [(FakeAnthropic, "anthropic"), (FakeOllama, "ollama")])
async def test_other_wires_are_probed_too(fake, name):
    async with fake() as server:
        found = await probed(server, name, "fake")

    assert found.answers == ""
    assert "echo" in found.models
    assert found.counts


@pytest.mark.parametrize("way", ["hang", "cut", "401", "binary", "html", "garbage"])
async def test_a_server_that_does_not_answer_is_told_of_and_not_remembered(way):
    async with FakeOpenAI() as server:
        server.behave(way)
        found = await probed(server)

    assert found.answers.startswith(f"the companion at {server.base_url} ")
    assert KEY not in found.answers
    assert known(server.base_url, "default") == {}


def test_the_command_lists_who_can_answer(capsys):
    assert invoke(["companion", "list", "--json"]) == 0
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)}

    assert set(presets()) | {"local", "parrot"} <= set(rows)
    assert rows["deepseek"]["key"] is False
    assert rows["ollama"]["free"]
    assert invoke(["companion", "list"]) == 0
    assert capsys.readouterr().out.startswith("name")


def listed(capsys, path, *lines):
    path.write_text("\n".join(lines))
    assert invoke(["companion", "list", "--json", "--config", str(path)]) == 0
    return {row["name"]: row for row in json.loads(capsys.readouterr().out)}


def test_the_list_says_of_everybody_of_ours_in_which_lane_they_are_and_where(capsys, tmp_path):
    url = 'url = "http://127.0.0.1:5678/hook/secret"'
    rows = listed(capsys, tmp_path / "a.toml", "[companions.webhook]", url)

    assert [name for name, row in rows.items() if row["lane"] not in "ABCD"] == []
    assert {rows[name]["lane"] for name in ("parrot", "local", "openai")} == {"A"}
    assert [rows[name]["lane"] for name in ("open_llm_vtuber", "sillytavern")] == ["C", "D"]
    assert rows["webhook"]["where"] == "http://127.0.0.1:5678"
    assert rows["letta"]["needs"] == "set companions.letta.agent"
    assert rows["dify"]["needs"] == "set MYNAH_DIFY_API_KEY"
    assert rows["deepseek"]["needs"] == "set MYNAH_DEEPSEEK_API_KEY"
    assert rows["home_assistant"]["key"] is False


def test_the_list_flags_what_the_settings_name_and_nobody_has(capsys, tmp_path):
    rows = listed(
        capsys,
        tmp_path / "a.toml",
        'companion = "deepsek"',
        'fallback = "none"',
        "[companions]",
        'mine = {base_url = "http://127.0.0.1:9/v1"}',
        "his = {volume = 3}",
        'hers = {preset = "webhook"}',
        'program = {command = "echo \'a"}',
        "ollama = {wait_s = 0}",
    )

    assert [name for name, row in rows.items() if row["lane"] == "?"] == ["deepsek", "his", "hers"]
    assert "did you mean deepseek?" in rows["deepsek"]["needs"]
    assert "[companions.his] does not say who that is" in rows["his"]["needs"]
    assert "use companion webhook and [companions.webhook]" in rows["hers"]["needs"]
    assert (rows["mine"]["where"], rows["mine"]["free"]) == ("http://127.0.0.1:9/v1", True)
    assert "no closing quotation" in rows["program"]["needs"]
    assert rows["ollama"]["needs"] == "companions.ollama.wait_s: more than 0 is expected"


def test_the_command_tells_of_a_server_that_is_away(capsys):
    assert invoke(["companion", "probe", "http://127.0.0.1:9/v1", "--json"]) == 1
    told = capsys.readouterr()

    found = json.loads(told.out)
    assert "can't be reached" in found["answers"]
    assert found["answers"].endswith("start it, or set the address")
    assert found["learned"] == []
    assert "which models …" in told.err


def test_the_command_tells_nothing_of_a_server_that_told_nothing(capsys, tmp_path):
    path = tmp_path / "a.toml"
    path.write_text('[companions.mine]\nbase_url = "http://127.0.0.1:9/v1"')
    assert invoke(["companion", "probe", "mine", "--config", str(path)]) == 1
    told = capsys.readouterr().out

    assert [line.split()[0] for line in told.splitlines()] == ["where", "model", "key", "answers"]
    assert "or set companions.mine.base_url" in told


@pytest.mark.parametrize("url", ["http://[", "ftp://x", "http://x:99999"])
def test_the_command_refuses_an_address_that_is_none(capsys, url):
    assert invoke(["companion", "probe", url]) == 2
    assert f"{url}: an address begins with http://" in capsys.readouterr().err


async def test_what_a_server_taught_that_answers_nobody_is_not_kept():
    async with FakeOpenAI() as server:
        server.behave("400")
        found = await probed(server, model="fake")

        assert "max_completion_tokens" in found.answers
        assert known(server.base_url, "fake") == {}


def test_the_command_refuses_what_is_no_server_of_models(capsys):
    assert invoke(["companion", "probe", "parrot"]) == 2
    assert "'parrot' is no server of models that can be probed" in capsys.readouterr().err
