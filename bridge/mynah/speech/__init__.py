"""Hearing and speaking: voice activity, Whisper, clauses, Piper. Models run in worker processes."""
