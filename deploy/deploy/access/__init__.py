"""A secured cluster: who everybody is to the brokers, what each may do, how much, and the certificates between them."""
