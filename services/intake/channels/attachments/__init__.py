"""Files that came with a message: sniffed, limited, kept once."""
