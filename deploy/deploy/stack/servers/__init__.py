"""The servers of the private stack: Kafka, PostgreSQL and Redis, each a process under one folder."""
