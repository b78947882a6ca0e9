"""What happens in a year, drawn from figures and a seed: it asks nobody, sends nothing, and knows no real time."""
