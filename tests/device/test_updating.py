"""An update's core, over a flash of plain dictionaries."""

import hashlib
from dataclasses import replace

import pytest

from mynah.maker import bundle
from mynah.maker.update_key import UpdateKey
from mynah_device.updating import WINDOW_BYTES, Place, Updating
from mynah_wire.making import (
    CHECKING,
    COMPLETE,
    CONFIRMED,
    INSTALLED,
    REFUSED,
    TAKING,
    Block,
    Install,
    Offer,
)
from tests.device.chips import FILES, KEY, RUNNING, SPARE, Chip, made


def offer(of, token=7):
    return Offer(token, of.build, len(of.data), of.sha256)


def test_an_update_is_taken_checked_and_tried():
    chip, update = Chip(), made()

    assert chip.take(offer(update)) == [(7, TAKING, 0, "")]
    assert chip.send(update) == (7, COMPLETE, len(update.data), "")
    assert not chip.tried
    assert [told[1] for told in chip.take(Install(7))] == [CHECKING, INSTALLED]
    assert chip.tried
    assert chip.restarted
    assert {f"b/{path}": data for path, data in FILES.items()}.items() <= chip.files.items()
    assert "b/part" not in chip.files


@pytest.mark.parametrize("cut", [0, 50, 399, 1000, 5000, 9000])
def test_after_a_reset_it_goes_on_with_whole_files(cut):
    update = made()
    before = Chip()
    before.take(offer(update))
    before.send(update, 0, cut)
    again = Chip(before.files)

    ((_, state, offset, _),) = again.take(offer(update))

    assert state == TAKING
    assert offset <= cut
    assert again.send(update, offset)[1] == COMPLETE
    assert again.take(Install(7))[-1][1] == INSTALLED


def test_a_lost_link_goes_on_where_it_was():
    chip, update = Chip(), made()
    chip.take(offer(update))
    chip.send(update, 0, 1000)

    assert chip.take(offer(update, token=8)) == [(8, TAKING, 1000, "")]
    assert chip.send(update, 1000)[:2] == (8, COMPLETE)


def test_what_comes_out_of_order_is_skipped_and_asked_for_once():
    chip, update = Chip(), made()
    chip.take(offer(update))
    chip.send(update, 0, 600)
    for at in (800, 1000, 1200):
        chip.take(Block(at, update.data[at : at + 200]))

    assert chip.told[-1] == (7, TAKING, 600, "out of order")
    assert len([told for told in chip.told if told[3]]) == 1
    assert chip.send(update, 600)[1] == COMPLETE


def test_a_host_that_does_not_wait_is_not_kept_in_memory():
    chip, update = Chip(), made()
    chip.core.take(offer(update))
    chip.work()
    for at in range(0, 40 * 1000, 1000):
        chip.core.take(Block(at, bytes(1000)))

    assert chip.core._inbox.size <= WINDOW_BYTES + 12_288


def test_nothing_is_given_up_before_the_signature_holds():
    stranger = made(key=UpdateKey(bytes(32)))
    chip = Chip({"b/app.py": b"the build before"})
    chip.take(offer(stranger))

    assert chip.send(stranger)[1] == REFUSED
    assert chip.files == {"b/app.py": b"the build before"}


def test_a_full_flash_is_told_with_figures_and_nothing_is_lost():
    chip, update = Chip({"b/app.py": b"the build before"}), made()
    chip.room = 10_000
    chip.take(offer(update))

    assert chip.send(update) == (7, REFUSED, 0, "full: it takes 22 KiB, 9 KiB are free")
    assert chip.files == {"b/app.py": b"the build before"}


def test_a_flash_that_fails_is_told_and_the_next_offer_begins_again():
    chip, update = Chip(), made()
    chip.take(offer(update))
    chip.core.failed("its flash fails: 5")

    assert chip.work() == [(7, REFUSED, 0, "its flash fails: 5")]
    assert chip.take(offer(update))[-1][1] == TAKING
    assert chip.send(update)[1] == COMPLETE


def test_a_hindrance_refuses_offers_and_installations_and_no_blocks():
    chip, update = Chip(), made()

    assert chip.take(offer(update), "it hears") == [(7, REFUSED, 0, "it hears")]
    chip.take(offer(update))
    for at in range(0, len(update.data), 200):
        chip.take(Block(at, update.data[at : at + 200]), "it hears")
    assert chip.told[-1][1] == COMPLETE
    assert chip.take(Install(7), "low") == [(7, REFUSED, 0, "low")]
    assert chip.take(Install(7))[-1][1] == INSTALLED
    assert chip.core.refused == 2


def test_the_build_that_runs_is_confirmed_if_it_is_this_very_one():
    update = made()
    chip = Chip({"a/head": update.sha256 + b"what was signed"}, build=2)

    assert chip.take(offer(update)) == [(7, CONFIRMED, len(update.data), "")]
    assert chip.take(offer(made(files=FILES | {"lib/y.py": b"y\n"})))[0][1] == REFUSED


def test_a_file_that_flash_lost_is_found_and_sent_again():
    chip, update = Chip(), made()
    chip.take(offer(update))
    chip.send(update)
    chip.files["b/lib/long.py"] = bytes(len(FILES["lib/long.py"]))

    assert chip.take(Install(7))[-1] == (7, REFUSED, 0, "lib/long.py is not what was signed")
    ((_, state, offset, _),) = chip.take(offer(update))
    assert state == TAKING
    assert chip.send(update, offset)[1] == COMPLETE
    assert chip.take(Install(7))[-1][1] == INSTALLED


def test_another_offer_takes_the_place_of_one_that_was_not_finished():
    chip, update, other = Chip(), made(), made(build=3)
    chip.take(offer(update))
    chip.send(update, 0, 3000)

    assert chip.take(offer(other, token=9)) == [(9, TAKING, 0, "")]
    assert chip.send(other)[:2] == (9, COMPLETE)
    assert chip.take(Install(9))[-1][1] == INSTALLED


def test_an_old_build_does_not_pass_for_a_new_one_under_one_hash():
    chip, old = Chip(build=5), made(build=2)

    assert chip.take(offer(replace(old, build=99))) == [(7, TAKING, 0, "")]
    assert chip.take(offer(old)) == [(7, REFUSED, 0, "build 2 is older than 5")]
    assert not chip.files


def test_what_is_signed_must_be_newer_whatever_was_offered():
    chip, update = Chip(), made(build=3)
    chip.take(offer(update))
    chip.core._place.build = 3

    assert chip.send(update) == (7, REFUSED, 0, "build 3 is not newer than 3")
    assert not chip.files


def test_an_offer_of_another_size_is_another_offer():
    chip, update = Chip(), made()
    chip.take(offer(update))
    chip.send(update, 0, 3000)
    longer = Offer(8, update.build, len(update.data) + 1, update.sha256)

    assert chip.take(longer) == [(8, TAKING, 0, "")]
    assert chip.send(update) == (8, REFUSED, 0, f"{longer.size} bytes do not fit its head")


@pytest.mark.parametrize("again", [False, True])
def test_a_bundle_under_the_hash_of_another_is_not_installed_and_the_other_one_is(again):
    chip, wanted = Chip(), made(files=FILES | {"lib/x.py": b"x = 2\n"})
    chip.take(offer(wanted))
    if again:
        chip.send(made(), 0, 9000)
        chip = Chip(chip.files)
        chip.take(offer(wanted))
    chip.send(made(), chip.told[-1][2])

    assert chip.take(Install(7))[-1] == (7, REFUSED, 0, "it is not what was offered")
    assert chip.take(offer(wanted)) == [(7, TAKING, 0, "")]
    assert chip.send(wanted)[1] == COMPLETE
    assert chip.take(Install(7))[-1][1] == INSTALLED
    assert chip.files["b/lib/x.py"] == b"x = 2\n"


def test_a_slot_that_was_about_to_be_wiped_when_the_power_went_is_whole_before_it_is_tried():
    chip, update = Chip(), made()
    chip.take(offer(update))
    chip.send(update)
    chip.take(Install(7))
    after = Chip(chip.files | {"b/part": b""})

    assert after.take(offer(update))[-1][1] == COMPLETE
    assert after.take(Install(7))[-1][1] == INSTALLED
    assert "b/part" not in after.files


def test_small_blocks_are_joined_and_empty_ones_take_no_room():
    chip, update = Chip(), made()
    chip.take(offer(update))
    for _ in range(1000):
        chip.take(Block(0, b""))
    assert chip.core._inbox._pieces == []
    pieces = []
    for at in range(len(update.data)):
        chip.core.take(Block(at, update.data[at : at + 1]))
        pieces.append(len(chip.core._inbox._pieces))
        chip.work()

    assert max(pieces) <= WINDOW_BYTES // 128
    assert chip.take(Install(7))[-1][1] == INSTALLED


def test_nothing_can_be_installed_that_was_not_offered():
    assert Chip().take(Install(3))[0][:2] == (3, REFUSED)


def test_without_a_loader_or_a_key_there_are_no_updates():
    update = made()
    for folders, keys in ((("", ""), [KEY.public]), ((RUNNING, SPARE), [])):
        core = Updating(Place(1, "xtensawin-6.3", "ring", folders, keys))
        core.take(offer(update))
        assert core.next() is None
        assert core.news.popleft()[1] == REFUSED


def test_a_head_says_everything_twice_over():
    head = bundle.format_.decode([made().data[: bundle.format_.head_bytes(made().data[:16])]])

    assert [file.path for file in head.files] == list(FILES)
    assert [file.sha256 for file in head.files] == [
        hashlib.sha256(data).digest() for data in FILES.values()
    ]
