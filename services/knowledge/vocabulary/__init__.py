"""Vocabulary (检索词库): words that mean the same, as shipped and as staff teach them, and the terms of the domain."""
