"""What is said to others, and what they answer, as an AsyncAPI 3 document: asyncapi.json beside this file."""
