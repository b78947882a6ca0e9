"""How a service reads and writes topics: clients, the consumer loop, what becomes of a batch, and how far it is."""
