"""Which instants and texts there are for us, and the check of what events say of them."""
