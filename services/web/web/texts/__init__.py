"""What people read, in five languages (docs/decisions/0072): English in the code, all else in gettext's catalogues.

`catalogue` has the messages, `languages` which language somebody reads, `phrases` times and numbers in words,
`templates` puts all of it into Jinja2, `browser` makes the catalogue that `design/static/texts.js` reads.
"""
