"""The child process that prints a book: `python -m services.knowledge.archive.press`.

In: a line of JSON with the title page, then a line for each article. Out: the PDF.
"""

import sys
from typing import Final

import msgspec

from services.knowledge.archive.choosing import Entry, Front, ordered
from services.knowledge.child import confine

MEMORY_MB, CPU_S = 2_048, 280


def main() -> None:
    confine(MEMORY_MB, CPU_S)
    front = msgspec.json.decode(sys.stdin.buffer.readline(), type=Front)
    decoder: Final = msgspec.json.Decoder(Entry)
    entries = ordered(decoder.decode(line) for line in sys.stdin.buffer if line.strip())
    # Here and not above: the limits hold while the library is loaded.
    from services.knowledge.archive.book import render

    sys.stdout.buffer.write(render(front, entries))


if __name__ == "__main__":
    main()
