"""The questions behind what officers see."""
