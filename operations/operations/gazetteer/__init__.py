"""Address points as they are published: the register's GML, and tables made of it."""
