"""Search (检索): the index in this process, a projection of the KNOWLEDGE stream, built anew when it is gone."""
