"""The pages for citizens."""
