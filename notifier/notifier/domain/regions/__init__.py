"""What one instance tells where others answer for garrisons, too."""
