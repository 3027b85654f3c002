"""Statistics through the console's own forms: files read in, reports counted, pages looked at until they say so."""

import httpx

from tests.support.wait import until


async def ended(http: httpx.AsyncClient, path: str) -> str:
    """The page of a run as soon as it has ended."""

    async def look() -> str | None:
        page = await http.get(path)
        return page.text if page.is_success and 'aria-label="进度"' not in page.text else None

    return await until(f"{path} has ended", look, within_s=60)


async def read_in(http: httpx.AsyncClient, table: str, name: str, content: bytes, **fields: str) -> str:
    """A file uploaded and read into a table; the path of its run, when reports count it."""
    answer = await http.post("/reports/datasets", data={"table": table, **fields}, files={"file": (name, content)})
    assert answer.status_code == 303, answer.text
    run = answer.headers["location"]
    await ended(http, run)

    async def listed() -> bool:
        return name in (await http.get("/reports/datasets", params={"table": table})).text

    await until(f"{name} is a data set", listed)
    return str(run)


async def counted(http: httpx.AsyncClient, report: str, **fields: str) -> str:
    """The path of a run of a report, when it has ended."""
    answer = await http.post(f"/reports/{report}/runs", data=fields)
    assert answer.status_code == 303, answer.text
    await ended(http, answer.headers["location"])
    return str(answer.headers["location"])
