"""What a message says, without what must not be stored: plain text, masked, with what the case needs read out."""
