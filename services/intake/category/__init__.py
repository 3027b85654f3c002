"""What a case is about and how urgent it is: rules first, then what staff taught."""
