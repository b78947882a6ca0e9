"""The words: what officers, agencies and citizens read. English here, the others in `locale`.

Officers and agencies read Polish. No text holds a citizen's words or address; every citizen's says 112.
"""
