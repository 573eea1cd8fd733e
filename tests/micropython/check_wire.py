"""The protocol under MicroPython, with the device's own cipher, meets the vectors."""

import record_vectors
from checks import run, vectors

from mynah_parts.ccm import Ccm

VECTORS = vectors("records")


def check_every_message_is_written_and_read_as_in_the_vectors():
    record_vectors.messages(VECTORS, Ccm)


def check_both_ends_come_to_the_same_keys_through_the_same_records():
    record_vectors.the_handshake(VECTORS, Ccm)


def check_what_can_not_be_answered_is_refused_with_its_reason():
    record_vectors.refusals(VECTORS, Ccm)


def check_each_side_seals_byte_for_byte_what_the_other_opens():
    record_vectors.sealed_records(VECTORS, Ccm)


def check_a_counter_late_in_a_long_connection_is_like_the_first():
    record_vectors.far_counters(VECTORS, Ccm)


def check_a_long_message_is_cut_and_put_together():
    record_vectors.fragments(VECTORS, Ccm)


def check_an_advertisement_is_full_and_its_tag_the_keys():
    record_vectors.advertisements(VECTORS, Ccm)


def check_a_bad_record_is_the_error_that_is_named_and_changes_nothing():
    record_vectors.bad_records(VECTORS, Ccm)


def check_a_body_that_is_too_short_is_an_error_though_sealed():
    record_vectors.bad_plaintexts(VECTORS, Ccm)


def check_what_a_later_version_may_say_is_skipped():
    record_vectors.skipped_records(VECTORS, Ccm)


def check_fields_that_a_later_version_appends_are_not_seen():
    record_vectors.longer_bodies(VECTORS, Ccm)


run(globals())
