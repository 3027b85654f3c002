"""Archive (专属档案): what a hospital has of its own in the knowledge base, as a printable book."""
