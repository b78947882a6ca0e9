"""What casework says of duty: whom urgent messages go to, and surges of reports that call whoever has it."""
