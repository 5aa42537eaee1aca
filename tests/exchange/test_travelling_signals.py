"""What groups ask for reaches POD MI's instance from a laptop without internet, once, and the answer finds its way back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import builders
import pytest
from exchange.test_parcels import LEAST, collect
from exchange.test_supplements import Place, copied, open_place

from survey_app import carrying, comments, parcels
from survey_app.exchange import parcel, supplement
from survey_app.exchange.packed import close_packed
from survey_app.exchange.supplement import Content, SignalAnswer, pack_supplement
from survey_app.fieldwork.signal import CarriedSignal, Signal
from survey_app.foundation import clock
from survey_app.foundation.became import Became
from survey_app.parcels import NotTaken, PackedParcel, Taken
from survey_app.signals import list_told, list_visible
from survey_app.storage import received_signals, signals, structure
from survey_app.storage.deletion import HalfYear, delete_answers
from survey_app.supplements.packing import pack_contents
from survey_app.supplements.taking import NotTaken as NotSupplied
from survey_app.supplements.taking import Taken as Supplied

NOW = clock.now()
TODAY = clock.today()
PERIOD = "2026-H1"


def build_signal(text: str = "Un cours le soir.", **changes: Any) -> Signal:
    return replace(Signal(uuid4(), "ensemble", PERIOD, "hours", text, "network"), **changes)


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """POD MI's instance, and two laptops on each of which ten people answered in a project. It and they know each other."""
    folder = tmp_path_factory.mktemp("worlds")
    pod = open_place(folder / "pod")
    for name in ("laptop", "other"):
        there = open_place(folder / name)
        builders.write_structure(there.db)
        collect(there.db, "482913", 10)
        builders.introduce(there.db, name, pod.db, "pod-mi")
        there.db.close()
    pod.db.close()
    return folder


@pytest.fixture
def pod(worlds: Path, tmp_path: Path) -> Iterator[Place]:
    yield from copied(worlds, tmp_path, "pod")


@pytest.fixture
def laptop(worlds: Path, tmp_path: Path) -> Iterator[Place]:
    yield from copied(worlds, tmp_path, "laptop")


@pytest.fixture
def other(worlds: Path, tmp_path: Path) -> Iterator[Place]:
    yield from copied(worlds, tmp_path, "other")


def make(place: Place, text: str = "Un cours le soir.", **changes: Any) -> Signal:
    made = build_signal(text, **changes)
    assert signals.add_signal(place.db, made)
    return made


def pack(laptop: Place, hours: int = 0, least: int = LEAST) -> bytes:
    receiver = carrying.find_trusted(laptop.db, "pod-mi")
    packed = parcels.pack_releases(laptop.db, receiver, NOW + timedelta(hours=hours), least_people=least)
    assert isinstance(packed, PackedParcel)
    return packed.content


def take(pod: Place, raw: bytes) -> Taken | NotTaken:
    return parcels.take_parcel(pod.db, raw, pod.settings.data_dir, NOW, "rita")


def send_up(laptop: Place, pod: Place, hours: int = 0) -> Taken:
    taken = take(pod, pack(laptop, hours))
    assert isinstance(taken, Taken)
    return taken


def send_back(pod: Place, laptop: Place, hours: int = 0, name: str = "laptop") -> Supplied:
    """Only the answers: what else a supplement holds is proven elsewhere."""
    receiver = carrying.find_trusted(pod.db, name)
    answers = tuple(SignalAnswer(*one) for one in received_signals.list_answers_to(pod.db, receiver.id))
    raw = write(pod, laptop, Content(answers=answers), hours)
    taken = laptop.take(raw)
    assert isinstance(taken, Supplied)
    return taken


def write(pod: Place, laptop: Place, content: Content, hours: int = 0) -> bytes:
    card = carrying.know_instance(laptop.db).card
    return pack_supplement(content, carrying.know_instance(pod.db), card, uuid4(), NOW + timedelta(hours=hours))


def seen(place: Place, least: int = LEAST, today: date = TODAY) -> tuple[Signal, ...]:
    """What POD MI's reviewers see, who run no project."""
    return list_visible(place.db, least, (), today, is_network=True)


def answer_of(place: Place, signal: Signal) -> tuple[str, str]:
    (found,) = (one for one in signals.list_signals(place.db, LEAST, TODAY) if one.id == signal.id)
    return found.became, found.why


def test_only_what_was_passed_up_in_a_large_group_travels_and_it_says_of_nobody_who_or_when(laptop, pod) -> None:
    made = make(laptop, became="in-discussion", why="Nous cherchons une salle.")
    make(laptop, "Reste ici.", level="lead")
    make(laptop, "Trop peu de gens.", period="2025-H2")
    raw = pack(laptop)
    opened = parcel.unpack_parcel(raw, carrying.know_instance(pod.db), carrying.by_id(carrying.list_cards(pod.db)))
    assert isinstance(opened, parcel.Parcel)
    assert opened.signals == (CarriedSignal(made, "Charleroi", "Ensemble", LEAST, None),)

    assert isinstance(take(pod, raw), Taken)
    (there,) = seen(pod)
    assert (there.id, there.text, there.became, there.why) == (made.id, made.text, made.became, made.why)
    assert there.origin is not None
    assert (there.origin.instance, there.origin.organisation, there.answered_by) == ("laptop", "Charleroi", "laptop")
    assert list_visible(pod.db, LEAST, {"charleroi"}, TODAY, is_network=False) == ()

    builders.write_structure(laptop.db, synthetic=True)
    send_up(laptop, pod, 1)
    assert seen(pod) == ()  # what a demonstration made up stays


def test_it_is_there_once_however_often_it_comes_and_an_older_parcel_changes_nothing(laptop, pod) -> None:
    made = make(laptop)
    old = pack(laptop)
    assert send_up(laptop, pod, 1).signals == 1
    signals.answer(laptop.db, made.id, "changed", "Cours le mardi.")
    newest = pack(laptop, 2)
    again = take(pod, newest)
    assert isinstance(again, Taken)
    assert (again.signals, answer_of(pod, made)) == (0, ("changed", "Cours le mardi."))
    before = seen(pod)
    assert take(pod, newest) == NotTaken("repeated")
    assert take(pod, old) == NotTaken("older")
    assert seen(pod) == before


def test_what_is_deleted_or_merged_there_goes_here_and_the_answer_of_here_stays_with_the_rest(laptop, pod) -> None:
    first, second = make(laptop), make(laptop, "Plutôt le soir.")
    send_up(laptop, pod)
    signals.answer(pod.db, first.id, "changed", "Oui.")
    assert signals.merge(laptop.db, second, first)
    send_up(laptop, pod, 1)
    (there,) = seen(pod)
    assert (there.id, there.merged, there.became) == (first.id, ("Plutôt le soir.",), "changed")
    delete_answers(laptop.db, [HalfYear("ensemble", PERIOD, ["482913"], has_all=True)], "", NOW, TODAY)
    send_up(laptop, pod, 2)
    assert seen(pod) == ()


def test_the_answer_of_pod_mi_travels_back_and_the_next_group_is_told_it_once(laptop, pod) -> None:
    made = make(laptop)
    send_up(laptop, pod)
    signals.answer(pod.db, made.id, "not-possible", "Il n'y a pas de budget.")
    packed = pack_contents(pod.db, pod.contents, carrying.find_trusted(pod.db, "laptop"), NOW)
    taken = laptop.take(packed.content)
    assert isinstance(taken, Supplied)
    assert (packed.answers, taken.answers) == (1, 1)
    (told,) = list_told(laptop.db, "ensemble", LEAST)
    assert (told.became, told.why) == ("not-possible", "Il n'y a pas de budget.")
    assert signals.list_signals(laptop.db, LEAST, TODAY)[0].answered_by == "pod-mi"

    signals.answer(laptop.db, made.id, "in-discussion", "")  # staff of the laptop know more by now
    assert send_back(pod, laptop, 1).answers == 0
    assert answer_of(laptop, made) == ("in-discussion", "")
    signals.answer(pod.db, made.id, "changed", "Cours le soir.")
    assert send_back(pod, laptop, 2).answers == 1
    assert answer_of(laptop, made) == ("changed", "Cours le soir.")
    assert laptop.take(packed.content) == NotSupplied("repeated")


def test_what_two_laptops_ask_for_is_merged_and_one_answer_goes_to_both(laptop, pod, other) -> None:
    first, second = make(laptop), make(other, "Le soir, svp.")
    for place in (laptop, other):
        send_up(place, pod)
    there = {one.id: one for one in seen(pod)}
    assert signals.merge(pod.db, there[second.id], there[first.id])
    (merged,) = seen(pod)
    assert (merged.id, merged.merged) == (first.id, ("Le soir, svp.",))
    signals.answer(pod.db, first.id, "changed", "Cours le soir.")
    for place, name, asked in ((laptop, "laptop", first), (other, "other", second)):
        send_back(pod, place, name=name)
        assert answer_of(place, asked) == ("changed", "Cours le soir.")


def test_what_one_organisation_answered_never_goes_to_the_group_of_another_as_the_answer_of_pod_mi(
    laptop, pod, other
) -> None:
    first = make(laptop, became="changed", why="Chez nous, le mardi.")
    second = make(other, "Le soir, svp.")
    for place in (laptop, other):
        send_up(place, pod)
    there = {one.id: one for one in seen(pod)}
    assert signals.merge(pod.db, there[second.id], there[first.id])
    assert send_back(pod, other, name="other").answers == 0
    assert answer_of(other, second) == ("heard", "")


def test_a_signal_of_here_is_never_put_under_one_that_may_be_gone_tomorrow(laptop, pod) -> None:
    made = make(laptop)
    send_up(laptop, pod)
    builders.write_structure(pod.db)
    own = make(pod, "Aussi le soir.")
    (came,) = seen(pod)
    assert came.id == made.id
    assert not signals.merge(pod.db, own, came)
    assert signals.merge(pod.db, came, own)
    (root,) = signals.list_signals(pod.db, LEAST, TODAY)
    assert (root.id, root.merged) == (own.id, (made.text,))


def test_who_asks_for_larger_groups_sees_nothing_of_smaller_ones_and_a_group_of_nine_is_refused(laptop, pod) -> None:
    make(laptop)
    send_up(laptop, pod)
    assert len(seen(pod, least=10)) == 1
    assert seen(pod, least=11) == ()
    assert take(pod, rewrite(laptop, pod, lambda one: replace(one, from_people=9))) == NotTaken("group-too-small")


def test_it_is_deleted_on_the_day_that_was_set_where_it_was_made(laptop, pod) -> None:
    (home,) = (one for one in structure.list_projects(laptop.db) if one.code == "ensemble")
    structure.write_structure(laptop.db, projects=[replace(home, keep_months=12)])
    make(laptop)
    send_up(laptop, pod)
    assert len(seen(pod, today=date(2027, 6, 29))) == 1
    assert seen(pod, today=date(2027, 6, 30)) == ()
    comments.tidy(pod.db, datetime(2027, 6, 30, 12, tzinfo=clock.BELGIUM), 6)
    assert seen(pod, today=date(2026, 6, 29)) == ()


def test_a_parcel_and_a_supplement_of_before_signals_travelled_are_taken_and_change_none(laptop, pod) -> None:
    made = make(laptop)
    send_up(laptop, pod)
    signals.answer(pod.db, made.id, "changed", "Oui.")
    key, card = carrying.know_instance(laptop.db), carrying.know_instance(pod.db).card
    old: Mapping[str, Any] = {"packed_at": (NOW + timedelta(hours=1)).isoformat(), "folders": []}
    assert isinstance(take(pod, close_packed(parcel.FORMAT, old, key, card, uuid4())), Taken)
    assert [one.id for one in seen(pod)] == [made.id]

    kinds = ("questionnaires", "sentences", "clips", "remarks")
    plain = {"packed_at": NOW.isoformat(), "needs": "0.1.0"} | {name: [] for name in kinds} | {"questionnaires": {}}
    back = close_packed(supplement.FORMAT, plain, carrying.know_instance(pod.db), key.card, uuid4())
    taken = laptop.take(back)
    assert isinstance(taken, Supplied)
    assert (taken.answers, answer_of(laptop, made)) == (0, ("heard", ""))


def test_nobody_writes_over_a_signal_of_somebody_else(laptop, pod, other) -> None:
    made = make(laptop)
    send_up(laptop, pod)
    builders.write_structure(pod.db)
    own = make(pod, "De chez nous.")
    for theirs in (made, own):
        make(other, "Volé.", id=theirs.id)
    assert send_up(other, pod).signals == 0
    assert {one.text for one in signals.list_signals(pod.db, LEAST, TODAY)} == {made.text, own.text}
    signals.answer(pod.db, made.id, "changed", "Oui.")
    assert received_signals.list_answers_to(pod.db, carrying.know_instance(other.db).card.id) == ()


def rewrite(laptop: Place, pod: Place, change: Callable[[CarriedSignal], CarriedSignal]) -> bytes:
    """A parcel that the laptop itself signed, with a changed signal in it."""
    carried = CarriedSignal(build_signal(), "Charleroi", "Ensemble", LEAST, None)
    key, card = carrying.know_instance(laptop.db), carrying.know_instance(pod.db).card
    return parcel.pack_parcel((), [change(carried)], key, card, uuid4(), NOW + timedelta(days=1))


def _but(**changes: Any) -> Callable[[CarriedSignal], CarriedSignal]:
    return lambda one: replace(one, signal=replace(one.signal, **changes))


WRONG: dict[str, tuple[Callable[[CarriedSignal], CarriedSignal], str]] = {
    "no text": (_but(text=""), "damaged"),
    "only what nobody sees": (_but(text="\u202e"), "damaged"),
    "a text that is too long": (_but(text="a" * 501), "damaged"),
    "a merged one that is too long": (_but(merged=("a" * 501,)), "damaged"),
    "a reason that is too long": (_but(became="changed", why="a" * 201), "damaged"),
    "not possible without a reason": (_but(became="not-possible"), "damaged"),
    "no half-year": (_but(period="..2026-H1"), "damaged"),
    "no project": (_but(project="../x"), "damaged"),
    "no name": (lambda one: replace(one, organisation=" "), "damaged"),
    "a theme of a newer program": (_but(theme="weather"), "newer-version"),
    "an answer of a newer program": (_but(became="maybe"), "newer-version"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_signal_that_is_not_one_refuses_the_parcel_whole(laptop, pod, wrong) -> None:
    change, reason = WRONG[wrong]
    assert take(pod, rewrite(laptop, pod, change)) == NotTaken(reason)  # type: ignore[arg-type]
    assert seen(pod) == ()


def test_the_same_signal_twice_in_a_parcel_is_refused(laptop, pod) -> None:
    carried = CarriedSignal(build_signal(), "Charleroi", "Ensemble", LEAST, None)
    key, card = carrying.know_instance(laptop.db), carrying.know_instance(pod.db).card
    assert take(pod, parcel.pack_parcel((), [carried] * 2, key, card, uuid4(), NOW)) == NotTaken("damaged")


WRONG_ANSWERS: dict[str, tuple[Became, str, str]] = {
    "a number of somebody": ("changed", "Appelez le 0475 12 34 56", "answer-faulty"),
    "not possible without a reason": ("not-possible", "", "damaged"),
    "too long": ("changed", "a" * 201, "damaged"),
    "of a newer program": ("maybe", "", "newer-version"),  # type: ignore[dict-item]
}


@pytest.mark.parametrize("wrong", WRONG_ANSWERS)
def test_an_answer_that_staff_could_not_have_typed_refuses_the_supplement_whole(laptop, pod, wrong) -> None:
    became, why, reason = WRONG_ANSWERS[wrong]
    made = make(laptop)
    raw = write(pod, laptop, Content(answers=(SignalAnswer(made.id, became, why),)))
    assert laptop.take(raw) == NotSupplied(reason)  # type: ignore[arg-type]
    assert (answer_of(laptop, made), laptop.everything) == (("heard", ""), {})


def test_an_answer_to_what_was_never_passed_up_or_is_merged_by_now_is_left_out(laptop, pod) -> None:
    inside, root, merged = make(laptop, level="lead"), make(laptop, "A."), make(laptop, "B.")
    assert signals.merge(laptop.db, merged, root)
    asked: tuple[UUID, ...] = (inside.id, merged.id, uuid4())
    raw = write(pod, laptop, Content(answers=tuple(SignalAnswer(one, "changed", "Oui.") for one in asked)))
    taken = laptop.take(raw)
    assert isinstance(taken, Supplied)
    assert taken.answers == 0
    assert answer_of(laptop, inside) == answer_of(laptop, root) == ("heard", "")
