"""Console: the pages of staff, one module per desk.

In: requests of signed-in staff. Out: pages, QR codes, files of releases. Knows nothing of: respondents' pages, single
responses, unprotected counts.
"""

from __future__ import annotations

from fastapi import APIRouter

from survey_app.web.console.releases import router as releases
from survey_app.web.console.sign_in import router as door
from survey_app.web.console.today import router as today

router = APIRouter()
router.include_router(door)
router.include_router(today)
router.include_router(releases)

__all__ = ["router"]
