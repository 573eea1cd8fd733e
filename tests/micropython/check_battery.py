"""The battery's curve, its noise, and its end."""

from checks import run

from mynah_device.charge import (
    CURVE,
    EMPTY_LOOKS,
    EMPTY_MV,
    EMPTY_OVER_MV,
    LOW_OVER_PERCENT,
    LOW_PERCENT,
    NO_CELL_LOOKS,
    NO_CELL_MV,
    UNKNOWN,
    Charge,
    percent_of,
)

RADIO_MV = 30  # what it pulls a small cell down by


def noise(number):
    """Some 8 mV either way, and now and then the radio."""
    seed = (number * 2_654_435_761) & 0xFFFFFFFF
    return (seed >> 20) % 17 - 8 - (RADIO_MV if seed >> 28 == 0 else 0)


def looked(charge, millivolts, looks):
    """How often there was something to tell."""
    return sum(charge.look(millivolts + noise(number)) for number in range(looks))


def check_the_curve_only_falls_and_ends_at_both_ends():
    assert (percent_of(4300), percent_of(2600)) == (100, 0)
    last = 100
    for mv in range(4300, 3000, -1):
        percent = percent_of(mv)
        assert last - 2 <= percent <= last, mv
        last = percent
    assert CURVE[-1] == (EMPTY_MV, 0)


def check_a_noisy_cell_at_any_charge_tells_once_or_twice_and_never_flaps():
    for mv in range(3400, 4200, 50):
        charge = Charge()
        assert 1 <= looked(charge, mv, 500) <= 3, mv


def check_a_discharge_only_falls():
    charge, told = Charge(), []
    for number in range(8000):
        if charge.look(4200 - number // 8 + noise(number)):
            told.append(charge.percent)
            assert not charge.charging, (number, charge.millivolts)
    assert told == sorted(told, reverse=True)
    assert 40 <= len(told) <= 60  # in steps of 2, of 1 at the end
    assert charge.empty


def check_a_charge_is_seen_and_only_rises():
    charge, told = Charge(), []
    looked(charge, 3700, 50)
    for number in range(4000):
        if charge.look(min(4200, 3700 + number // 4) + noise(number)) and charge.charging:
            told += [charge.percent]
    assert charge.charging
    assert told == sorted(told)
    assert told[-1] >= 95


def check_what_is_taken_off_the_charger_is_not_charging():
    charge = Charge()
    looked(charge, 3700, 50)
    looked(charge, 4190, 200)
    assert charge.charging
    looked(charge, 4130, 200)
    assert not charge.charging


def check_low_has_two_edges():
    charge = Charge()
    looked(charge, 3690, 50)
    assert charge.percent <= LOW_PERCENT
    assert charge.low
    charge.percent = LOW_OVER_PERCENT
    charge.charging = True
    charge._judge(charge.millivolts)
    assert charge.low
    charge.percent = LOW_OVER_PERCENT + 1
    charge._judge(charge.millivolts)
    assert not charge.low


def check_one_dip_does_not_put_it_to_sleep_and_three_looks_do():
    charge = Charge()
    looked(charge, EMPTY_MV + 60, 50)
    for _ in range(EMPTY_LOOKS - 1):
        charge.look(EMPTY_MV - 50)
    charge.look(EMPTY_MV + 60)
    assert not charge.empty
    for _ in range(EMPTY_LOOKS):
        charge.look(EMPTY_MV - 10)
    assert charge.empty


def check_a_cell_that_is_cut_off_now_and_then_is_empty_in_the_end():
    charge = Charge()
    for _ in range(EMPTY_LOOKS + 1):
        charge.look(NO_CELL_MV - 100)
        assert not charge.empty
        charge.look(EMPTY_MV - 10)
    assert charge.empty


def check_without_a_cell_an_empty_look_is_forgotten():
    charge = Charge()
    for _ in range(EMPTY_LOOKS - 1):
        charge.look(EMPTY_MV)
    for _ in range(EMPTY_LOOKS * NO_CELL_LOOKS):
        charge.look(0)
    charge.look(EMPTY_MV)
    assert not charge.empty


def check_what_rest_brings_back_does_not_wake_it():
    charge = Charge()
    for _ in range(EMPTY_LOOKS):
        charge.look(EMPTY_MV)
    for _ in range(100):
        charge.look(EMPTY_OVER_MV - 20)
    assert charge.empty
    for _ in range(100):
        charge.look(EMPTY_OVER_MV + 50)
    assert not charge.empty


def check_on_a_cable_without_a_cell_nothing_is_known_and_nothing_is_empty():
    charge = Charge()
    for mv in (0, 150, NO_CELL_MV - 1):
        charge.look(mv)
        assert (charge.percent, charge.empty, charge.low) == (UNKNOWN, False, False)


run(globals())
