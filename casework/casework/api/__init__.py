"""What officers do over HTTP: read cases, and change them from the version they saw."""
