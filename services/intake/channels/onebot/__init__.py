"""QQ through OneBot 11: posts and reverse WebSocket, in and out."""
