"""As tests/bridge/test_random_interruptions.py, with the firmware itself and a modelled radio."""

import json

import numpy as np
import pytest

from tests.bridge.interruptions import SILENT_WITHIN_MS, Press, told
from tests.end_to_end.interrupting import PRESSES

ENOUGH = 20


pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def interrupted(_started):
    return _started["interrupted"].result()


@pytest.fixture(scope="module")
def presses(interrupted):
    assert interrupted.code == 0, interrupted.errors
    return [Press(**press) for press in json.loads(interrupted.output)]


def test_the_speaker_is_silent_within_150_ms_at_p95(presses):
    sounding = [press.silent_ms for press in presses if press.silent_ms]

    assert len(presses) == PRESSES
    assert len(sounding) >= ENOUGH, told(presses)
    assert np.percentile(sounding, 95) <= SILENT_WITHIN_MS, told(presses)


def test_what_is_remembered_is_what_sounded_to_within_one_word(presses):
    assert max(abs(press.words_off) for press in presses) <= 1, told(presses)
