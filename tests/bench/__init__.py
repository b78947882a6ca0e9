"""What the services cost, each beside what it is compared with: `make bench`."""
