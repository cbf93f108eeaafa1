"""Runs the checks of a program: each is a function, and one JSON line says how it ended."""

import asyncio
import inspect
import json
import traceback
from collections.abc import Callable


def run_checks(checks: list[Callable[[], object]]) -> None:
    for check in checks:
        failure = None
        try:
            outcome = check()
            if inspect.isawaitable(outcome):
                asyncio.run(outcome)
        except Exception:
            failure = traceback.format_exc()
        print(json.dumps({"name": check.__name__, "failure": failure}), flush=True)


def expect(actual: object, expected: object) -> None:
    if actual != expected:
        raise AssertionError(f"expected {expected!r}, got {actual!r}")


def refused(kind: type[BaseException], words: str, call: Callable[[], object]) -> None:
    """The call fails with an error of this class, which says these words."""
    try:
        call()
    except kind as error:
        if words not in str(error):
            raise AssertionError(f"{words!r} is not in {error!s}") from error
        return
    raise AssertionError(f"no {kind.__name__}")
