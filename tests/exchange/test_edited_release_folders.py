"""A release folder that somebody edited, however cunningly, is named as such; it never stops the audit with a fault of ours.

The forger knows the format: after each edit the hashes are made right again, so that only what the files say is left to
find.
"""

from __future__ import annotations

import csv
import io
import json
import random
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "protection"))  # its worlds
from protection_worlds import count as count_world
from protection_worlds import one_project

from survey_app.exchange.audit import Audited, audit
from survey_app.foundation import clock
from survey_app.protection.engine import protect
from survey_app.protection.policy import load_policy
from survey_app.protection.protected import ProtectedTables
from survey_app.report.canonical import canonical_json, sha256
from survey_app.report.folder import CSV, JSON, RELEASE, write_release
from survey_app.report.release import ReleaseFacts
from survey_app.report.wording import Wording

Json = dict[str, Any]
Edit = Callable[[Json, Json], None]


@pytest.fixture(scope="module")
def sound(tmp_path_factory) -> Path:
    """A sound release with withheld figures, made without the second engine."""
    world = one_project({"a-lot": 30, "a-little": 12, "not-much": 2, "not-at-all": 9})
    with pytest.MonkeyPatch.context() as patch:
        without_tau_argus(patch)
        protected = protect(count_world(world), load_policy("inside"))
    assert isinstance(protected, ProtectedTables)
    folder = tmp_path_factory.mktemp("release") / "sound"
    facts = ReleaseFacts("2026-H1-inside-1", clock.now(), "inside", "2026-H1")
    write_release(folder, protected, facts, [Wording("en")])
    return folder


def without_tau_argus(patch: pytest.MonkeyPatch) -> None:
    from survey_app.protection import engine
    from survey_app.protection.reasons import EngineUsed
    from survey_app.protection.tau_argus import EngineAnswer

    def silent(_linked: object, _linkage: object, withheld: Any, _policy: object, **_more: object) -> EngineAnswer:
        return EngineAnswer(frozenset(withheld), EngineUsed("tau-argus-silent"))

    patch.setattr(engine, "ask_engine", silent)


@pytest.fixture
def copy(sound: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(sound, tmp_path / "copy"))


def forge(folder: Path, edit: Edit) -> Audited:
    """Edit ``release.json`` and ``tables.json``, make CSV and hashes agree again, and audit."""
    release = json.loads((folder / RELEASE).read_bytes())
    tables = json.loads((folder / JSON).read_bytes())
    edit(release, tables)
    write_tables(folder, tables)
    for name in (CSV, JSON):
        content = (folder / name).read_bytes()
        if isinstance(release.get("files"), dict):
            release["files"][name] = {"sha256": sha256(content), "bytes": len(content)}
    (folder / RELEASE).write_bytes(canonical_json(release))
    (found,) = audit([folder])
    return found


def write_tables(folder: Path, tables: Json) -> None:
    (folder / JSON).write_bytes(canonical_json(tables))
    lines = io.StringIO()
    out = csv.DictWriter(lines, tables["columns"], lineterminator="\n", extrasaction="ignore")
    out.writeheader()
    out.writerows({**cell, "value": "" if cell.get("value") is None else cell.get("value")} for cell in tables["cells"])
    (folder / CSV).write_text(lines.getvalue(), "utf-8")


def tell_a_withheld_figure(_release: Json, tables: Json) -> None:
    for cell in tables["cells"]:
        if cell["answer"] == "not-much":
            cell |= {"value": 2, "status": "published"}


def lower_the_threshold(release: Json, tables: Json) -> None:
    for name in ("smallest_count", "interval_width", "group_at_risk", "dissenters", "smallest_percentage_base"):
        release["policy"][name]["value"] = 3


def turn_the_tree_into_a_ring(_release: Json, tables: Json) -> None:
    codes = tables["tables"][0]["axes"][0]["codes"]
    codes[1]["parent"], codes[2]["parent"] = codes[2]["code"], codes[1]["code"]


def say_a_figure_twice(_release: Json, tables: Json) -> None:
    tables["cells"].append(dict(tables["cells"][0]))


def leave_a_figure_out(_release: Json, tables: Json) -> None:
    del tables["cells"][3]


def count_half_a_person(_release: Json, tables: Json) -> None:
    next(cell for cell in tables["cells"] if cell["value"])["value"] = 12.5


def count_fewer_than_nobody(_release: Json, tables: Json) -> None:
    next(cell for cell in tables["cells"] if cell["value"])["value"] = -12


def count_more_than_the_world(_release: Json, tables: Json) -> None:
    next(cell for cell in tables["cells"] if cell["value"])["value"] = 10**30


def contradict_a_sum(_release: Json, tables: Json) -> None:
    next(cell for cell in tables["cells"] if cell["answer"] == "total")["value"] = 20


def invent_a_status(_release: Json, tables: Json) -> None:
    tables["cells"][0]["status"] = "guessed"


def forget_the_certificate(release: Json, _tables: Json) -> None:
    release["certificate"] = {}


def write_a_list_for_a_certificate(release: Json, _tables: Json) -> None:
    release["certificate"] = []


def round_to_nothing(release: Json, _tables: Json) -> None:
    release["certificate"]["rounded"] = {"base": 0, "reach": 0}


def write_words_for_a_policy(release: Json, _tables: Json) -> None:
    release["policy"] = "strict"


def fold_a_list(release: Json, _tables: Json) -> None:
    release["folded"] = ["binche"]


def take_another_tier(release: Json, _tables: Json) -> None:
    release["tier"] = "public"


def take_the_tables_away(_release: Json, tables: Json) -> None:
    tables["tables"] = []


EDITS: list[Edit] = [
    tell_a_withheld_figure,
    lower_the_threshold,
    turn_the_tree_into_a_ring,
    say_a_figure_twice,
    leave_a_figure_out,
    count_half_a_person,
    count_fewer_than_nobody,
    count_more_than_the_world,
    contradict_a_sum,
    invent_a_status,
    forget_the_certificate,
    write_a_list_for_a_certificate,
    round_to_nothing,
    write_words_for_a_policy,
    fold_a_list,
    take_another_tier,
    take_the_tables_away,
]


def test_what_nobody_edited_is_sound_even_when_written_anew(copy: Path) -> None:
    assert forge(copy, lambda _release, _tables: None).faults == ()


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.__name__)
def test_an_edit_is_found_although_every_hash_is_right(copy: Path, edit: Edit) -> None:
    assert forge(copy, edit).faults


@pytest.mark.parametrize("name", [RELEASE, CSV, JSON])
@pytest.mark.parametrize(
    "content",
    [b"", b"\x00" * 50, b"[" * 200_000, b'{"a": ' * 100_000, b"\xff\xfe", b"null", b"{}", b'{"files": {}}', b"1e999"],
    ids=["empty", "zeros", "deep list", "deep object", "other letters", "null", "object", "no files", "infinite"],
)
def test_a_file_of_rubbish_is_named(copy: Path, name: str, content: bytes) -> None:
    (copy / name).write_bytes(content)
    (found,) = audit([copy])
    assert found.faults


def test_any_byte_that_was_changed_in_a_file_is_found(copy: Path) -> None:
    chance = random.Random(5)
    for _ in range(60):
        path = copy / chance.choice([CSV, JSON, "workbook-en.xlsx"])
        content = bytearray(path.read_bytes())
        place = chance.randrange(len(content))
        content[place] ^= 1 << chance.randrange(8)
        before = path.read_bytes()
        path.write_bytes(content)
        (found,) = audit([copy])
        assert found.faults, (path.name, place)
        path.write_bytes(before)


def test_any_byte_that_was_changed_in_the_description_is_found_or_changes_no_figure(copy: Path) -> None:
    chance = random.Random(6)
    path, before = copy / RELEASE, (copy / RELEASE).read_bytes()
    for _ in range(60):
        content = bytearray(before)
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        path.write_bytes(content)
        (found,) = audit([copy])
        assert found.faults or found.hash != sha256(before)  # the ledger, and the next release, know the right hash


def test_a_folder_in_place_of_a_file_and_a_link_to_elsewhere_are_named(copy: Path, tmp_path: Path) -> None:
    kept = (copy / CSV).read_bytes()
    (copy / CSV).unlink()
    (copy / CSV).mkdir()
    assert audit([copy])[0].faults
    (copy / CSV).rmdir()
    (tmp_path / "elsewhere").write_bytes(kept)
    (copy / CSV).symlink_to(tmp_path / "elsewhere")
    assert audit([copy])[0].faults
    assert audit([tmp_path / "nowhere"])[0].faults
