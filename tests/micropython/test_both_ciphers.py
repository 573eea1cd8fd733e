"""The host's AES-CCM and the device's seal alike and open each other's records."""

import json
import random
from pathlib import Path

import pytest

from mynah.link.aead import Ccm
from tests.micropython.interpreters import MICROPYTHON, NO_MICROPYTHON, run_script

SCRIPT = Path(__file__).with_name("seal_and_open.py")
CASES = 200
MOST_BYTES = 240


def case(generator):
    key, nonce = generator.randbytes(16), generator.randbytes(13)
    start, length = generator.randint(1, 14), generator.randint(0, MOST_BYTES)
    plain = generator.randbytes(start + length)
    sealed = bytearray(plain + bytes(8))
    Ccm(key).seal(nonce, sealed, start, length)
    return {
        "key": key.hex(),
        "nonce": nonce.hex(),
        "start": start,
        "plain": plain.hex(),
        "sealed": sealed.hex(),
    }


@pytest.mark.skipif(not MICROPYTHON.exists(), reason=NO_MICROPYTHON)
def test_each_side_seals_what_the_other_opens(tmp_path):
    generator = random.Random(3610)
    cases = [case(generator) for _ in range(CASES)]
    (tmp_path / "cases.json").write_text(json.dumps(cases))

    answers = json.loads(run_script(SCRIPT, str(tmp_path / "cases.json")))

    assert [answer["sealed"] for answer in answers] == [case["sealed"] for case in cases]
    assert [answer["opened"] for answer in answers] == [case["plain"] for case in cases]
