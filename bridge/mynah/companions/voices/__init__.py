"""Companions with a voice of their own, and perhaps ears."""
