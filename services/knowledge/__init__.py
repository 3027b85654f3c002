"""Knowledge (知识): owns articles. Hears `case.resolved`; says `knowledge.published` and `knowledge.revised`.

Every resolved case becomes an article, and the search index inside this process is a projection of the KNOWLEDGE
stream: it can be deleted at any time and is built again from the log.
"""
