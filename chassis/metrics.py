"""What ops watch of every loop. Labels are bounded: stream, durable, outcome; never an id."""

from prometheus_client import Counter, Gauge, Histogram

MESSAGES = Counter("yibao_messages_total", "Messages by what became of them", ["durable", "outcome"])
HANDLING = Histogram(
    "yibao_batch_handling_seconds",
    "From fetched to acknowledged, per batch",
    ["durable"],
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)
BATCH = Histogram("yibao_batch_messages", "Messages per batch", ["durable"], buckets=(1, 2, 4, 8, 16, 32, 64, 128, 256))
REDELIVERIES = Counter("yibao_redeliveries_total", "Messages that came more than once", ["durable"])
DEAD = Counter("yibao_dead_letters_total", "Messages put in the dead-letter stream", ["durable"])
CONFLICTS = Counter("yibao_conflicts_total", "Writes that lost against a faster one and were folded anew", ["durable"])
BACKLOG = Gauge("yibao_backlog_messages", "Messages not yet acknowledged", ["durable"])
BACKLOG_AGE = Gauge("yibao_backlog_oldest_seconds", "Age of the oldest message not yet acknowledged", ["durable"])
PUBLISHED = Counter("yibao_published_total", "Messages published", ["stream"])
FALLBACKS = Counter("yibao_batch_fallbacks_total", "Atomic batches refused and sent one by one", ["stream"])
READY = Gauge("yibao_ready", "1 when the part is ready", ["part"])
