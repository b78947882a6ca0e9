"""What the services know of each other, and nothing else: events, topics, categories, terms.

Every message between services is one of the events named here, on one of the topics named here.
"""
