"""Console: the pages of staff, one module per desk.

In: requests of signed-in staff. Out: pages, QR codes, files of releases. Knows nothing of: respondents' pages, single
responses, unprotected counts.
"""

from __future__ import annotations

from fastapi import APIRouter

from survey_app.web.console import releases, sign_in, today

router = APIRouter()
router.include_router(sign_in.router)
router.include_router(today.router)
router.include_router(releases.router)

__all__ = ["router"]
