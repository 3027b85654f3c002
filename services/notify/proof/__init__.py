"""Proof of delivery (送达证明): who was told, where and when, exportable, kept as long as is set."""
