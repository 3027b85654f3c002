"""The shell of all pages: layout, menu, door, errors, headers, files that browsers load."""
