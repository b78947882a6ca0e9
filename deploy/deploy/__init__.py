"""What puts the system on a machine: the private stack, the development helpers, the demonstration."""
