"""A finger on a button and on a pad: what is stuck, what is wet."""

from checks import run

from mynah_device.actions import FAULT, PRESSED, RELEASED
from mynah_device.contact import STUCK_AT_BOOT_MS, STUCK_MS, Contact
from mynah_device.pad import FILM_COUNTS, SETTLING, Pad

OWN = 22_000
FINGER = 9_000
FILM = 4_000


def noise(number):
    seed = (number * 2_654_435_761) & 0xFFFFFFFF
    return (seed >> 20) % 121 - 60


def looked(pad, counts, looks):
    """Whether it was down, at each look."""
    return [pad.look(counts + noise(number)) for number in range(looks)]


def settled():
    pad = Pad()
    looked(pad, OWN, SETTLING + 50)
    return pad


def check_a_press_and_its_release_are_told_once():
    contact = Contact(False, 0)
    assert contact.handle(True, 100) == (PRESSED,)
    assert contact.handle(True, 200) == ()
    assert contact.handle(False, 300) == (RELEASED,)
    assert contact.handle(False, 400) == ()


def check_a_button_held_for_a_quarter_of_an_hour_is_stuck_and_let_go_of():
    contact = Contact(False, 0)
    contact.handle(True, 0)
    assert contact.handle(True, STUCK_MS - 1) == ()
    assert contact.handle(True, STUCK_MS) == (RELEASED, FAULT)
    assert contact.handle(True, 2 * STUCK_MS) == ()


def check_what_was_stuck_and_came_up_can_be_pressed_again():
    contact = Contact(False, 0)
    contact.handle(True, 0)
    contact.handle(True, STUCK_MS)
    assert contact.handle(False, STUCK_MS + 10) == ()
    assert contact.handle(True, STUCK_MS + 20) == (PRESSED,)


def check_what_is_down_at_the_start_is_no_press_but_soon_a_fault():
    contact = Contact(True, 0)
    assert contact.handle(True, 10) == ()
    assert contact.handle(True, STUCK_AT_BOOT_MS) == (FAULT,)
    assert contact.handle(False, STUCK_AT_BOOT_MS + 10) == ()
    assert contact.handle(True, STUCK_AT_BOOT_MS + 20) == (PRESSED,)


def check_a_press_that_woke_the_chip_counts():
    contact = Contact(False, 0)  # as if it had been up
    assert contact.handle(True, 1) == (PRESSED,)


def check_noise_is_no_finger():
    assert not any(looked(settled(), OWN, 5000))


def check_a_finger_is_felt_at_the_second_count_and_gone_at_the_second():
    pad = settled()
    assert looked(pad, OWN + FINGER, 3) == [False, True, True]
    assert looked(pad, OWN, 3) == [True, False, False]


def check_warmth_that_comes_slowly_is_no_finger():
    pad = settled()
    for step in range(20_000):
        assert not pad.look(OWN + step // 4 + noise(step)), step
    assert looked(pad, OWN + 5000 + FINGER, 3)[-1]


def check_a_finger_at_boot_is_forgotten_when_it_leaves():
    pad = Pad()
    looked(pad, OWN + FINGER, SETTLING + 50)
    assert not pad.down
    looked(pad, OWN, 10)
    assert looked(pad, OWN + FINGER, 3)[-1]


def check_a_wet_film_is_after_a_while_the_new_normal():
    pad = settled()
    assert looked(pad, OWN + FILM, 3)[-1]
    looked(pad, OWN + FILM, FILM_COUNTS + 10)
    assert not pad.down
    assert looked(pad, OWN + FILM + FINGER, 3)[-1]


def check_a_drop_that_dries_leaves_it_as_it_was():
    pad = settled()
    looked(pad, OWN + FILM, 500)
    looked(pad, OWN, 500)
    assert not pad.down
    assert looked(pad, OWN + FINGER, 3)[-1]


run(globals())
