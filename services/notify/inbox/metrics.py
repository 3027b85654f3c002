"""What ops watch of the live inbox."""

from prometheus_client import Counter, Gauge

READERS = Gauge("yibao_inbox_readers", "Connections to the live inbox")
CUT_OFF = Counter("yibao_inbox_readers_cut_off_total", "Connections ended because nobody took what came", ["why"])
RESUMED = Counter("yibao_inbox_resumes_from_stream_total", "Readers who were away for longer than memory goes back")
