"""What is said of a dataset: for programs, for catalogues of open data, for people."""
