"""Cases that go to another instance of casework, or come from one."""
