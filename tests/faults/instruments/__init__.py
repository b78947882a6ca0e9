"""What sees the system: topics read from outside, the mailbox, receipt pages, and the databases' own times."""
