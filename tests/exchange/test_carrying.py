"""A laptop's sessions travel to the instance that counts for all: exactly once, in any order, after any interruption."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import builders
import pytest
from sqlalchemy import event, text

from survey_app import carrying
from survey_app.carrying import NotTaken, Taken
from survey_app.collection.reading import read_response
from survey_app.collection.response import Response
from survey_app.exchange import batch, envelope
from survey_app.fieldwork.room import Room
from survey_app.foundation.errors import RequestMistakenError
from survey_app.foundation.places import shipped
from survey_app.questionnaire.loader import load_all
from survey_app.storage import carried, rooms, sessions, structure
from survey_app.storage.database import Database
from survey_app.storage.store_response import keep

CLOSED = datetime(2026, 5, 12, 15, tzinfo=UTC)
LATER = CLOSED + timedelta(days=15)
GRACE = 14
TEMPLATE = Path()
QUESTIONNAIRES = load_all(shipped("questionnaires"))


@pytest.fixture(scope="module", autouse=True)
def _template(tmp_path_factory: pytest.TempPathFactory) -> None:
    """An installation without sessions, to copy."""
    global TEMPLATE  # noqa: PLW0603 - made once for all tests of this file
    TEMPLATE = tmp_path_factory.mktemp("template") / "survey.sqlite3"
    made = Database(f"sqlite:///{TEMPLATE}")
    made.upgrade()
    builders.write_structure(made)
    made.close()


def make(folder: Path, name: str) -> Database:
    (folder / name).mkdir()
    shutil.copy(TEMPLATE, folder / name / TEMPLATE.name)
    return Database(f"sqlite:///{folder / name / TEMPLATE.name}")


@pytest.fixture
def laptop(tmp_path: Path) -> Iterator[Database]:
    made = make(tmp_path, "laptop")
    yield made
    made.close()


@pytest.fixture
def centre(tmp_path: Path, laptop: Database) -> Iterator[Database]:
    """The instance that counts for all; it and the laptop trust each other."""
    made = make(tmp_path, "centre")
    befriend(laptop, made)
    yield made
    made.close()


@pytest.fixture
def each_centre(db: Database, laptop: Database) -> Database:
    """The same on both databases."""
    befriend(laptop, db)
    return db


def befriend(laptop: Database, centre: Database, name: str = "laptop") -> None:
    builders.introduce(laptop, name, centre, "centre")


def collect(db: Database, code: str, people: int, seed: int = 1, **session: object) -> list[UUID]:
    """A closed session with so many responses; their ids."""
    builders.open_session(db, code, **session)  # type: ignore[arg-type]
    numbers = random.Random(seed)
    ids = [UUID(int=numbers.getrandbits(128), version=4) for _ in range(people)]
    for response_id in ids:
        hand_in(db, code, response_id, builders.draw_raw(numbers))
    sessions.close(db, code, CLOSED)
    return ids


def hand_in(db: Database, code: str, response_id: UUID, raw: object) -> None:
    read = read_response(raw, response_id, builders.exit_questionnaire(), builders.ACTIVITIES, ("fr",))
    assert isinstance(read, Response)
    keep(db, code, read)


def pack(laptop: Database, now: datetime = LATER) -> list[bytes]:
    packed = carrying.pack_sessions(laptop, carrying.find_trusted(laptop, "centre"), now, grace_days=GRACE)
    return [content for _, content in packed.batches]


def take(centre: Database, raw: bytes) -> Taken | NotTaken:
    return carrying.take_batch(centre, QUESTIONNAIRES, raw)


def rows(db: Database) -> list[tuple[object, ...]]:
    with db.reading() as connection:
        found = connection.execute(text("SELECT id, session, document FROM response ORDER BY id")).all()
    return [tuple(row) for row in found]


def everything(db: Database) -> dict[str, list[tuple[object, ...]]]:
    tables = ("response", "session", "session_identity", "carried_batch")
    with db.reading() as connection:
        found = {name: [tuple(row) for row in connection.execute(text(f"SELECT * FROM {name}"))] for name in tables}
    return {name: sorted(kept, key=str) for name, kept in found.items()}


def test_every_response_of_a_closed_session_arrives_once_however_often_it_is_sent(each_centre, laptop) -> None:
    collect(laptop, "482913", 20)
    (first,) = pack(laptop)
    (second,) = pack(laptop)

    assert [take(each_centre, raw) for raw in (first, first, second)] == [
        Taken(UUID(json.loads(raw)["id"]), added, 20 - added, {})
        for raw, added in ((first, 20), (first, 0), (second, 0))
    ]
    assert sorted(str(UUID(str(row[0]))) for row in rows(each_centre)) == sorted(
        str(UUID(str(row[0]))) for row in rows(laptop)
    )
    found = sessions.find(each_centre, "482913")
    assert found == sessions.find(laptop, "482913")


def test_what_was_said_of_a_room_arrives_with_its_session_and_takes_the_place_of_nothing(each_centre, laptop) -> None:
    collect(laptop, "482913", 9)
    collect(laptop, "482914", 0)
    rooms.choose_languages(laptop, "482913", ["ti", "fr"])
    rooms.mark_helped(laptop, "482913", 3)
    rooms.mark_cancelled(laptop, "482914", is_cancelled=True)
    for raw in pack(laptop):
        assert isinstance(take(each_centre, raw), Taken)
    assert rooms.find_rooms(each_centre, ["482913", "482914"]) == {
        "482913": Room(("ti", "fr"), 3),
        "482914": Room(is_cancelled=True),
    }
    rooms.mark_helped(each_centre, "482913", 4)
    for raw in pack(laptop):
        take(each_centre, raw)
    assert rooms.find_room(each_centre, "482913").helped == 4


def test_a_batch_of_a_version_that_said_nothing_of_rooms_is_taken(centre, laptop, monkeypatch) -> None:
    write = batch._write_session
    monkeypatch.setattr(batch, "_write_session", lambda one: {k: v for k, v in write(one).items() if k != "room"})
    collect(laptop, "482913", 9)
    rooms.mark_helped(laptop, "482913", 3)
    (raw,) = pack(laptop)
    assert isinstance(take(centre, raw), Taken)
    assert rooms.find_room(centre, "482913") == Room()


def test_batches_may_come_in_any_order_and_the_last_state_is_the_same(tmp_path) -> None:
    laptop = make(tmp_path, "laptop")
    for number in range(4):
        collect(laptop, f"48291{number}", 6, seed=number)
    states = []
    for order in ([0, 1, 2, 3], [3, 1, 0, 2]):
        centre = make(tmp_path, f"centre-{order[0]}")
        befriend(laptop, centre)
        receiver, sender = carrying.find_trusted(laptop, "centre"), carrying.know_instance(laptop)
        whole = batch.unpack(pack(laptop)[0], carrying.know_instance(centre), {sender.card.id: sender.card})
        assert isinstance(whole, batch.Batch)
        single = [batch.pack([whole.sessions[number]], sender, receiver, uuid4()) for number in order]
        assert all(isinstance(take(centre, raw), Taken) for raw in single)
        states.append({name: kept for name, kept in everything(centre).items() if name != "carried_batch"})
        centre.close()
    laptop.close()
    assert states[0] == states[1]
    assert len(states[0]["response"]) == 24


def test_a_session_that_tablets_may_still_hand_in_to_does_not_travel(centre, laptop) -> None:
    collect(laptop, "482913", 3)
    builders.open_session(laptop, "482914")
    packed = carrying.pack_sessions(
        laptop, carrying.find_trusted(laptop, "centre"), CLOSED + timedelta(days=13), grace_days=GRACE
    )
    assert packed.batches == ()
    assert sorted(packed.not_yet) == ["482913", "482914"]


def test_two_sessions_with_the_same_code_on_two_computers_stay_two(each_centre, laptop, tmp_path) -> None:
    other = make(tmp_path, "other")
    befriend(other, each_centre, "other")
    collect(laptop, "482913", 5, seed=1)
    collect(other, "482913", 7, seed=2, module="creative")
    collect(each_centre, "482914", 2, seed=3)

    (from_laptop,), (from_other,) = pack(laptop), pack(other)
    assert take(each_centre, from_laptop) == Taken(UUID(json.loads(from_laptop)["id"]), 5, 0, {})
    taken = take(each_centre, from_other)
    assert isinstance(taken, Taken)
    (code,) = taken.codes.values()
    assert taken.codes == {"482913": code}
    assert code not in {"482913", "482914"}
    assert [len(list(sessions.documents(each_centre, [one]))) for one in ("482913", code)] == [5, 7]
    assert sessions.find(each_centre, code).module == "creative"  # type: ignore[union-attr]
    assert take(each_centre, pack(other)[0]).added == 0  # type: ignore[union-attr]
    other.close()


def test_what_two_servers_of_the_same_session_both_have_counts_once(tmp_path) -> None:
    """A copy of an installation goes on as a server of its own: a tablet's response may lie on both."""
    first = make(tmp_path, "first")
    builders.open_session(first, "482913")
    with first.writing() as connection:
        copied = [tuple(row) for row in connection.execute(text("SELECT identity, code FROM session_identity"))]
    second = make(tmp_path, "second")
    builders.open_session(second, "482913")
    with second.writing() as connection:
        connection.execute(text("UPDATE session_identity SET identity = :identity"), {"identity": copied[0][0]})
    both, only_second = uuid4(), uuid4()
    for db, response_id in ((first, both), (second, both), (second, only_second)):
        hand_in(db, "482913", response_id, builders.build_raw())
    sessions.close(second, "482913", CLOSED)
    befriend(second, first)

    taken = take(first, pack(second)[0])
    assert isinstance(taken, Taken)
    assert (taken.added, taken.known) == (1, 1)
    assert {UUID(str(row[0])) for row in rows(first)} == {both, only_second}
    first.close()
    second.close()


def damage(raw: bytes) -> bytes:
    content = json.loads(raw)
    place = len(content["sealed"]) // 2
    swapped = "A" if content["sealed"][place] != "A" else "B"
    return json.dumps(
        {**content, "sealed": content["sealed"][:place] + swapped + content["sealed"][place + 1 :]}
    ).encode()


def change(**fields: str) -> Callable[[bytes], bytes]:
    return lambda raw: json.dumps({**json.loads(raw), **fields}).encode()


SPOILED: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "cut off": (lambda raw: raw[: len(raw) // 2], "damaged"),
    "empty": (lambda _raw: b"", "damaged"),
    "something else": (lambda _raw: b'{"format": "something"}', "damaged"),
    "one field more": (change(more="x"), "damaged"),
    "not base64": (change(sealed="?"), "damaged"),
    "of another version": (change(format="survey-app batch 2"), "other-format"),
    "changed on the way": (damage, "forged"),
    "under another id": (change(id=str(uuid4())), "forged"),
    "signed by nobody": (change(signature="AAAA"), "forged"),
    "for another instance": (change(to="0" * 32), "foreign"),
    "from who knows where": (change(**{"from": "0" * 32}), "sender-unknown"),
}


@pytest.mark.parametrize("spoiled", SPOILED)
def test_a_batch_that_is_not_what_it_says_is_refused_by_name(centre, laptop, spoiled) -> None:
    spoil, reason = SPOILED[spoiled]
    collect(laptop, "482913", 3)
    before = everything(centre)
    assert take(centre, spoil(pack(laptop)[0])) == NotTaken(reason)  # type: ignore[arg-type]
    assert everything(centre) == before


def test_a_trusted_instance_cannot_pass_on_what_another_one_sealed_as_its_own(centre, laptop, tmp_path) -> None:
    thief = make(tmp_path, "thief")
    befriend(thief, centre, "thief")
    collect(laptop, "482913", 3)
    (raw,) = pack(laptop)
    stolen = json.loads(raw)
    key = carrying.know_instance(thief)
    said = envelope.bound(batch.FORMAT, UUID(stolen["id"]), key.card.id, stolen["to"])
    sealed = envelope.from_base64url(stolen["sealed"])
    signature = envelope.Ed25519PrivateKey.from_private_bytes(key.signing).sign(said + b"\n" + sealed)
    again = {**stolen, "from": key.card.id, "signature": envelope.to_base64url(signature)}
    assert take(centre, json.dumps(again).encode()) == NotTaken("damaged")
    thief.close()


MISMATCHED: dict[str, tuple[dict[str, object], NotTaken]] = {
    "another project": ({"project": "another"}, NotTaken("project-unknown", "another")),
    "another module": ({"module": "another"}, NotTaken("module-unknown", "ensemble")),
    "another version": ({"version": 2}, NotTaken("other-questionnaire", "ensemble")),
    "other activities": ({"activities": ("speaking",)}, NotTaken("other-activities", "ensemble")),
    "no people": ({"people": 0}, NotTaken("not-a-session", "ensemble")),
    "no code": ({"code": "abcdef"}, NotTaken("not-a-session", "ensemble")),
    "no response": (
        {"responses": ((uuid4(), '{"answers":{"helpful":"a-lot"}}'),)},
        NotTaken("not-a-response", "482913"),
    ),
}


@pytest.mark.parametrize("mismatch", MISMATCHED)
def test_a_session_that_does_not_match_keeps_the_whole_batch_out(centre, laptop, mismatch) -> None:
    changes, expected = MISMATCHED[mismatch]
    collect(laptop, "482914", 3, seed=1)
    collect(laptop, "482913", 3, seed=2)
    sender, receiver = carrying.know_instance(laptop), carrying.know_instance(centre)
    whole = batch.unpack(pack(laptop)[0], receiver, {sender.card.id: sender.card})
    assert isinstance(whole, batch.Batch)
    changed = [replace(one, **changes) if one.code == "482913" else one for one in whole.sessions]  # type: ignore[arg-type]
    before = everything(centre)
    assert take(centre, batch.pack(changed, sender, receiver.card, uuid4())) == expected
    assert everything(centre) == before


def test_other_answers_under_the_same_id_keep_the_whole_batch_out(each_centre, laptop) -> None:
    (response_id, *_) = collect(laptop, "482913", 3, seed=1)
    collect(laptop, "482914", 3, seed=2)
    builders.open_session(each_centre, "482915")
    hand_in(each_centre, "482915", response_id, builders.build_raw())
    before = everything(each_centre)
    assert take(each_centre, pack(laptop)[0]) == NotTaken("answers-differ", "482913")
    assert everything(each_centre) == before


def test_a_power_cut_in_the_middle_leaves_nothing_and_the_next_time_all_arrives(each_centre, laptop) -> None:
    collect(laptop, "482913", 9)
    (raw,) = pack(laptop)
    before = everything(each_centre)

    def fail(_connection: object) -> None:
        raise RuntimeError("power cut")

    event.listen(each_centre._engine, "commit", fail)
    with pytest.raises(RuntimeError):
        take(each_centre, raw)
    event.remove(each_centre._engine, "commit", fail)
    assert everything(each_centre) == before
    assert take(each_centre, raw).added == 9  # type: ignore[union-attr]


def test_nothing_that_arrives_tells_who_came_first_or_which_way_it_came(centre, laptop) -> None:
    ids = collect(laptop, "482913", 30)
    (raw,) = pack(laptop)
    sender = carrying.know_instance(laptop).card
    opened = batch.unpack(raw, carrying.know_instance(centre), {sender.id: sender})
    assert isinstance(opened, batch.Batch)
    assert [key for key, _ in opened.sessions[0].responses] == sorted(ids)
    assert len(raw) == len(pack(laptop)[0])
    take(centre, raw)
    with centre.reading() as connection:
        columns = set(connection.execute(text("SELECT * FROM carried_batch")).keys())
    assert columns == {"id"}


def test_no_answer_can_be_read_in_a_batch(centre, laptop) -> None:
    collect(laptop, "482913", 3)
    (raw,) = pack(laptop)
    for readable in (b"482913", b"ensemble", b"answers", b"a-lot"):
        assert readable not in raw


def test_a_large_year_travels_in_several_batches_whose_sessions_stay_whole(laptop, centre) -> None:
    for number in range(5):
        collect(laptop, f"48291{number}", 4, seed=number)
    sender = carrying.know_instance(laptop).card
    whole = batch.unpack(pack(laptop)[0], carrying.know_instance(centre), {sender.id: sender})
    assert isinstance(whole, batch.Batch)
    parts = list(batch.divide(whole.sessions, most=9))
    assert [len(part) for part in parts] == [2, 2, 1]
    assert [one for part in parts for one in part] == sorted(whole.sessions, key=lambda one: one.identity)


def test_a_card_that_is_none_is_refused_and_so_is_our_own(centre) -> None:
    for card in ("survey-app-instance:abc", "hello", carrying.know_instance(centre).card.written):
        with pytest.raises(RequestMistakenError):
            carrying.trust_instance(centre, "x", card)


def test_who_is_trusted_no_more_is_refused(centre, laptop) -> None:
    collect(laptop, "482913", 3)
    assert carried.distrust(centre, "laptop")
    assert take(centre, pack(laptop)[0]) == NotTaken("sender-unknown")


def test_sessions_of_the_demonstration_stay_where_they_are(centre, tmp_path) -> None:
    demo = make(tmp_path, "demo")
    builders.write_structure(demo, synthetic=True)
    befriend(demo, centre, "demo")
    collect(demo, "482913", 3)
    assert pack(demo) == []
    assert structure.find_project(demo, "ensemble").synthetic  # type: ignore[union-attr]
    demo.close()
