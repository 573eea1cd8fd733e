"""What a ring says, kept until it was answered: received once, whatever fails in between."""
