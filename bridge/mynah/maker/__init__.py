"""From a bag of parts to a ring that works: what a maker does with a board on a cable."""
