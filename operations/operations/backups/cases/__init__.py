"""casework's store, from the backup to what casework had said by the end."""
