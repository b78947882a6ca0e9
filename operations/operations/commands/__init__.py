"""The commands of `kmzb`, by what they are about."""
