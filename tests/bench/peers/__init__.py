"""What we are compared with: small programs, re-created from what the originals' public code does."""
