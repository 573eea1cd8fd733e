"""Taking turns: who has the floor, and what each turn cost."""
