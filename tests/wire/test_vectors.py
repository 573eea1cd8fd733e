"""The vectors under CPython with the host's cipher; MicroPython runs them with the device's."""

import json
from pathlib import Path

import pytest

from mynah.link.aead import Ccm
from mynah_wire import kinds
from mynah_wire.gatt import PROTOCOL_VERSION
from mynah_wire.handshake import PLAIN_MESSAGES
from tests.micropython import record_vectors

FILE = Path(__file__).parents[1] / "vectors" / "records.json"
VECTORS = json.loads(FILE.read_text(encoding="utf-8"))


@pytest.mark.parametrize("claim", record_vectors.CLAIMS, ids=lambda claim: claim.__name__)
def test_the_vectors_hold(claim):
    claim(VECTORS, Ccm)


def test_the_vectors_are_of_this_version():
    assert VECTORS["protocol_version"] == PROTOCOL_VERSION


def test_no_message_is_without_a_vector():
    spoken = [*PLAIN_MESSAGES, *kinds.BOTH_WAYS, *kinds.RING_SAYS, *kinds.HOST_SAYS]

    assert [case["name"] for case in VECTORS["messages"]] == [each.__name__ for each in spoken]


def test_no_list_of_vectors_is_empty():
    for name, cases in VECTORS.items():
        assert cases, name
    assert all(case["records"] for case in VECTORS["bad"] + VECTORS["skipped"])


def test_a_wrong_vector_is_found():
    changed = json.loads(FILE.read_text(encoding="utf-8"))
    changed["messages"][5]["plaintext"] += "00"
    changed["bad"][5]["error"] = None

    for claim in (record_vectors.messages, record_vectors.bad_records):
        with pytest.raises(AssertionError):
            claim(changed, Ccm)
