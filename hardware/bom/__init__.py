"""Parts lists of the builds, and what they come to."""
