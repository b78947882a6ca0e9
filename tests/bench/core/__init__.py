"""CPU as the kernel counts it, rounds and ratios, the machine, and the page they are written on."""
