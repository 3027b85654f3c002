"""Transports (发送通道): each speaks one vendor's protocol and says plainly what an attempt came to."""
