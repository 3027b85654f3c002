"""Providers (发送服务): a work queue for each, with its limits, its breaker and its workers."""
