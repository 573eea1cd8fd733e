"""The protocol between ring and bridge: README.md is its specification.

Pure: the same files run under MicroPython and CPython. Import the submodules; nothing is imported
here, so that a ring loads only what it uses.
"""
