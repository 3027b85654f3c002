"""The desk's own figures (服务台运行): its event streams, folded into the source tables `desk_*` that reports count."""
