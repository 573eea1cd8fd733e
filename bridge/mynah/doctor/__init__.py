"""What is missing on this computer, and the next step for each: what `mynah doctor` looks at."""
