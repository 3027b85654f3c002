"""Sources (数据源): the schema of every table, how files and databases are read into it, and the data sets kept."""
