"""Memory that can be held: a log, facts, what is found in them, and how they come to be."""
