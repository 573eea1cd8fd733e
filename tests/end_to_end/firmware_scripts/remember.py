"""Counts its starts in the non-volatile storage, and sets a blob that it never commits."""

from esp32 import NVS

storage = NVS("mynah")
try:
    starts = storage.get_i32("starts")
except OSError as error:
    print(error.args)
    starts = 0
storage.set_i32("starts", starts + 1)
storage.set_blob("key", b"\x00\x01\xff")
storage.commit()
storage.set_blob("draft", b"lost")
blob = bytearray(8)
print("starts", storage.get_i32("starts"), blob[: storage.get_blob("key", blob)])
for key, size in (("key", 2), ("draft", 8), ("starts", 8), ("far too long a key", 8)):
    try:
        print(key, storage.get_blob(key, bytearray(size)))
    except OSError as error:
        print(key, error.args[1])
storage = NVS("mynah")
