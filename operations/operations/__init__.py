"""`kmzb`, the operators' command: what people who run the system can see and do."""
