"""Console: the pages of staff, one module per desk.

In: requests of signed-in staff. Out: pages, QR codes, files of releases, returns and reviewed comments. Knows
nothing of: respondents' pages, single responses, unprotected counts.
"""

from __future__ import annotations

from fastapi import APIRouter

from survey_app.web.console.account import router as account_router
from survey_app.web.console.care import router as care_router
from survey_app.web.console.comments import router as comments_router
from survey_app.web.console.correcting import router as correcting_router
from survey_app.web.console.federal import router as federal_router
from survey_app.web.console.feedback import router as feedback_router
from survey_app.web.console.guide import router as guide_router
from survey_app.web.console.indicator import router as indicator_router
from survey_app.web.console.keeping import router as keeping_router
from survey_app.web.console.language_changes import router as language_changes_router
from survey_app.web.console.languages import router as languages_router
from survey_app.web.console.leading import router as leading_router
from survey_app.web.console.log import router as log_router
from survey_app.web.console.making import router as making_router
from survey_app.web.console.national import router as national_router
from survey_app.web.console.notes import router as notes_router
from survey_app.web.console.papers import router as papers_router
from survey_app.web.console.parcels import router as parcels_router
from survey_app.web.console.putting_aside import router as putting_aside_router
from survey_app.web.console.received import router as received_router
from survey_app.web.console.releases import router as releases_router
from survey_app.web.console.reporting import router as reporting_router
from survey_app.web.console.rescue import router as rescue_router
from survey_app.web.console.restoring import router as restoring_router
from survey_app.web.console.results import router as results_router
from survey_app.web.console.review import router as review_router
from survey_app.web.console.set_up import router as set_up_router
from survey_app.web.console.set_up import sheets as sheets_router
from survey_app.web.console.sign_in import router as door_router
from survey_app.web.console.signals import router as signals_router
from survey_app.web.console.staff import router as staff_router
from survey_app.web.console.starting import router as starting_router
from survey_app.web.console.tablets import router as tablets_router
from survey_app.web.console.today import router as today_router
from survey_app.web.console.touring import router as touring_router
from survey_app.web.console.visit import error_page

router = APIRouter()
router.include_router(door_router)
router.include_router(federal_router)
router.include_router(starting_router)
router.include_router(today_router)
router.include_router(guide_router)
router.include_router(touring_router)
router.include_router(leading_router)
router.include_router(reporting_router)
router.include_router(tablets_router)
router.include_router(making_router)
router.include_router(releases_router)
router.include_router(feedback_router)
router.include_router(results_router)
router.include_router(indicator_router)
router.include_router(received_router)
router.include_router(national_router)
router.include_router(review_router)
router.include_router(parcels_router)
router.include_router(comments_router)
router.include_router(signals_router)
router.include_router(notes_router)
router.include_router(set_up_router)
router.include_router(sheets_router)
router.include_router(putting_aside_router)
router.include_router(keeping_router)
router.include_router(language_changes_router)  # before the tags of languages
router.include_router(languages_router)
router.include_router(correcting_router)
router.include_router(staff_router)
router.include_router(care_router)
router.include_router(restoring_router)
router.include_router(log_router)
router.include_router(account_router)
router.include_router(rescue_router)
router.include_router(papers_router)

__all__ = ["error_page", "router"]
