"""Every act of the vocabulary moves a ring's motor as in the vectors."""

from checks import run, vectors

from mynah_device.acting import Acting
from mynah_wire.downlink import Act
from mynah_wire.kinds import FROM_HOST, decode
from mynah_wire.uplink import HAPTIC, LIGHT

VECTORS = vectors("haptics")


def told(case):
    """A ring that was told of it at its time 0."""
    acting = Acting(HAPTIC | LIGHT, {})
    for plaintext in case["plaintexts"]:
        data = bytes.fromhex(plaintext)
        message = decode(FROM_HOST, data[0], data[1:])
        if isinstance(message, Act):
            acting.act(message, 0, False)
        else:
            acting.keep(message)
    return acting


def changes(acting, most):
    """When the motor changes, and to what."""
    found, now_ms = [[0, value] for _, value in acting.moved()], 0
    while acting.player.deadline_ms() is not None and len(found) < most:
        now_ms = acting.player.deadline_ms()
        acting.player.handle(now_ms)
        found += [[now_ms, value] for _, value in acting.moved()]
    return found


def check_each_act_moves_the_motor_as_in_the_vectors():
    for name in VECTORS:
        case = VECTORS[name]
        assert changes(told(case), len(case["motor"])) == case["motor"], name


def check_what_is_sent_for_an_act_fits_any_link():
    for name in VECTORS:
        for plaintext in VECTORS[name]["plaintexts"]:
            assert len(bytes.fromhex(plaintext)) <= 22, name


def check_an_act_that_only_shines_moves_nothing():
    assert VECTORS["sleepy"]["motor"] == []
    assert told(VECTORS["sleepy"]).glow is not None


run(globals())
