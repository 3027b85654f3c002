"""The vendors in a process of their own, for measurements: `python -m tests.support.providers [port]`."""

import asyncio
import sys

from tests.support.providers import vendors


async def main() -> None:
    async with vendors(int(sys.argv[1]) if len(sys.argv) > 1 else 0) as there:
        print(f"{there.url} smtp:{there.mail.port}", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
