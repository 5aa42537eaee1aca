"""Where ``CI_COMPLETE`` is set, a test that is left out fails: a promise that nobody tried is not kept.

On a machine of a developer, a test that needs root or a tool is left out and says why.
"""

from __future__ import annotations

import os
from collections.abc import Generator

import pytest

VARIABLE = "CI_COMPLETE"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if os.environ.get(VARIABLE) and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        reason = report.longrepr[-1] if isinstance(report.longrepr, tuple) else report.longreprtext
        report.longrepr = f"left out, which {VARIABLE} forbids: {reason}"
    return report
