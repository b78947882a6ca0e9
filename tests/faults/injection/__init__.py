"""What is done to the system, when and to what: kinds of faults, a schedule drawn from a seed, and its execution."""
