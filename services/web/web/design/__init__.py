"""How pages are made: one look, one layout, one policy of what a page may load, files that are kept for ever."""
