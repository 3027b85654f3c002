"""Pages made of what several services say: what one of them cannot say is an error in its place, the rest is shown."""

from collections.abc import Awaitable, Mapping
from typing import Any

from services.console.asking import Answered


async def part(asking: Awaitable[Any]) -> Any:
    """The answer, or the Answered that says why there is none: templates tell it by its `told`."""
    try:
        return await asking
    except Answered as error:
        return error


def given(answer: Any, instead: Any) -> Any:
    """The answer of a part; `instead` where there was none."""
    return instead if isinstance(answer, Answered) else answer


def silent(answers: Mapping[str, Any]) -> list[str]:
    """Which of these answers, by their names, could not be had."""
    return [name for name, answer in answers.items() if isinstance(answer, Answered)]
