"""What the services know of each other, and nothing else: events, topics, categories, terms.

Every message between services is one of the events named here, on one of the topics named here.
"""

RELEASE = "0.2.0"
"""The release of these contracts. Every message says which one its writer had; `contracts.releases` keeps them all."""
