"""The words: what officers, agencies and citizens read. English here, Polish in `locale/pl/notifier.po`.

Officers and agencies read Polish. No text holds a citizen's words or address; every citizen's says 112.
"""
