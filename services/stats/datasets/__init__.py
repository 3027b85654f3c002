"""Data sets (数据集): what was read into the national tables; reports on a table count those registered."""
