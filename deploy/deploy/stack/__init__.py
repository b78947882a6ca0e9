"""The stack the system runs on, and the system on it: private servers, topics, databases, services, supervisor."""
