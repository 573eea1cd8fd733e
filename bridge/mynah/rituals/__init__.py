"""What a companion does though nobody asked: good mornings, whispers, coming when called."""
