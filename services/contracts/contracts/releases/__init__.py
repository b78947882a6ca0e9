"""What each release of the contracts said, one file a release, and what of it may change: `contracts.schemas` asks."""
