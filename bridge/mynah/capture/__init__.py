"""A session, recorded so that it can be played again: what the ring said, and all answers.

There is no key in it; there are words, and with `--audio` the voice.
"""
