"""Writes three records to a file as the ring's store does, then renames it, and says how far."""

import os

import machine  # noqa: F401 - the chip, with its flash

print("there is", os.listdir())
with open("first", "wb") as file:
    for _ in range(3):
        file.write(b"x" * 100)
        file.flush()
print("written")
os.rename("first", "second")
print("renamed")
