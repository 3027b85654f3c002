"""The error of a piece of work that cannot be done with what it was given."""


class Problem(Exception):
    """Why a file or a report cannot be counted at all; the Chinese message says what to do next."""
