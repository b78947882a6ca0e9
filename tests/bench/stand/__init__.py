"""What is measured and with what: servers, services, peers, topics, databases, reports."""
