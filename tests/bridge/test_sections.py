"""The table of a companion: what is wrong with it is said in one line."""

import re

import pytest

from mynah.companions.agents.dify import Dify, DifySettings
from mynah.companions.agents.home_assistant import HomeAssistant, HomeAssistantSettings
from mynah.companions.agents.letta import Letta, LettaSettings
from mynah.companions.agents.own_backend import OwnSettings
from mynah.companions.agents.program import Program, ProgramSettings
from mynah.companions.agents.webhook import Webhook
from mynah.companions.agents.websocket import WebSocketCompanion
from mynah.companions.reaching.sections import where, with_scheme
from mynah.errors import UserError
from tests.repo.sources import REPOSITORY

SECRET = "sk-very-secret-1234"


@pytest.mark.parametrize(
    ("make", "table", "told"),
    [
        (HomeAssistant, {"ulr": "x"}, "unknown setting 'companions.home_assistant.ulr'; did you"),
        (Dify, {"zzz": 1}, "unknown setting 'companions.dify.zzz'; there are: url, api_key, user"),
        (Letta, {}, "companion letta needs companions.letta.agent in the settings"),
        (Webhook, {}, "companion webhook needs companions.webhook.url in the settings"),
        (Webhook, {"url": "example.com"}, "companions.webhook.url: an address begins"),
        (WebSocketCompanion, {"url": "ws://a:b@c"}, "a password belongs into a setting of its own"),
        (Dify, {"url": "http://c/v1?key=1"}, "this address has no question mark in it"),
        (
            Dify,
            {"url": "http://c/v1", "wait_s": 0},
            "companions.dify.wait_s: more than 0 is expected",
        ),
        (Program, {"command": 3}, "companions.program.command: a text in quotes is expected"),
        (Webhook, {"url": "http://a:99999"}, "companions.webhook.url: an address begins with"),
        (Program, {"command": ""}, "companions.program.command is empty: which program"),
        (Program, {"command": "echo 'a"}, "companions.program.command: no closing quotation"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_table_that_is_wrong_is_told_of_with_the_key_to_change(make, table, told):
    with pytest.raises(UserError) as caught:
        make(**table)

    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("make", [HomeAssistant, Dify, Webhook])
@pytest.mark.parametrize("key", ["sk secret", "sk-ключ"])
def test_a_key_that_can_not_be_one_is_refused_without_printing_it(make, key):
    name = {HomeAssistant: "token", Dify: "api_key", Webhook: "key"}[make]

    with pytest.raises(UserError, match="_API_KEY") as caught:
        make(**{"url": "http://127.0.0.1:1", name: key})
    assert "sk" not in str(caught.value)


def test_a_key_in_the_table_is_not_printed():
    companion = Dify(url="http://127.0.0.1:1", api_key=SECRET)

    assert SECRET not in f"{companion._settings!r} {companion._settings.model_dump_json()}"


PAGE = REPOSITORY / "bridge" / "mynah" / "companions" / "agents" / "README.md"


@pytest.mark.parametrize(
    "kind",
    [HomeAssistantSettings, DifySettings, LettaSettings, OwnSettings, ProgramSettings],
    ids=lambda kind: kind.__name__,
)
def test_the_page_names_every_setting(kind):
    page = PAGE.read_text("utf-8")

    known = [re.search(rf"`{key}`|^{key} = ", page, re.MULTILINE) for key in kind.model_fields]
    assert None not in known


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://hooks.example.com/T0/secret?key=1", "https://hooks.example.com"),
        ("http://127.0.0.1:5678/webhook/x", "http://127.0.0.1:5678"),
        ("ws://[::1]:9/x", "ws://[::1]:9"),
    ],
)
def test_of_an_address_only_the_host_is_shown(url, shown):
    assert where(url) == shown


@pytest.mark.parametrize(
    ("url", "over_socket", "over_http"),
    [
        ("http://ha:8123", "ws://ha:8123", "http://ha:8123"),
        ("https://ha", "wss://ha", "https://ha"),
        ("ws://ha/x", "ws://ha/x", "http://ha/x"),
        ("wss://ha", "wss://ha", "https://ha"),
    ],
)
def test_what_is_secure_stays_so_in_either_way(url, over_socket, over_http):
    assert with_scheme(url, socket=True) == over_socket
    assert with_scheme(url, socket=False) == over_http
