"""What can be taken away by page, what becomes of it, and what nobody can take away.

The deeds come from the routes: a new one that takes something away fails until ``docs/console.md`` says how it is undone.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

from fastapi.routing import iter_route_contexts

from survey_app.web.console import router

ROOT = Path(__file__).resolve().parents[2]
TAKES_AWAY = re.compile(r"/(remove|aside|reject|cancel|revoke|reset|distrust|delete|forget|withdraw)$")
# Each deed that takes something away: the row of the table "What can be undone", and the sentence that its page says.
DEEDS: dict[str, tuple[str, str]] = {
    "/console/set-up/projects/{project}/aside": (
        "a project or a module made by mistake",
        "Put aside what was a mistake",
    ),
    "/console/organisations/{organisation}/aside": ("an organisation made by mistake", "it can be brought back"),
    "/console/staff/{name}/remove": ("an account of staff removed", "For %(days)s days the desk"),
    "/console/staff/links/{number}/withdraw": ("an invitation", "Who still needs one is invited again"),
    "/console/staff/{name}/posts/remove": ("a role taken away", "Take away"),
    "/console/staff/{name}/second-step/remove": ("a second step", "Phone lost: take the second step away"),
    "/console/account/second-step/remove": (
        "a second step",
        "Signing in asks for your password and for a code of your phone.",
    ),
    "/console/staff/{name}/provider/remove": ("a link with the identity provider", "no longer"),
    "/console/account/provider/remove": (
        "a link with the identity provider",
        "you sign in there, or here with your name",
    ),
    "/console/tablets/{device}/revoke": ("a tablet revoked", "take in what waits on it as a file"),
    "/console/sessions/{code}/cancel": ("a session started by mistake and cancelled", "Undo: let it run"),
    "/console/comments/{project}/{period}/{comment_id}/reject": ("a comment passed or refused", "Reject and delete"),
    "/console/signals/sources/{project}/{period}/{source_id}/reject": ("a note rejected", "is deleted for good"),
    "/console/care/backups/{name}/remove": ("a backup removed", "Delete it here, it is not kept"),
    "/console/demo/reset": ("the demonstration begun anew", "Begin anew"),
}
ASIDE = ROOT / "survey_app" / "storage" / "aside.py"
NEVER_DELETED = {
    "SessionRow",
    "ReleaseRow",
    "IndicatorReturnRow",
    "AuditRow",
}
"""What releases and the log name stays: nobody could compare with it any more."""
ONLY_WHERE_NOTHING_NAMES_IT = {"OrganisationRow", "ProjectRow", "ModuleRow"}
"""What a session may name is deleted in one place, which ``tests/storage/test_aside.py`` watches."""


def test_every_deed_that_takes_something_away_says_what_becomes_of_it_and_how_it_is_undone() -> None:
    contexts = list(iter_route_contexts(router.routes))
    posts = {one.path for one in contexts if "POST" in (getattr(one.route, "methods", None) or ())}
    assert {path for path in posts if TAKES_AWAY.search(path)} == set(DEEDS)
    table = (
        (ROOT / "docs" / "console.md").read_text("utf-8").partition("## What can be undone")[2].partition("\n## ")[0]
    )
    rows = [line for line in table.splitlines() if line.startswith("| ")]
    assert len(rows) > 12
    pages = "".join(path.read_text("utf-8") for path in (ROOT / "survey_app/web/templates/console").glob("**/*.html"))
    for path, (deed, told) in DEEDS.items():
        assert any(deed in row.partition(" | ")[0] for row in rows), path
        assert told in pages, path


def test_nothing_that_a_release_names_is_ever_deleted_and_what_a_session_may_name_in_one_place_only() -> None:
    deleted: set[str] = set()
    named: set[str] = set()
    before: set[str] = set()
    for path in sorted((ROOT / "survey_app").glob("**/*.py"), key=lambda path: path == ASIDE):
        before = set(deleted)
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Name) and node.id.endswith("Row"):
                named.add(node.id)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "delete":
                deleted.add(ast.unparse(node.args[0]))
            if isinstance(node, ast.For) and isinstance(node.iter, ast.Tuple) and "delete(" in ast.unparse(node):
                deleted.update(ast.unparse(one) for one in node.iter.elts)
    assert {"StaffRow", "RegisterBeforeRow", "ResponseRow", "CommentRow"} <= deleted, "the guard sees what is deleted"
    assert named >= NEVER_DELETED | ONLY_WHERE_NOTHING_NAMES_IT, "the guard knows the names of today"
    assert deleted & NEVER_DELETED == set()
    assert deleted >= ONLY_WHERE_NOTHING_NAMES_IT, "where they are deleted was read last"
    assert before & ONLY_WHERE_NOTHING_NAMES_IT == set()
