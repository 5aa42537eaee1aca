"""A tablet enrols once, says how it is, and can send nothing once it is revoked."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import builders
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from survey_app.fieldwork.device import Device, Place, read_state, round_down
from survey_app.fieldwork.session import Session
from survey_app.fieldwork.structure import Module, Organisation, Project
from survey_app.foundation import clock
from survey_app.foundation.settings import Settings
from survey_app.main import create_app
from survey_app.rescue import read_rescue_file, rescue
from survey_app.storage import devices, rooms, sessions, structure
from survey_app.web.kit.device_keys import hash_key

STATE: dict[str, Any] = {
    "tier": "trusted",
    "waiting": 2,
    "shelved": 1,
    "copies": 4,
    "persisted": True,
    "room_left": 900,
    "ready": [builders.CODE],
    "sessions": {builders.CODE: 3},
}


def add_link(app: FastAPI, token: str = "token", name: str = "Blue", hours: int = 24) -> Device:
    device = Device(f"id-{name}", name, "charleroi")
    db, now = app.state.database, clock.now()
    if devices.find_device(db, device.id) is None:
        devices.add_device(db, device)
    devices.add_link(db, hash_key(token), device.id, now + timedelta(hours=hours), now)
    return device


def enrol(
    app: FastAPI, client: TestClient, name: str = "Blue", origin: str = "https://survey.local:8443"
) -> dict[str, str]:
    """Enrol a tablet; return the header of its key."""
    add_link(app, f"token of {name} at {origin}", name)
    reply = client.post("/api/v1/device", json={"token": f"token of {name} at {origin}"}, headers={"origin": origin})
    assert reply.status_code == 201
    return {"authorization": f"Bearer {reply.json()['key']}"}


def hand_in(client: TestClient, **headers: str) -> Any:
    address = f"/api/v1/sessions/{builders.CODE}/responses/{uuid4()}"
    return client.put(address, json=builders.build_raw(), headers=headers)


def test_a_link_enrols_one_tablet_once(app, client) -> None:
    add_link(app)
    first = client.post("/api/v1/device", json={"token": "token"})
    assert first.json()["name"] == "Blue"
    second = client.post("/api/v1/device", json={"token": "token"})
    assert (second.status_code, second.json()["type"]) == (404, "urn:survey-app:problem:link-gone")


def test_an_old_link_enrols_nobody(app, client) -> None:
    add_link(app, hours=-1)
    assert client.post("/api/v1/device", json={"token": "token"}).status_code == 404


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"token": 7}', b'{"token": ""}'])
def test_nonsense_enrols_nobody(client, body) -> None:
    assert client.post("/api/v1/device", content=body).status_code == 404


def test_who_guesses_links_is_slowed_down(client) -> None:
    tries = [client.post("/api/v1/device", json={"token": f"guess {n}"}).status_code for n in range(40)]
    assert tries[0] == 404
    assert tries[-1] == 429


def test_the_database_holds_no_key_that_opens_anything(app, client, settings) -> None:
    key = enrol(app, client)["authorization"].removeprefix("Bearer ")
    files = list(settings.data_dir.iterdir())
    assert files
    assert not [file for file in files if file.is_file() and key.encode() in file.read_bytes()]


def test_a_tablet_knows_the_sessions_of_its_organisation_and_no_others(app, client) -> None:
    db = app.state.database
    other = Project("elsewhere", "gent", "Gent", "amif-exit", 1, frozenset({"speaking"}))
    structure.write_structure(db, [Organisation("gent", "Gent")], [other], [Module("ict", "ICT", "elsewhere")])
    sessions.add(db, Session("734911", "elsewhere", "ict", 9, date(2026, 5, 12)))
    builders.open_session(db, "555666", closed_at=datetime(2026, 5, 12, 16, tzinfo=UTC))
    known = client.get("/api/v1/device", headers=enrol(app, client)).json()
    assert [session["code"] for session in known["sessions"]] == [builders.CODE]
    assert "key" not in known


def test_what_an_enrolled_tablet_hands_in_is_kept_like_any_other_and_without_the_tablet(app, client) -> None:
    rooms.allow_phones(app.state.database, builders.CODE, are_allowed=True)
    assert hand_in(client, **enrol(app, client)).status_code == 201
    assert hand_in(client).status_code == 201, "a person's own phone"
    stored = [document for _, document in sessions.documents(app.state.database, [builders.CODE])]
    assert len(stored) == 2
    assert stored[0] == stored[1], "nothing tells which tablet it came from"


@pytest.mark.parametrize(
    "method_path", ["GET /api/v1/device", "PUT /api/v1/device/state", "GET /api/v1/sessions/482913"]
)
def test_a_revoked_tablet_is_told_so_and_can_do_nothing(app, client, method_path) -> None:
    key = enrol(app, client)
    devices.revoke(app.state.database, "id-Blue", date(2026, 11, 27))
    method, path = method_path.split()
    reply = client.request(method, path, headers=key, json=STATE if method == "PUT" else None)
    assert (reply.status_code, reply.json()["type"]) == (401, "urn:survey-app:problem:device-revoked")
    assert hand_in(client, **key).status_code == 401
    assert sessions.counter(app.state.database, builders.CODE).received == 0
    add_link(app, "again")
    assert client.post("/api/v1/device", json={"token": "again"}).status_code == 404, "nor does a link bring it back"


@pytest.mark.parametrize("shown", ["Bearer nonsense", "Basic eDp5", "Bearer ", "nonsense"])
def test_a_key_that_is_none_of_ours_is_refused_and_nothing_is_stored(app, client, shown) -> None:
    assert hand_in(client, authorization=shown).status_code == 401
    assert sessions.counter(app.state.database, builders.CODE).received == 0


def test_staff_learn_how_a_tablet_is_to_the_quarter_of_an_hour(app, client) -> None:
    key = enrol(app, client)
    assert client.put("/api/v1/device/state", json=STATE, headers=key).status_code == 204
    (kept,) = devices.list_devices(app.state.database)
    (place,) = kept.places
    assert place.state.model_dump(mode="json", exclude_none=True) == STATE
    assert place.seen == round_down(place.seen)
    assert (kept.kept, kept.kept_of(builders.CODE), kept.kept_of("111111")) == (3, 3, 0)


@pytest.mark.parametrize(
    "change",
    [
        {"tier": "best"},
        {"waiting": -1},
        {"waiting": "2"},
        {"answers": {"age": "18-60"}},
        {"sessions": {"12": 1}},
        {"sessions": {builders.CODE: 0}},
        {"persisted": None},
        {"ready": ["fr"]},
    ],
)
def test_only_counts_are_taken(app, client, change) -> None:
    key = enrol(app, client)
    reply = client.put("/api/v1/device/state", json={**STATE, **change}, headers=key)
    assert (reply.status_code, reply.json()["type"]) == (422, "urn:survey-app:problem:not-a-state")
    assert devices.list_devices(app.state.database)[0].places[0].state is None


def test_who_has_no_key_says_nothing_of_a_tablet(client) -> None:
    assert client.put("/api/v1/device/state", json=STATE).status_code == 401
    assert client.get("/api/v1/device").status_code == 401


def test_an_older_address_where_answers_may_wait_is_told_under_the_new_one(app, client) -> None:
    old = enrol(app, client, origin="https://192.168.1.10:8443")
    client.put("/api/v1/device/state", json={**STATE, "waiting": 0, "shelved": 0, "sessions": {}}, headers=old)
    new = enrol(app, client)
    left = client.get("/api/v1/device", headers=new).json()["left"]
    assert left == [{"origin": "https://192.168.1.10:8443", "kept": 0}], "what came after its last word is not known"
    client.put("/api/v1/device/state", json=STATE, headers=old)
    assert client.get("/api/v1/device", headers=new).json()["left"][0]["kept"] == 3
    assert hand_in(client, **old).status_code == 201, "its older key stays good: answers may wait there"


def test_an_older_address_is_forgotten_after_a_month_unless_answers_wait_there() -> None:
    now = clock.now()
    silent, speaking = (read_state(json.dumps({**STATE, "waiting": n, "shelved": 0}).encode()) for n in (0, 2))
    assert Place("https://a", now - timedelta(days=29), silent).may_keep(now)
    assert not Place("https://a", now - timedelta(days=31), silent).may_keep(now)
    assert Place("https://a", now - timedelta(days=300), speaking).may_keep(now)
    assert not Place("https://a", None, None).may_keep(now)


def test_enrolling_again_at_the_same_address_makes_the_older_key_worthless(app, client) -> None:
    old, new = enrol(app, client), enrol(app, client)
    assert (hand_in(client, **old).status_code, hand_in(client, **new).status_code) == (401, 201)


def sealed(app: FastAPI, code: str = builders.CODE) -> dict[str, Any]:
    """One of a batch, or of a file that a tablet saved."""
    drawn = str(uuid4())
    return {"session": code, "id": drawn, **builders.seal_raw(app.state.database, drawn, code=code)}


def ways_in(client: TestClient, app: FastAPI, code: str = builders.CODE, **headers: str) -> list[tuple[int, str]]:
    """Try every way in which a tablet or a phone hands something in: the status of each, and the problem's type."""
    batch = {"responses": [sealed(app, code)]}
    at = f"/api/v1/sessions/{code}"
    comment = {**headers, "content-type": "text/plain"}
    tally = {"finished": 2, "items": {"helpful": {"met": 2}}}
    replies = [
        client.put(f"{at}/responses/{uuid4()}", json=builders.build_raw(), headers=headers),
        client.put(f"{at}/comments/{uuid4()}", content=b"Merci", headers=comment),
        client.put(f"{at}/tallies/{uuid4()}", json=tally, headers=headers),
    ]
    (answered,) = client.post("/api/v1/responses", json=batch, headers=headers).json()["answers"]
    told = [(reply.status_code, reply.json().get("type", "")) for reply in replies]
    return [*told, (answered["status"], answered.get("type", ""))]


REFUSED = (401, "urn:survey-app:problem:device-not-enrolled")


def test_a_revoked_tablet_that_hides_its_key_hands_in_nothing_in_any_way(app, client) -> None:
    assert hand_in(client).status_code == 201, "no tablet was ever enrolled: phones answer"
    assert hand_in(client, **enrol(app, client)).status_code == 201
    devices.revoke(app.state.database, "id-Blue", date(2026, 11, 27))
    assert ways_in(client, app) == [REFUSED] * 4
    form = client.post(f"/s/{builders.CODE}/fr", data={"response": str(uuid4()), "helpful": "a-lot"})
    assert form.status_code == 403
    assert "ne pouvons pas prendre" in form.text
    assert sessions.counter(app.state.database, builders.CODE).received == 2
    other = enrol(app, client, "Red")
    assert [status for status, _ in ways_in(client, app, **other)] == [201, 422, 201, 201], "no comment is asked"


def test_staff_let_own_phones_in_for_one_session_and_out_again(app, client) -> None:
    enrol(app, client)
    db = app.state.database
    builders.open_session(db, "555666")
    rooms.allow_phones(db, builders.CODE, are_allowed=True)
    assert [status for status, _ in ways_in(client, app)] == [201, 422, 201, 201]
    assert ways_in(client, app, "555666") == [REFUSED] * 4
    rooms.allow_phones(db, builders.CODE, are_allowed=False)
    assert ways_in(client, app) == [REFUSED] * 4


def test_tablets_of_one_organisation_keep_no_phone_out_of_another(app, client) -> None:
    db = app.state.database
    other = Project("elsewhere", "gent", "Gent", "amif-exit", 1, builders.ACTIVITIES)
    structure.write_structure(db, [Organisation("gent", "Gent")], [other], [Module("ict", "ICT", "elsewhere")])
    sessions.add(db, Session("734911", "elsewhere", "ict", 9, date(2026, 5, 12)))
    enrol(app, client)
    assert ways_in(client, app)[0] == REFUSED
    assert ways_in(client, app, "734911")[0][0] == 201


def test_a_batch_answers_each_phone_for_the_session_that_it_is_of(app, client) -> None:
    db = app.state.database
    enrol(app, client)
    builders.open_session(db, "555666")
    rooms.allow_phones(db, "555666", are_allowed=True)
    batch = [sealed(app), sealed(app, "555666")]
    answers = client.post("/api/v1/responses", json={"responses": batch}).json()["answers"]
    assert [(one["id"], one["status"]) for one in answers] == [(batch[0]["id"], 401), (batch[1]["id"], 201)]


def test_staff_take_in_what_a_revoked_tablet_kept(app, client) -> None:
    db = app.state.database
    enrol(app, client)
    devices.revoke(db, "id-Blue", date(2026, 11, 27))
    sent = read_rescue_file(json.dumps({"format": 1, "responses": [sealed(app)]}).encode())
    state = app.state
    for expected in ((1, 0), (0, 1)):
        done = rescue(db, state.questionnaires, sent, clock.now(), languages=state.languages, grace_days=14)
        assert (done.stored, done.before) == expected


@pytest.fixture
def strict(tmp_path) -> Any:
    app = create_app(Settings(data_dir=tmp_path / "strict", enrolled_only=True))
    builders.write_structure(app.state.database)
    builders.open_session(app.state.database)
    with TestClient(app) as client:
        yield app, client


def test_where_only_tablets_may_a_phone_hands_in_nothing(strict) -> None:
    app, client = strict
    refused = hand_in(client)
    assert (refused.status_code, refused.json()["type"]) == (401, "urn:survey-app:problem:device-not-enrolled")
    form = client.post(f"/s/{builders.CODE}/fr", data={"response": str(uuid4()), "helpful": "a-lot"})
    assert form.status_code == 403
    batch = client.post("/api/v1/responses", json={"responses": []})
    assert (batch.status_code, batch.json()["type"]) == (401, "urn:survey-app:problem:device-not-enrolled")
    assert sessions.counter(app.state.database, builders.CODE).received == 0
    assert hand_in(client, **enrol(app, client)).status_code == 201
    assert client.get(f"/s/{builders.CODE}/fr").status_code == 200
