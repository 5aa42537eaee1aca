"""Releases and exact totals of a laptop arrive at POD MI's instance in one sealed file: each once, or a refusal by name."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import builders
import pytest
import spoiling
from exchange.test_carrying import pack as pack_batches
from exchange.test_carrying import take as take_batch

from survey_app import carrying, journeys, parcels
from survey_app.exchange import envelope, parcel
from survey_app.exchange.audit import audit
from survey_app.fieldwork.signal import Origin, Signal
from survey_app.foundation import clock
from survey_app.foundation.places import shipped
from survey_app.parcels import NotTaken, PackedParcel, Taken
from survey_app.protection.protected import Refused
from survey_app.questionnaire.loader import load_all
from survey_app.questionnaire.translation import load_catalogues
from survey_app.report.folder import RELEASE
from survey_app.storage import carried, ledger, received, sessions, signals
from survey_app.storage.database import Database
from survey_app.storage.store_response import keep

DAY = date(2026, 3, 3)
LEAST = 10
NOTHING: tuple[object, ...] = ((), (), ())
NOW = clock.now()
SIGNAL = Signal(uuid4(), "ensemble", "2026-H1", "hours", "Un cours le soir.", "network")
QUESTIONNAIRES = load_all(shipped("questionnaires"))


def collect(db: Database, code: str, people: int, **session: object) -> None:
    """A closed session in which so many women and men answered."""
    builders.open_session(db, code, opened_on=DAY, **session)  # type: ignore[arg-type]
    numbers = random.Random(code)
    for _ in range(people):
        answer = numbers.choice(("a-lot", "a-lot", "a-little", "not-much"))
        given = {"helpful": answer, "gender": numbers.choice(("female", "male")), "age": "18-60"}
        keep(db, code, builders.build_response(given))
    sessions.close(db, code, datetime(2026, 3, 3, 15, tzinfo=UTC))


def release(db: Database, folder: Path, tier: str = "network", period: str = "2026-H1") -> Path:
    made = journeys.publish(
        db,
        QUESTIONNAIRES,
        load_catalogues(shipped("translations")),
        journeys.ReleaseRequest(tier, period),
        folder,
        now=NOW,
    )
    assert isinstance(made, journeys.Published)
    return made.folder


def return_totals(db: Database, folder: Path, period: str = "2026-H1") -> Path:
    made = journeys.return_indicator(
        db,
        QUESTIONNAIRES,
        load_catalogues(shipped("translations")),
        period,
        folder,
        by="crossed",
        made_by="an",
        now=NOW,
    )
    assert isinstance(made, journeys.Returned)
    return made.folder


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A laptop with releases and exact totals, and a centre without sessions; they trust each other.

    ``early.sqlite3`` is the laptop before its last release, the public one.
    """
    folder = tmp_path_factory.mktemp("worlds")
    laptop, centre = (Database(f"sqlite:///{folder / name}") for name in ("laptop.sqlite3", "centre.sqlite3"))
    for db in (laptop, centre):
        db.upgrade()
        builders.write_structure(db)
    builders.introduce(laptop, "laptop", centre, "centre")
    collect(laptop, "482913", 40)
    signals.add_signal(laptop, SIGNAL)
    for tier in ("inside", "network"):
        release(laptop, folder / "releases" / tier, tier)
    return_totals(laptop, folder / "releases" / "return")
    shutil.copy(folder / "laptop.sqlite3", folder / "early.sqlite3")
    shutil.copy(folder / "laptop.sqlite3-wal", folder / "early.sqlite3-wal")
    release(laptop, folder / "releases" / "public", "public")
    laptop.close()
    centre.close()
    return folder


@pytest.fixture
def laptop(worlds: Path, tmp_path: Path) -> Iterator[Database]:
    yield from copied(worlds, tmp_path, "laptop.sqlite3")


@pytest.fixture
def early(worlds: Path, tmp_path: Path) -> Iterator[Database]:
    yield from copied(worlds, tmp_path, "early.sqlite3")


@pytest.fixture
def centre(worlds: Path, tmp_path: Path) -> Iterator[Database]:
    yield from copied(worlds, tmp_path, "centre.sqlite3")


def copied(worlds: Path, folder: Path, name: str) -> Iterator[Database]:
    for file in worlds.glob(f"{name}*"):
        shutil.copy(file, folder / file.name)
    db = Database(f"sqlite:///{folder / name}")
    yield db
    db.close()


def pack(laptop: Database, now: datetime = NOW) -> bytes:
    packed = parcels.pack_releases(laptop, carrying.find_trusted(laptop, "centre"), now, least_people=LEAST)
    assert isinstance(packed, PackedParcel)
    return packed.content


def take(centre: Database, raw: bytes, folder: Path) -> Taken | NotTaken:
    return parcels.take_parcel(centre, raw, folder, NOW, "an")


def files(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def everything(centre: Database) -> tuple[object, ...]:
    told = signals.list_signals(centre, LEAST, clock.today())
    return received.list_parcels(centre), received.list_received(centre), told


def test_what_left_arrives_whole_once_and_with_where_it_came_from(laptop, centre, worlds, tmp_path) -> None:
    taken = take(centre, pack(laptop), tmp_path)
    assert isinstance(taken, Taken)
    assert [(one.kind, one.tier, one.period) for one in sorted(taken.added, key=lambda one: (one.kind, one.tier))] == [
        ("release", "network", "2026-H1"),
        ("release", "public", "2026-H1"),
        ("return", "indicator", "..2026-H1"),
    ]  # what is for inside its organisation stays there
    for one in received.list_received(centre):
        made = worlds / "releases" / ("return" if one.kind == "return" else one.tier)
        assert files(parcels.folder_of(one, tmp_path)) == files(made)
    (told,) = signals.list_signals(centre, LEAST, clock.today())
    assert (told.id, told.text, taken.signals) == (SIGNAL.id, "Un cours le soir.", 1)
    assert told.origin == Origin("laptop", "Charleroi", "Ensemble")
    (came,) = received.list_parcels(centre)
    assert (came.sender, came.sender_name) == (carrying.know_instance(laptop).card.id, "laptop")
    assert (came.taken_by, came.taken_at) == ("an", NOW)
    network = next(one for one in taken.added if one.tier == "network")
    assert audit([parcels.folder_of(network, tmp_path)])[0].faults == ()


def test_the_same_parcel_again_an_older_one_and_a_newer_one_are_told_apart(early, laptop, centre, tmp_path) -> None:
    oldest, old, new = pack(early), pack(early, NOW + timedelta(days=1)), pack(laptop, NOW + timedelta(days=2))
    assert isinstance(take(centre, old, tmp_path), Taken)
    before = everything(centre)
    assert take(centre, old, tmp_path) == NotTaken("repeated")
    assert take(centre, oldest, tmp_path) == NotTaken("older")
    assert everything(centre) == before

    more = take(centre, new, tmp_path)
    assert isinstance(more, Taken)
    assert ([one.tier for one in more.added], more.known) == (["public"], 2)


def test_parcels_that_come_in_another_order_end_in_the_same_state(early, laptop, centre, tmp_path) -> None:
    first, second = pack(early), pack(laptop, NOW + timedelta(days=1))
    assert isinstance(take(centre, second, tmp_path), Taken)
    assert take(centre, first, tmp_path) == NotTaken("older")  # all that is in it is here
    assert sorted(one.tier for one in received.list_received(centre)) == ["indicator", "network", "public"]


SPOILED = {**spoiling.SPOILED, "another version": (spoiling.say(format="survey-app parcel 2"), "other-format")}


@pytest.mark.parametrize("spoiled", SPOILED)
def test_a_parcel_that_is_not_what_it_says_is_refused_by_name(worlds_parcel, centre, tmp_path, spoiled) -> None:
    spoil, reason = SPOILED[spoiled]
    assert take(centre, spoil(worlds_parcel), tmp_path) == NotTaken(reason)  # type: ignore[arg-type]
    assert everything(centre) == NOTHING
    assert not files(tmp_path / parcels.RECEIVED)


@pytest.fixture(scope="module")
def worlds_parcel(worlds: Path) -> bytes:
    db = Database(f"sqlite:///{worlds / 'laptop.sqlite3'}")
    content = pack(db)
    db.close()
    return content


def test_nobody_but_the_receiver_can_open_a_parcel_and_nothing_in_it_can_be_read(laptop, centre, worlds_parcel) -> None:
    sender = carrying.know_instance(laptop).card
    trusted = {sender.id: sender}
    opened = parcel.unpack_parcel(worlds_parcel, carrying.know_instance(centre), trusted)
    assert isinstance(opened, parcel.Parcel)
    own = carrying.know_instance(centre)
    thief = replace(own, receiving=envelope.draw_instance_key().receiving)
    said = {**json.loads(worlds_parcel), "to": thief.card.id}
    assert parcel.unpack_parcel(json.dumps(said).encode(), thief, trusted) == "forged"
    sealed = envelope.from_base64url(json.loads(worlds_parcel)["sealed"])
    assert not any(word in sealed for word in (b"release.json", b"tables.csv", b"ensemble", b"2026-H1", b"le soir"))


def repack(laptop: Database, centre: Database, raw: bytes, change: Callable[[parcel.Parcel], object]) -> bytes:
    """A parcel that the laptop itself signed, with other folders in it."""
    sender = carrying.know_instance(laptop)
    opened = parcel.unpack_parcel(raw, carrying.know_instance(centre), {sender.card.id: sender.card})
    assert isinstance(opened, parcel.Parcel)
    receiver = carrying.know_instance(centre).card
    return parcel.pack_parcel(list(change(opened)), (), sender, receiver, uuid4(), NOW)  # type: ignore[call-overload]


def _with(tier: str, change: Callable[[dict[str, bytes]], dict[str, bytes]]) -> Callable[[parcel.Parcel], object]:
    """Change the folder of a tier, ``indicator`` for the totals."""

    def tier_of(one: parcel.CarriedFolder) -> object:
        return "indicator" if one.kind == "return" else json.loads(one.files[RELEASE])["tier"]

    return lambda opened: [
        replace(one, files=change(dict(one.files))) if tier_of(one) == tier else one for one in opened.folders
    ]


def _told(name: str, **changes: object) -> Callable[[dict[str, bytes]], dict[str, bytes]]:
    def change(found: dict[str, bytes]) -> dict[str, bytes]:
        said = {**json.loads(found[name]), **changes}
        return {**found, name: parcel.canonical_json(said)}

    return change


WRONG_INSIDE: dict[str, tuple[Callable[[parcel.Parcel], object], str]] = {
    "a file was changed": (_with("network", lambda found: {**found, "tables.csv": b"x"}), "folder-damaged"),
    "a file is missing": (
        _with("network", lambda found: {name: found[name] for name in sorted(found)[1:]}),
        "folder-damaged",
    ),
    "a file too many": (_with("network", lambda found: {**found, "more.txt": b"x"}), "folder-damaged"),
    "a file that leaves its folder": (_with("network", lambda found: {**found, "../x": b"x"}), "damaged"),
    "totals were changed": (_with("indicator", lambda found: {**found, "indicator-fr.xlsx": b"x"}), "folder-damaged"),
    "totals without their document": (
        _with("indicator", lambda found: {name: found[name] for name in found if name != "indicator.json"}),
        "folder-damaged",
    ),
    "an id that leaves its folder": (_with("network", _told(RELEASE, id="../../x")), "folder-damaged"),
    "no period": (_with("network", _told(RELEASE, period="soon")), "folder-damaged"),
    "written by a newer program": (_with("network", _told(RELEASE, format=99)), "newer-version"),
    "totals of a newer program": (_with("indicator", _told("indicator.json", format=99)), "newer-version"),
    "for inside an organisation": (_with("network", _told(RELEASE, tier="inside")), "not-to-travel"),
    "made up": (_with("network", _told(RELEASE, synthetic=True)), "not-to-travel"),
    "totals that were made up": (_with("indicator", _told("indicator.json", synthetic=True)), "not-to-travel"),
}


@pytest.mark.parametrize("wrong", WRONG_INSIDE)
def test_a_parcel_whose_releases_are_not_sound_is_refused_whole(laptop, centre, worlds_parcel, tmp_path, wrong) -> None:
    change, reason = WRONG_INSIDE[wrong]
    raw = repack(laptop, centre, worlds_parcel, change)
    assert take(centre, raw, tmp_path) == NotTaken(reason)  # type: ignore[arg-type]
    assert everything(centre) == NOTHING
    assert not files(tmp_path / parcels.RECEIVED)


def test_a_list_of_releases_that_was_put_back_shows_itself(laptop, centre, worlds_parcel, tmp_path) -> None:
    assert isinstance(take(centre, worlds_parcel, tmp_path), Taken)
    forked = repack(laptop, centre, worlds_parcel, _with("indicator", _told("indicator.json", id="another")))
    answer = take(centre, forked, tmp_path)
    assert answer == NotTaken("forked", "another")
    assert len(received.list_received(centre)) == 3


def test_people_are_counted_one_way_by_their_answers_or_by_a_release(laptop, centre, worlds_parcel, tmp_path) -> None:
    (batch,) = pack_batches(laptop, datetime(2026, 5, 1, tzinfo=UTC))
    (network,) = (one for one in ledger.list_releases(laptop) if one.tier == "network")

    shutil.copy(tmp_path / "centre.sqlite3", tmp_path / "other.sqlite3")
    other = Database(f"sqlite:///{tmp_path / 'other.sqlite3'}")
    assert isinstance(take_batch(other, batch), carrying.Taken)
    assert take(other, worlds_parcel, tmp_path / "other") == NotTaken("answers-are-here", network.id)
    assert everything(other) == NOTHING
    other.close()

    assert isinstance(take(centre, worlds_parcel, tmp_path), Taken)
    assert take_batch(centre, batch) == carrying.NotTaken("releases-are-here", "482913")
    assert sessions.list_all(centre) == ()


def test_two_computers_cannot_both_count_the_same_group(laptop, centre, worlds_parcel, tmp_path) -> None:
    assert isinstance(take(centre, worlds_parcel, tmp_path), Taken)
    copy = Database(f"sqlite:///{tmp_path / 'copy.sqlite3'}")
    copy.upgrade()
    key = carrying.know_instance(copy)
    carrying.trust_instance(centre, "copy", key.card.written)
    sender = carrying.know_instance(laptop).card
    opened = parcel.unpack_parcel(worlds_parcel, carrying.know_instance(centre), {sender.id: sender})
    assert isinstance(opened, parcel.Parcel)
    again = [
        replace(one, files=_told("indicator.json", id="copied")(dict(one.files)))
        for one in opened.folders
        if one.kind == "return"
    ]
    raw = parcel.pack_parcel(again, (), key, carrying.know_instance(centre).card, uuid4(), NOW)
    assert take(centre, raw, tmp_path) == NotTaken("counted-by-another", "copied")
    copy.close()


def test_a_fault_on_the_way_leaves_nothing_and_the_same_parcel_is_taken_the_next_time(
    centre, worlds_parcel, tmp_path, monkeypatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(parcels, "_lay_down", full)
        assert take(centre, worlds_parcel, tmp_path) == NotTaken("unavailable")
    assert everything(centre) == NOTHING
    stale = tmp_path / parcels.RECEIVED  # power failed between the folders and the entry: they lie there, unknown
    taken = take(centre, worlds_parcel, tmp_path)
    assert isinstance(taken, Taken)
    assert len([path for path in stale.iterdir() if not path.name.startswith(".")]) == 1


def test_a_folder_that_is_gone_stays_and_is_named(laptop, worlds) -> None:
    public = worlds / "releases" / "public"
    public.rename(worlds / "elsewhere")
    try:
        packed = parcels.pack_releases(laptop, carrying.find_trusted(laptop, "centre"), NOW, least_people=LEAST)
    finally:
        (worlds / "elsewhere").rename(public)
    assert isinstance(packed, PackedParcel)
    (missing,) = (one for one in ledger.list_releases(laptop) if one.tier == "public")
    assert (packed.releases, packed.returns, packed.left_out) == (1, 1, (missing.id,))


def test_nothing_travels_from_a_ledger_that_cannot_be_trusted(laptop, tmp_path) -> None:
    head = tmp_path / "head.json"
    head.write_text(json.dumps({"number": 9, "entry": "x", "release": "lost"}))
    packed = parcels.pack_releases(laptop, carrying.find_trusted(laptop, "centre"), NOW, least_people=LEAST, head=head)
    assert isinstance(packed, Refused)
    assert packed.reasons[0].code == "ledger-shortened"


def test_a_parcel_says_how_many_groups_a_release_counts_and_of_none_how_many_people(
    laptop, centre, worlds_parcel
) -> None:
    sender = carrying.know_instance(laptop).card
    opened = parcel.unpack_parcel(worlds_parcel, carrying.know_instance(centre), {sender.id: sender})
    assert isinstance(opened, parcel.Parcel)
    identity = carried.identify(laptop, ["482913"], lambda: UUID(int=0))["482913"]
    assert {one.sessions for one in opened.folders} == {(identity,)}
