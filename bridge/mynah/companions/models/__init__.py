"""Models that remember nothing: told everything in each turn, whoever serves them."""
