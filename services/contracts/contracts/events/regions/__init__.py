"""What instances that answer for garrisons of their own say to each other."""
