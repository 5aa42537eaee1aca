"""The service worker with the list of files it keeps, the modules of the pages, and the manifest."""

from __future__ import annotations

import json
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from survey_app.web.kit.assets import CHECK_AGAIN, FOR_EVER
from survey_app.web.kit.pages import asset
from survey_app.web.kit.pictures import sheets
from survey_app.web.respond.edition import FAVICON, edition, kept_files, worker_source
from survey_app.web.respond.modules import module_files, version, write_module
from survey_app.web.respond.pages import error_page

router = APIRouter()

JAVASCRIPT: Final = "text/javascript; charset=utf-8"


def write_worker(later: str) -> str:
    """Return the worker's text, with the files that it keeps and their edition."""
    return f"const FILES = {json.dumps({**kept_files(), 'version': edition(later)})};\n{worker_source()}"


@router.get("/service-worker.js")
def give_worker(request: Request) -> Response:
    """Give the worker, checked again at each start, for the whole address."""
    headers = {"cache-control": "no-cache", "service-worker-allowed": "/"}
    return Response(write_worker(request.app.state.contents.edition), media_type=JAVASCRIPT, headers=headers)


@router.get("/modules/{asked}/{name}")
def give_module(request: Request, asked: str, name: str) -> Response:
    """Give one module. Another version's address gets today's module, but nobody keeps it under that name."""
    if name not in {file.name for file in module_files()}:
        return error_page(request, 404)
    headers = {"cache-control": FOR_EVER if asked == version() else CHECK_AGAIN}
    return Response(write_module(name), media_type=JAVASCRIPT, headers=headers)


@router.get("/pictures/{asked}")
def give_pictures(request: Request, asked: str) -> Response:
    """Give one file of pictures. Another version's address gets today's, but nobody keeps it under that name."""
    known = sheets()
    today = next((found for found in known if _name_of(found) == _name_of(asked)), None)
    if today is None:
        return error_page(request, 404)
    headers = {"cache-control": FOR_EVER if today == f"/pictures/{asked}" else CHECK_AGAIN}
    return Response(known[today], media_type="image/svg+xml", headers=headers)


def _name_of(address: str) -> str:
    """Return the name of a file of pictures without its fingerprint."""
    return address.rpartition("/")[2].rpartition("-")[0]


@router.get("/manifest.webmanifest")
def give_manifest() -> Response:
    """Give the manifest: on a tablet's home screen the application starts without the browser's bars."""
    content = {
        "id": "/",
        "name": "Survey",
        "short_name": "Survey",
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": "#fbf8f2",
        "theme_color": "#10465c",
        "icons": [{"src": asset(FAVICON), "sizes": "any", "type": "image/svg+xml"}],
    }
    return JSONResponse(content, media_type="application/manifest+json", headers={"cache-control": "no-cache"})
