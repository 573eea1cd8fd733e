"""Every adapter against every case that it has to pass."""

import pytest

from tests.bridge.conformance.cases import applicable
from tests.bridge.conformance.quick_time import at_once
from tests.bridge.conformance.rows import rows

PAIRS = {f"{row.name}: {case.__name__}": (row, case) for row in rows() for case in applicable(row)}


@pytest.mark.parametrize(("row", "case"), PAIRS.values(), ids=PAIRS)
def test_an_adapter_does_what_every_companion_must(row, case):
    at_once(case(row), hurried=not row.outside)
