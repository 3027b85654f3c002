"""Signing in (登录): by password and code or by the office's own server, sessions that end, one's own page."""
