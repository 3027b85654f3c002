"""Suggestions (知识推荐): what an open case is offered, what staff made of it, what nothing answers, what it saves."""
