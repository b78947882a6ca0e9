"""Building a service's store anew from the topics it reads, with the service's own code."""
