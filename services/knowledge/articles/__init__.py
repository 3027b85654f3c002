"""Articles (知识条目): born from cases and documents, reviewed, published, questioned, retired."""
