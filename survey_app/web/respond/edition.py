"""The edition of what a tablet keeps: pages, and every file that they may ask for. It changes when any of them does.

A page bears its edition, and the service worker of another edition never keeps it: its files would be missing the day
there is no network.
"""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from typing import Any, Final, get_args

from survey_app.foundation.languages import Script
from survey_app.web.kit.pages import STATIC, TEMPLATES, asset
from survey_app.web.kit.pictures import sheets
from survey_app.web.respond.modules import module_address, module_files, version
from survey_app.web.respond.style import fonts_of

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
DESK_LETTERS: Final = "vendor/fonts/latin.woff2"
"""The letters that a style sheet of that page names, by an address without a fingerprint."""
_WORKER: Final = STATIC / "js" / "service-worker.js"


@lru_cache(maxsize=1)
def kept_files() -> dict[str, Any]:
    """Return the addresses of every file that a kept page may ask for: ``shell``, and ``fonts`` by script."""
    modules = (module_address(file.name) for file in module_files())
    letters = (f"/static/{DESK_LETTERS}",) if (STATIC / DESK_LETTERS).is_file() else ()
    shell = (*modules, *sheets(), asset(FAVICON), *map(asset, OWN_PAGE), *letters)
    return {"shell": shell, "fonts": {script: fonts_of(script) for script in get_args(Script)}}


@lru_cache(maxsize=1)
def worker_source() -> str:
    """Return the worker's text, its modules under their address of today."""
    return _WORKER.read_text(encoding="utf-8").replace('"/static/js/respond/', f'"/modules/{version()}/')


@lru_cache(maxsize=4)
def edition(later: str) -> str:
    """Return the fingerprint of the worker, of all that it keeps, of the templates, and of what came later.

    ``later``: the fingerprint of the questionnaires, sentences and voices that came after the program was installed.
    """
    digest = hashlib.sha256(json.dumps([kept_files(), later], sort_keys=True).encode() + worker_source().encode())
    for file in (*sorted((STATIC / "css").glob("*.css")), *sorted(TEMPLATES.rglob("*.html"))):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:10]


def marks(later: str) -> dict[str, str]:
    """Return the headers by which the worker knows our own pages, of which edition: no network's sign-in page has them."""
    return {"survey-app-page": "respond", "survey-app-edition": edition(later)}
