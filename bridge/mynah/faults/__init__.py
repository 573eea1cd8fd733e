"""Faults as a language: what goes wrong, when, how much; for the same seed the same again."""
