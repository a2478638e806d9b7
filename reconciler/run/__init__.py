"""One run: its collaborators, what is read, and the way from files and vendors to a plan or a drift report."""
