"""Search by meaning (语义检索): an encoder that an operator may install, its vectors, what is learned, and fusion."""
