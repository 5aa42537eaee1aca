"""A release from responses in the database, audited from its files alone."""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import builders
import pytest

from survey_app import journeys
from survey_app.exchange import audit as exchange_audit
from survey_app.exchange.audit import audit
from survey_app.foundation import clock
from survey_app.foundation.errors import RequestMistakenError
from survey_app.foundation.periods import period_of
from survey_app.foundation.places import shipped
from survey_app.protection.assurance import AttackResult
from survey_app.protection.assurance.reader import Readable
from survey_app.protection.policy import Policy
from survey_app.protection.protected import Refused
from survey_app.protection.reasons import Reason
from survey_app.questionnaire.loader import load_all
from survey_app.questionnaire.translation import load_catalogues
from survey_app.report.canonical import canonical_json, sha256
from survey_app.report.tables_csv import COLUMNS
from survey_app.storage import ledger, sessions
from survey_app.storage.database import Database
from survey_app.storage.store_response import keep

Publish = Callable[..., object]


def fill(db: Database, people: int = 60, seed: int = 1) -> str:
    """Open a session, let people answer, close it; return its code."""
    chance = random.Random(seed)
    code = builders.open_session(db, opened_on=clock.today()).code
    for _ in range(people):
        answers = {
            "helpful": chance.choices(["a-lot", "a-little", "not-much"], [6, 3, 1])[0],
            "age": chance.choices(["18-60", "over-60"], [3, 1])[0],
            "gender": chance.choice(["female", "male"]),
            "change": chance.sample(["slower", "talk-more", "childcare"], 1),
        }
        keep(db, code, builders.build_response(answers))
    sessions.close(db, code, clock.now())
    return code


@pytest.fixture
def filled(tmp_path: Path) -> Iterator[Database]:
    made = Database(f"sqlite:///{tmp_path / 'survey.sqlite3'}")
    made.upgrade()
    builders.write_structure(made)
    fill(made)
    yield made
    made.close()


@pytest.fixture
def publish(filled: Database, tmp_path: Path) -> Publish:
    questionnaires, catalogues = load_all(shipped("questionnaires")), load_catalogues(shipped("translations"))

    def publish(
        name: str, tier: str = "inside", period: str = "", project: str | None = None, *, rounded: bool = False
    ) -> object:
        request = journeys.ReleaseRequest(tier, period or period_of(clock.today()).code, project, rounded=rounded)
        return journeys.publish(filled, questionnaires, catalogues, request, tmp_path / name, now=clock.now())

    return publish


def test_a_release_is_written_remembered_and_sound(publish: Publish, filled: Database, tmp_path: Path) -> None:
    made = publish("first")

    assert isinstance(made, journeys.Published)
    (found,) = audit([tmp_path / "first"])
    assert found.faults == ()
    assert found.cells_attacked > 0
    (remembered,) = ledger.list_releases(filled)
    assert remembered.hash == made.hash == found.hash
    assert sum(remembered.responses.values()) == 60


def test_releases_are_chained_and_the_same_population_says_the_same(
    publish: Publish, filled: Database, tmp_path: Path
) -> None:
    publish("first")
    publish("second")

    one, two = audit([tmp_path / "first", tmp_path / "second"])
    assert one.faults == two.faults == ()
    assert two.previous == one.hash
    assert ledger.first_broken(ledger.list_releases(filled)) is None
    assert (tmp_path / "first/tables.csv").read_text() == (tmp_path / "second/tables.csv").read_text()


def test_a_rounded_release_is_sound_and_the_ledger_remembers_what_it_was_made_from(
    publish: Publish, filled: Database, tmp_path: Path
) -> None:
    made = publish("rounded", tier="public", rounded=True)

    assert isinstance(made, journeys.Published)
    (found,) = audit([tmp_path / "rounded"])
    assert found.faults == ()
    document = json.loads((tmp_path / "rounded/release.json").read_bytes())
    assert document["certificate"]["rounded"] == {"base": 5, "reach": 4}
    lines = list(csv.DictReader((tmp_path / "rounded/tables.csv").read_text("utf-8").splitlines()))
    assert {line["status"] for line in lines} == {"rounded", "withheld"}
    assert all(int(line["value"]) % 5 == 0 for line in lines if line["value"])
    (remembered,) = ledger.list_releases(filled)
    assert {cell["status"] for cell in remembered.cells} == {"published", "withheld"}
    assert any(cell["value"] % 5 for cell in remembered.cells if cell["value"])


def test_a_release_inside_is_not_rounded(publish: Publish, tmp_path: Path) -> None:
    assert publish("rounded", tier="inside", rounded=True) == Refused(
        (Reason("no-rounding", slots={"tier": "inside"}),)
    )
    assert not (tmp_path / "rounded").exists()


def test_a_changed_figure_is_found(publish: Publish, tmp_path: Path) -> None:
    publish("first")
    table = tmp_path / "first/tables.csv"
    table.write_text(table.read_text("utf-8").replace(",60,published", ",61,published", 1), "utf-8")

    (found,) = audit([tmp_path / "first"])
    assert found.faults == ("tables.csv is changed",)


def test_a_release_whose_withheld_figure_can_be_computed_fails_the_audit(publish: Publish, tmp_path: Path) -> None:
    """Whoever writes all hashes anew still can't publish what adds up."""
    publish("first")
    forge_a_leak(tmp_path / "first")

    (found,) = audit([tmp_path / "first"])
    assert any("could be computed" in fault or "contradict" in fault for fault in found.faults)


def test_a_public_release_is_attacked_by_its_own_readers_and_by_those_of_an_inner_one_as_their_tier_protects_people(
    publish: Publish, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    second = clock.now()  # all in the same second: only their chain tells which came first
    monkeypatch.setattr(clock, "now", lambda: second)
    folders = [tmp_path / name for name in ("inside", "first", "second")]
    for folder, tier in zip(folders, ("inside", "public", "public"), strict=True):
        publish(folder.name, tier=tier)
    attackers, started = [], []
    real = exchange_audit.attack_together

    def watched(releases: Sequence[Readable], policy: Policy) -> AttackResult:
        attackers.append((len(releases), policy.name))
        return real(releases, policy)

    monkeypatch.setattr(exchange_audit, "attack_together", watched)
    assert [found.faults for found in audit(folders, started.append)] == [(), (), ()]
    assert attackers == [(1, "inside"), (1, "public"), (2, "inside"), (2, "public"), (3, "inside")]
    assert started == folders


def forge_a_leak(folder: Path) -> None:
    """Publish all but one of the answers of a group, with true hashes."""
    tables = json.loads((folder / "tables.json").read_text("utf-8"))
    for cell in tables["cells"]:
        if cell["table"] == "indicator" and cell["status"] == "withheld" and cell["answer"] != "not-much":
            cell["status"], cell["value"] = "published", 5
    lines = [",".join(COLUMNS)]
    lines += [",".join("" if cell[name] is None else str(cell[name]) for name in COLUMNS) for cell in tables["cells"]]
    (folder / "tables.json").write_bytes(canonical_json(tables))
    (folder / "tables.csv").write_text("\n".join(lines) + "\n", "utf-8")
    release = json.loads((folder / "release.json").read_text("utf-8"))
    for name in ("tables.json", "tables.csv"):
        content = (folder / name).read_bytes()
        release["files"][name] = {"sha256": sha256(content), "bytes": len(content)}
    (folder / "release.json").write_bytes(canonical_json(release))


def test_nothing_is_written_over_and_nothing_is_made_of_nothing(publish: Publish, tmp_path: Path) -> None:
    publish("first")
    with pytest.raises(RequestMistakenError, match="never written over"):
        publish("first")
    assert isinstance(publish("empty", period="2019-H1"), journeys.NothingToCount)
    assert not (tmp_path / "empty").exists()
    with pytest.raises(RequestMistakenError, match="no project"):
        publish("other", project="nowhere")
    with pytest.raises(RequestMistakenError, match="half-year"):
        publish("other", period="2026")
    assert not (tmp_path / "other").exists()


def test_a_person_who_comes_late_does_not_show(publish: Publish, filled: Database, tmp_path: Path) -> None:
    """Sixty people, then sixty-one: the second release must not say what the last one answered (rule 6)."""
    publish("first")
    (code,) = sessions.list_codes(filled)
    keep(filled, code, builders.build_response({"helpful": "not-much", "gender": "male", "age": "18-60"}))
    made = publish("second")
    if not isinstance(made, journeys.Published):
        return  # refused: nothing was told
    before, after = (read_values(tmp_path / name) for name in ("first", "second"))
    for where, value in after.items():
        earlier = before.get(where)
        if value is not None and earlier is not None:
            assert value == earlier or value - earlier >= 5, where


def read_values(folder: Path) -> dict[tuple[str, ...], int | None]:
    with (folder / "tables.csv").open(encoding="utf-8", newline="") as file:
        lines = [(line.pop("value"), line.pop("status"), tuple(line.values())) for line in csv.DictReader(file)]
    return {where: int(value) if value else None for value, _status, where in lines}


def test_a_session_that_is_open_is_not_counted(publish: Publish, filled: Database) -> None:
    builders.open_session(filled, code="771234", opened_on=clock.today())
    keep(filled, "771234", builders.build_response())

    assert isinstance(publish("first"), journeys.Published)
    (remembered,) = ledger.list_releases(filled)
    assert "771234" not in remembered.sessions
    assert sum(remembered.responses.values()) == 60
