"""Conversations held elsewhere: each program's files, and what people paste."""
