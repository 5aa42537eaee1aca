"""The service worker with the list of files it keeps, the modules of the pages, and the manifest."""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from typing import Final, get_args

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from survey_app.foundation.languages import Script
from survey_app.web.kit.assets import CHECK_AGAIN, FOR_EVER
from survey_app.web.kit.pages import STATIC, TEMPLATES, asset
from survey_app.web.kit.pictures import sheets
from survey_app.web.respond.modules import module_address, module_files, version, write_module
from survey_app.web.respond.pages import error_page
from survey_app.web.respond.style import fonts_of

router = APIRouter()

WORKER: Final = STATIC / "js" / "service-worker.js"
FAVICON: Final = "pictures/favicon.svg"
OWN_PAGE: Final = (
    "css/tokens.css",
    "css/console.css",
    "css/tablet.css",
    "drawings/tier-trusted.svg",
    "drawings/tier-clicked.svg",
    "drawings/tier-plain.svg",
)
"""What the tablet's own page shows beside its modules."""
JAVASCRIPT: Final = "text/javascript; charset=utf-8"


@lru_cache(maxsize=1)
def shell_files() -> tuple[str, ...]:
    """Return the addresses of every file that a respondent's page may ask for, letters apart."""
    modules = (module_address(file.name) for file in module_files())
    return (*modules, *sheets(), asset(FAVICON), *map(asset, OWN_PAGE))


@lru_cache(maxsize=1)
def write_worker() -> str:
    """Return the worker's text. Its version changes when a file, a template or the worker itself does."""
    source = WORKER.read_text(encoding="utf-8").replace('"/static/js/respond/', f'"/modules/{version()}/')
    files: dict[str, object] = {
        "shell": shell_files(),
        "fonts": {script: fonts_of(script) for script in get_args(Script)},
    }
    digest = hashlib.sha256(json.dumps(files, sort_keys=True).encode() + source.encode())
    for file in (*sorted((STATIC / "css").glob("*.css")), *sorted(TEMPLATES.rglob("*.html"))):
        digest.update(file.read_bytes())
    files["version"] = digest.hexdigest()[:10]
    return f"const FILES = {json.dumps(files)};\n{source}"


@router.get("/service-worker.js")
def give_worker() -> Response:
    """Give the worker, checked again at each start, for the whole address."""
    headers = {"cache-control": "no-cache", "service-worker-allowed": "/"}
    return Response(write_worker(), media_type=JAVASCRIPT, headers=headers)


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
