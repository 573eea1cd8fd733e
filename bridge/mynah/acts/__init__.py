"""What a companion does beside talking: felt and seen on the ring, instead of read aloud."""
