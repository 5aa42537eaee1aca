"""Copy the few front-end files that are served from ``node_modules`` to ``survey_app/web/static/vendor``.

``python scripts/vendor.py`` copies; ``--check`` also fails (exit code 1) where ``NOTICES.md`` does not name a copied
package with its version and licence. Nothing is downloaded here: ``npm ci`` did that from the lock.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Final, NamedTuple

ROOT: Final = Path(__file__).resolve().parent.parent
MODULES: Final = ROOT / "node_modules"
VENDOR: Final = ROOT / "survey_app" / "web" / "static" / "vendor"
NOTICES: Final = ROOT / "NOTICES.md"


class Package(NamedTuple):
    """One package and the files taken from it: source path inside the package -> name under ``vendor``."""

    name: str
    files: dict[str, str]


class Notice(NamedTuple):
    """What a reader of ``NOTICES.md`` must find about one package."""

    name: str
    version: str
    licence: str

    @property
    def line(self) -> str:
        return f"| {self.name} | {self.version} | {self.licence} |"


PACKAGES: Final = (
    Package(
        "@fontsource-variable/noto-sans",
        {
            "files/noto-sans-latin-wght-normal.woff2": "fonts/latin.woff2",
            "files/noto-sans-cyrillic-wght-normal.woff2": "fonts/cyrillic.woff2",
            "LICENSE": "fonts/noto-sans.LICENSE.txt",
        },
    ),
    Package(
        "@fontsource-variable/noto-sans-ethiopic",
        {
            "files/noto-sans-ethiopic-ethiopic-wght-normal.woff2": "fonts/ethiopic.woff2",
            # The same letters as in Noto Sans' own file, in 17 kB instead of 168.
            "files/noto-sans-ethiopic-latin-ext-wght-normal.woff2": "fonts/latin-ext.woff2",
            "LICENSE": "fonts/noto-sans-ethiopic.LICENSE.txt",
        },
    ),
    Package(
        "@fontsource-variable/noto-sans-bengali",
        {
            "files/noto-sans-bengali-bengali-wght-normal.woff2": "fonts/bengali.woff2",
            "LICENSE": "fonts/noto-sans-bengali.LICENSE.txt",
        },
    ),
    Package(
        "@fontsource-variable/vazirmatn",
        {
            "files/vazirmatn-arabic-wght-normal.woff2": "fonts/arabic.woff2",
            "LICENSE": "fonts/vazirmatn.LICENSE.txt",
        },
    ),
    Package("@fontsource-variable/noto-sans-sc", {}),  # on paper only: scripts/paper_fonts.py
    Package("htmx.org", {"dist/htmx.min.js": "htmx.min.js", "LICENSE": "htmx.LICENSE.txt"}),
)


def copy(package: Package) -> Notice:
    """Copy one package's files and return its notice."""
    source = MODULES / package.name
    for taken, name in package.files.items():
        target = VENDOR / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / taken, target)
    about = json.loads((source / "package.json").read_text(encoding="utf-8"))
    return Notice(package.name, about["version"], about["license"])


def missing(notices: list[Notice]) -> list[Notice]:
    """Return the packages that ``NOTICES.md`` does not name as they are."""
    text = NOTICES.read_text(encoding="utf-8") if NOTICES.exists() else ""
    return [notice for notice in notices if notice.line not in text]


def main(arguments: list[str]) -> int:
    if not MODULES.is_dir():
        print("There is no node_modules folder. Run `npm ci` first.", file=sys.stderr)
        return 2
    notices = [copy(package) for package in PACKAGES]
    listing = [notice._asdict() for notice in notices]
    (VENDOR / "notices.json").write_text(json.dumps(listing, indent=2) + "\n", encoding="utf-8")
    unnamed = missing(notices) if "--check" in arguments else []
    for notice in unnamed:
        print(f"NOTICES.md lacks this line: {notice.line}", file=sys.stderr)
    return 1 if unnamed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
