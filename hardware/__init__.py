"""What a maker builds: wiring, parts lists and enclosures, and what draws them."""
