"""Feeds (数据来源): folders whose new files are read in by themselves, and tables of databases that are fetched."""
