"""Every attack of the suite."""

from tests.attacks.cases import Tally
from tests.attacks.false_rings import FALSE_RINGS
from tests.attacks.local_api import LOCAL_API
from tests.attacks.mad_host import MAD_HOST
from tests.attacks.mad_keeping import MAD_KEEPING
from tests.attacks.owners import OWNERS
from tests.attacks.serving_api import SERVING_API
from tests.attacks.strangers import STRANGERS
from tests.attacks.tampering import TAMPERING
from tests.attacks.tracking import TRACKING
from tests.attacks.words import WORDS

ATTACKS = [
    *STRANGERS,
    *TAMPERING,
    *TRACKING,
    *FALSE_RINGS,
    *OWNERS,
    *MAD_HOST,
    *MAD_KEEPING,
    *LOCAL_API,
    *SERVING_API,
    *WORDS,
]


def carry_out_all() -> Tally:
    """Some seconds."""
    return Tally().carry_out(ATTACKS)
