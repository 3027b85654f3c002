"""What channels say about replies, and how many more they take."""
