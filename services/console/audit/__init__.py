"""The audit (操作审计): every service's notes of what has to be answered for, to be read, searched and taken out."""
