"""Several institutions report the same thing: one problem, one answer, many cases."""
