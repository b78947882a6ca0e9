"""The notifier's tables. Functions take a connection and never commit; all SQL of the notifier stands here."""
