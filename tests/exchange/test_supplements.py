"""Questionnaires, languages, voices and remarks reach a laptop in one sealed file: once, after every check, or not at all."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

import builders
import pytest
import spoiling
from starlette.testclient import TestClient
from voices.conftest import make_mp3

from survey_app import carrying, main
from survey_app.backup.making import make_backup
from survey_app.backup.restoring import restore
from survey_app.cli import run
from survey_app.exchange import supplement as wire
from survey_app.exchange.supplement import Content, Remark, pack_supplement
from survey_app.fieldwork.session import Session
from survey_app.fieldwork.structure import Module, Organisation, Project
from survey_app.foundation import clock
from survey_app.foundation.errors import RequestMistakenError
from survey_app.foundation.languages import find_language
from survey_app.foundation.places import shipped
from survey_app.foundation.settings import Settings
from survey_app.main import CannotStartError, create_app
from survey_app.questionnaire.loader import load_questionnaire
from survey_app.questionnaire.translation import Domain, Entry, State, offered_languages
from survey_app.questionnaire.versions import FILE, publish
from survey_app.storage import audit, ledger, received, sessions, sign_offs, structure
from survey_app.storage.database import Database
from survey_app.supplements import taking
from survey_app.supplements.contents import Contents, find_places, load_from
from survey_app.supplements.laying import Change, bring_back, lay_down
from survey_app.supplements.packing import pack_contents
from survey_app.supplements.shelf import SHELF, Origin, list_shelved
from survey_app.supplements.taking import NotTaken, Taken, take_supplement
from survey_app.voices.clips import key_of

NOW = datetime(2026, 11, 27, 12, tzinfo=clock.BELGIUM)
THANKS = ("", "Thank you!")
NEW_QUESTION = "Le groupe m'aide vraiment pour ma vie en Belgique ?"
V3 = "amif-exit.v3.yaml"


@dataclass(frozen=True)
class Place:
    """One installation: its folder, its database and what it asks and says."""

    settings: Settings
    db: Database

    @property
    def contents(self) -> Contents:
        places = replace(find_places(self.settings), drafts=self.settings.data_dir / "no-drafts")
        return load_from(places)

    def take(self, raw: bytes, now: datetime = NOW) -> Taken | NotTaken:
        return take_supplement(self.db, self.contents, raw, now, "an")

    def say(self, tag: str, key: tuple[str, str], domain: Domain = "respond") -> str:
        entry = self.contents.catalogues.entry(domain, tag, key)
        return entry.texts[0] if entry else ""

    @property
    def everything(self) -> dict[str, bytes]:
        shelf = self.settings.data_dir / SHELF
        return {str(path): path.read_bytes() for path in shelf.rglob("*") if path.is_file()}


def open_place(folder: Path) -> Place:
    folder.mkdir()
    settings = Settings(
        data_dir=folder / "data", questionnaires_dir=folder / "questionnaires", voices_dir=folder / "voice"
    )
    shutil.copytree(shipped("questionnaires"), folder / "questionnaires")
    settings.data_dir.mkdir()
    db = Database(settings.database)
    db.upgrade()
    return Place(settings, db)


def correct(place: Place, tag: str, key: tuple[str, str], text: str, state: State, day: str = "2026-11-27") -> None:
    change = Change(entries={(tag, "respond"): {key: Entry((text,), state, day)}})
    lay_down(place.contents, change, Origin("corrected", NOW, "eva", tag))


def ask_more(folder: Path) -> None:
    """Publish a third version of the questionnaire."""
    text = (folder / "amif-exit.v2.yaml").read_text(encoding="utf-8")
    text = text.replace("version: 2\nlanguage", "version: 3\nlanguage")
    text = text.replace('"Le groupe m\'aide pour ma vie en Belgique ?"', f'"{NEW_QUESTION}"')
    (folder / V3).write_text(text, encoding="utf-8")
    found = load_questionnaire(folder / V3)
    assert not isinstance(found, tuple)
    assert publish(folder / V3, found)


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """POD MI's instance with a new questionnaire, a corrected sentence and its recording; and a laptop. Each trusts the other."""
    folder = tmp_path_factory.mktemp("worlds")
    pod, laptop = open_place(folder / "pod"), open_place(folder / "laptop")
    builders.introduce(laptop.db, "laptop", pod.db, "pod-mi")
    ask_more(folder / "pod" / "questionnaires")
    correct(pod, "ti", THANKS, "ኣዝየ የመስግን!", State.REVIEWED)
    spoken = folder / "pod" / "voice" / "ti"
    spoken.mkdir(parents=True)
    (spoken / f"{key_of('ti', 'ኣዝየ የመስግን!')}.mp3").write_bytes(make_mp3())
    (spoken / f"{key_of('ti', 'ካልእ ዘይብሃል')}.mp3").write_bytes(make_mp3(0.6))  # fits no sentence
    (folder / "sent").write_bytes(pack(pod))
    for place in (pod, laptop):
        place.db.close()
    return folder


@pytest.fixture
def pod(worlds: Path, tmp_path: Path) -> Iterator[Place]:
    yield from copied(worlds, tmp_path, "pod")


@pytest.fixture
def laptop(worlds: Path, tmp_path: Path) -> Iterator[Place]:
    yield from copied(worlds, tmp_path, "laptop")


def copied(worlds: Path, folder: Path, name: str) -> Iterator[Place]:
    there = folder / name
    shutil.copytree(worlds / name, there)
    settings = Settings(
        data_dir=there / "data", questionnaires_dir=there / "questionnaires", voices_dir=there / "voice"
    )
    db = Database(settings.database)
    yield Place(settings, db)
    db.close()


@pytest.fixture
def sent(worlds: Path) -> bytes:
    return (worlds / "sent").read_bytes()


def pack(pod: Place, now: datetime = NOW) -> bytes:
    return pack_contents(pod.db, pod.contents, carrying.find_trusted(pod.db, "laptop"), now).content


def repack(pod: Place, laptop: Place, content: Content, now: datetime = NOW) -> bytes:
    """What POD MI's instance itself signed, whatever is in it."""
    card = carrying.know_instance(laptop.db).card
    return pack_supplement(content, carrying.know_instance(pod.db), card, uuid4(), now)


def test_a_laptop_asks_and_says_what_came_and_keeps_from_whom_and_when(pod, laptop, sent) -> None:
    before = laptop.say("ti", THANKS)
    taken = laptop.take(sent)
    assert isinstance(taken, Taken)
    assert (taken.sender_name, taken.counts.questionnaires) == ("pod-mi", ("amif-exit.v3",))
    assert (taken.counts.sentences, taken.counts.voices) == ({"ti": 1}, {"ti": 1})

    here = laptop.contents
    assert here.questionnaires["amif-exit", 3].items[0].text == NEW_QUESTION
    assert laptop.say("ti", THANKS) == "ኣዝየ የመስግን!" != before
    entry = here.catalogues.entry("respond", "ti", THANKS)
    assert entry is not None
    assert (entry.state, entry.changed) == (State.REVIEWED, "2026-11-27")
    clip = here.voices.find("ti", "ኣዝየ የመስግን!")
    assert clip is not None
    assert (clip.state, here.voices.find("ti", before)) == ("recorded", None)

    (shelved,) = list_shelved(laptop.settings.data_dir / SHELF)
    origin = shelved.origin
    assert (origin.sender, origin.sender_name) == (carrying.know_instance(pod.db).card.id, "pod-mi")
    assert (origin.by, origin.at, origin.packed_at) == ("an", NOW, NOW)


def test_it_is_taken_once_and_an_older_one_never_takes_the_place_of_a_newer(pod, laptop, sent) -> None:
    newer = pack(pod, NOW + timedelta(days=1))
    assert isinstance(laptop.take(newer), Taken)
    before = laptop.everything
    assert laptop.take(newer) == NotTaken("repeated")
    assert laptop.take(sent) == NotTaken("older")
    assert laptop.everything == before


def test_what_holds_nothing_new_changes_nothing_that_tablets_keep(pod, laptop, sent) -> None:
    assert isinstance(laptop.take(sent), Taken)
    edition = laptop.contents.edition
    again = laptop.take(pack(pod, NOW + timedelta(days=1)))
    assert isinstance(again, Taken)
    assert again.counts.is_nothing
    assert edition == laptop.contents.edition != ""


SPOILED = {
    **spoiling.SPOILED,
    "another version": (spoiling.say(format="survey-app supplement 2"), "other-format"),
    "a parcel of releases": (spoiling.say(format="survey-app parcel 1"), "damaged"),
}


@pytest.mark.parametrize("spoiled", SPOILED)
def test_what_is_not_what_it_says_is_refused_by_name_and_nothing_is_left(laptop, sent, spoiled) -> None:
    spoil, reason = SPOILED[spoiled]
    assert laptop.take(spoil(sent)) == NotTaken(reason)  # type: ignore[arg-type]
    assert laptop.everything == {}


def test_what_needs_a_newer_program_says_so(pod, laptop, monkeypatch) -> None:
    monkeypatch.setattr(wire, "NEEDS", "99.0.0")
    assert laptop.take(pack(pod)) == NotTaken("newer-version")
    assert laptop.everything == {}


HEAD = 'msgid ""\nmsgstr ""\n"Language: ti\\n"\n"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'


def _sentence(text: str, source: str = "Thank you!", head: str = HEAD) -> Content:
    return Content(sentences={("ti", "respond"): f'{head}# state: reviewed\nmsgid "{source}"\nmsgstr "{text}"\n'})


def _form(change: Callable[[str], str], name: str = V3) -> Content:
    text = (shipped("questionnaires") / "amif-exit.v2.yaml").read_text(encoding="utf-8")
    return Content(questionnaires={name: change(text)})


def _third(text: str) -> str:
    return text.replace("version: 2\nlanguage", "version: 3\nlanguage")


WRONG_INSIDE: dict[str, tuple[Content, str, str]] = {
    "a published version with another word": (
        _form(lambda text: text.replace("Oui, beaucoup", "Oui, tout à fait"), "amif-exit.v2.yaml"),
        "version-edited",
        "amif-exit.v2 is another one here",
    ),
    "no questionnaire": (_form(lambda _text: "id: x\n"), "questionnaire-faulty", "line 1"),
    "a picture that nobody drew": (
        _form(lambda text: _third(text).replace("picture: helpful", "picture: unicorn")),
        "questionnaire-faulty",
        'there is no picture "unicorn"',
    ),
    "a condition that leads nowhere": (
        _form(lambda text: _third(text).replace("scale: much-4\n", "scale: much-9\n", 1)),
        "questionnaire-faulty",
        "much-9",
    ),
    "a sentence with HTML": (_sentence("<b>"), "sentence-faulty", "holds HTML"),
    "a slot too many": (_sentence("የቐንየልና {name}"), "sentence-faulty", "differs in {name}"),
    "letters that tablets may not draw": (_sentence("የቐንየልና ☃"), "sentence-faulty", "may not draw: ☃"),
    "plural forms of another language": (
        _sentence("የቐንየልና", head=HEAD.replace("nplurals=2; plural=(n != 1)", "nplurals=1; plural=0")),
        "sentence-faulty",
        "plural forms",
    ),
    "another language than it says": (
        _sentence("የቐንየልና", head=HEAD.replace("Language: ti", "Language: am")),
        "sentence-faulty",
        'its language is "am"',
    ),
    "a line without its quote": (_sentence("የቐንየልና\\"), "sentence-faulty", "can't be read"),
    "a sound that is none": (Content(clips={("recorded", "ti", "a" * 10): b"x" * 900}), "voice-faulty", "is no MP3"),
}


@pytest.mark.parametrize("wrong", WRONG_INSIDE)
def test_one_fault_in_what_came_refuses_all_of_it_with_its_place(pod, laptop, wrong) -> None:
    content, reason, said = WRONG_INSIDE[wrong]
    good = Content(sentences={("nl", "respond"): HEAD.replace(" ti", " nl") + 'msgid "Next"\nmsgstr "Vooruit"\n'})
    mixed = replace(content, sentences={**good.sentences, **content.sentences})
    answer = laptop.take(repack(pod, laptop, mixed))
    assert isinstance(answer, NotTaken)
    assert answer.reason == reason
    assert said in "\n".join(map(str, answer.faults))
    assert laptop.everything == {}


def test_a_draft_never_takes_the_place_of_what_a_person_checked_here_and_a_later_correction_does(pod, laptop) -> None:
    def send(text: str, state: str, day: str, hours: int) -> None:
        content = f'{HEAD}# state: {state}\n# changed: {day}\nmsgid "Thank you!"\nmsgstr "{text}"\n'
        raw = repack(pod, laptop, Content(sentences={("ti", "respond"): content}), NOW + timedelta(hours=hours))
        assert isinstance(laptop.take(raw), Taken)

    correct(laptop, "ti", THANKS, "ሓደ", State.REVIEWED, "2026-11-20")
    send("ክልተ", "draft", "2026-11-27", 1)
    assert laptop.say("ti", THANKS) == "ሓደ"
    send("ክልተ", "reviewed", "2026-11-19", 2)
    assert laptop.say("ti", THANKS) == "ሓደ"
    send("ክልተ", "reviewed", "2026-11-27", 3)
    assert laptop.say("ti", THANKS) == "ክልተ"


def test_a_sentence_that_changes_loses_its_old_voice(laptop) -> None:
    tag, before = "nl", laptop.say("nl", THANKS)
    spoken = laptop.settings.voices_dir / "nl"
    spoken.mkdir(parents=True)
    (spoken / f"{key_of(tag, before)}.mp3").write_bytes(make_mp3())
    assert laptop.contents.voices.find(tag, laptop.say(tag, THANKS)) is not None
    correct(laptop, tag, THANKS, "Dank je wel!", State.REVIEWED)
    assert laptop.contents.voices.find(tag, laptop.say(tag, THANKS)) is None


def test_a_project_keeps_its_version_and_a_new_one_can_be_chosen_while_the_server_runs(pod, laptop, sent) -> None:
    structure.write_structure(
        laptop.db,
        [Organisation("gent", "Gent")],
        [Project("samen", "gent", "Samen", "amif-exit", 1, frozenset({"speaking"}), ("nl", "ti"))],
        [Module("ict", "ICT", "samen")],
    )
    sessions.add(laptop.db, Session("482913", "samen", "ict", 12, clock.today()))
    app = create_app(laptop.settings)
    with TestClient(app) as browser:
        before = browser.get("/s/482913/ti")
        worker = browser.get("/service-worker.js").text
        assert isinstance(laptop.take(sent), Taken)
        main.take_up(app)
        after = browser.get("/s/482913/ti")
        described = browser.get("/api/v1/sessions/482913").json()
    assert before.headers["survey-app-edition"] != after.headers["survey-app-edition"]
    assert after.headers["survey-app-edition"] in browser.get("/service-worker.js").text
    assert after.headers["survey-app-edition"] not in worker
    assert "ኣዝየ የመስግን!" in after.text
    assert "ኣዝየ የመስግን!" not in before.text
    assert (described["version"], NEW_QUESTION in after.text) == (1, False)
    assert ("amif-exit", 3) in app.state.questionnaires
    app.state.database.close()


def test_a_server_finds_by_itself_what_a_command_took_in(laptop, sent, monkeypatch) -> None:
    monkeypatch.setattr(main, "LOOK_SECONDS", 0.05)
    app = create_app(laptop.settings)
    with TestClient(app) as browser:
        assert isinstance(laptop.take(sent), Taken)
        deadline = clock.now() + timedelta(seconds=30)
        while ("amif-exit", 3) not in app.state.questionnaires and clock.now() < deadline:
            browser.get("/healthz")
    assert ("amif-exit", 3) in app.state.questionnaires


def test_the_version_before_comes_back_as_a_further_change_unless_a_project_needs_what_came(laptop, sent) -> None:
    before = laptop.say("ti", THANKS)
    assert isinstance(laptop.take(sent), Taken)
    bring_back(laptop.db, laptop.contents.places, 0, NOW, "eva")
    assert (laptop.say("ti", THANKS), laptop.contents.edition) == (before, "")
    bring_back(laptop.db, laptop.contents.places, 1, NOW, "eva")
    assert laptop.say("ti", THANKS) == "ኣዝየ የመስግን!"
    assert [one.number for one in list_shelved(laptop.settings.data_dir / SHELF)] == [3, 2, 1]

    project = Project("samen", "gent", "Samen", "amif-exit", 3, frozenset({"speaking"}), ("nl",))
    structure.write_structure(laptop.db, [Organisation("gent", "Gent")], [project], [])
    with pytest.raises(RequestMistakenError, match=r'project "samen" asks amif-exit\.v3'):
        bring_back(laptop.db, laptop.contents.places, 0, NOW, "eva")
    assert ("amif-exit", 3) in laptop.contents.questionnaires


def test_what_was_changed_on_the_disk_is_named_and_never_asked(laptop, sent) -> None:
    assert isinstance(laptop.take(sent), Taken)
    form = laptop.settings.data_dir / SHELF / "000001" / "questionnaires" / V3
    form.write_text(form.read_text(encoding="utf-8").replace("Oui, beaucoup", "Oui"), encoding="utf-8")
    with pytest.raises(CannotStartError, match=r"amif-exit\.v3\.yaml was changed.*survey-app supplement back"):
        create_app(laptop.settings)
    bring_back(laptop.db, find_places(laptop.settings), 0, NOW, "")
    assert ("amif-exit", 3) not in laptop.contents.questionnaires


def test_a_fault_on_the_way_leaves_nothing_and_the_same_file_is_taken_the_next_time(laptop, sent, monkeypatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(taking, "lay_down", full)
        assert laptop.take(sent) == NotTaken("unavailable")
    assert laptop.everything == {}
    assert isinstance(laptop.take(sent), Taken)


def test_an_earlier_change_is_never_written_into_when_a_later_one_shares_its_files(laptop, sent) -> None:
    assert isinstance(laptop.take(sent), Taken)
    first = {name: content for name, content in laptop.everything.items() if "/000001/" in name}
    correct(laptop, "ti", THANKS, "ሓደ", State.REVIEWED)
    assert {name: content for name, content in laptop.everything.items() if "/000001/" in name} == first
    assert laptop.contents.voices.find("ti", "ሓደ") is None


def test_what_may_still_be_edited_does_not_travel(pod, laptop) -> None:
    folder = pod.settings.questionnaires_dir
    published = json.loads((folder / FILE).read_text(encoding="utf-8"))
    del published["amif-exit.v3"]
    (folder / FILE).write_text(json.dumps(published), encoding="utf-8")
    taken = laptop.take(pack(pod))
    assert isinstance(taken, Taken)
    assert taken.counts.questionnaires == ()


def test_what_came_is_offered_in_a_language_only_where_no_sentence_is_missing(laptop, sent) -> None:
    assert isinstance(laptop.take(sent), Taken)
    here = laptop.contents
    offered = {language.tag for language in offered_languages(here.questionnaires["amif-exit", 3], here.catalogues)}
    assert offered == {"fr"}  # nobody translated the new question yet
    assert find_language("ti") in offered_languages(here.questionnaires["amif-exit", 2], here.catalogues)


def test_remarks_reach_the_release_that_they_are_about_once_and_no_other(pod, laptop) -> None:
    release = ledger.Release(
        "one", NOW, "network", "2026-H1", "all", "a" * 64, ledger.last_hash(laptop.db), frozenset(), (), {}, "none"
    )
    ledger.append(laptop.db, release)
    told = Remark("a" * 64, NOW, "rita", "Well done.")
    other = Remark("b" * 64, NOW, "rita", "Of somebody else.")
    for hours in (0, 1):
        raw = repack(pod, laptop, Content(remarks=(told, other)), NOW + timedelta(hours=hours))
        taken = laptop.take(raw)
        assert isinstance(taken, Taken)
        assert taken.remarks == 1 - hours
    assert {
        hash_: [(one.signed_by, one.remark) for one in said]
        for hash_, said in sign_offs.list_sign_offs(laptop.db).items()
    } == {"a" * 64: [("rita, pod-mi", "Well done.")]}


def test_what_a_reviewer_says_of_a_release_that_came_travels_back_to_who_made_it(pod, laptop) -> None:
    release = ledger.Release(
        "one", NOW, "network", "2026-H1", "all", "a" * 64, ledger.last_hash(laptop.db), frozenset(), (), {}, "none"
    )
    ledger.append(laptop.db, release)
    sender = carrying.know_instance(laptop.db).card.id
    came = received.TakenParcel(uuid4(), sender, "laptop", NOW, NOW, "rita")
    arrived = received.ReceivedRelease(
        "a" * 64, sender, came.id, "release", "one", NOW, "network", "2026-H1", "all", release.previous, "none"
    )
    received.receive_parcel(pod.db, came, [(arrived, frozenset())], (), lambda _new: None)
    sign_offs.sign_off(pod.db, "a" * 64, NOW, "rita", "Well done.")
    sign_offs.sign_off(pod.db, "c" * 64, NOW, "rita", "Of a release of POD MI itself.")
    sign_offs.sign_off(laptop.db, "a" * 64, NOW, "max", "We were happy too.")

    packed = pack_contents(pod.db, pod.contents, carrying.find_trusted(pod.db, "laptop"), NOW)
    assert packed.remarks == 1
    taken = laptop.take(packed.content)
    assert isinstance(taken, Taken)
    assert taken.remarks == 1
    said = sign_offs.list_sign_offs(laptop.db)["a" * 64]
    assert [(one.number, one.signed_by, one.remark) for one in said] == [
        (1, "max", "We were happy too."),
        (2, "rita, pod-mi", "Well done."),
    ]
    assert sign_offs.list_sign_offs(laptop.db).keys() == {"a" * 64}


def test_a_backup_brings_back_what_came_and_what_was_corrected(laptop, sent, tmp_path) -> None:
    assert isinstance(laptop.take(sent), Taken)
    correct(laptop, "nl", THANKS, "Dank je wel!", State.REVIEWED)
    edition = laptop.contents.edition
    make_backup(laptop.db, laptop.settings.data_dir, tmp_path / "one.backup", "four words are enough", NOW)
    elsewhere = laptop.settings.model_copy(update={"data_dir": tmp_path / "elsewhere"})
    restore(tmp_path / "one.backup", elsewhere.data_dir, "four words are enough", NOW, replace=False)
    here = load_from(replace(find_places(elsewhere), drafts=tmp_path / "no-drafts"))
    assert (here.edition, here.catalogues.messages("nl").gettext("Thank you!")) == (edition, "Dank je wel!")
    assert here.voices.find("ti", "ኣዝየ የመስግን!") is not None
    assert [one.number for one in list_shelved(elsewhere.data_dir / SHELF)] == [2, 1]


def test_commands_take_list_and_go_back_and_say_what_is_wrong(pod, laptop, sent, tmp_path, monkeypatch, capsys) -> None:
    for name in ("data_dir", "questionnaires_dir", "voices_dir"):
        monkeypatch.setenv(f"SURVEY_APP_{name.upper()}", str(getattr(laptop.settings, name)))
    (tmp_path / "sent").write_bytes(sent)
    bad = repack(pod, laptop, _sentence("<b>"), NOW + timedelta(days=1))
    (tmp_path / "bad").write_bytes(bad)
    assert run(["supplement", "take", str(tmp_path / "sent"), str(tmp_path / "bad")]) == 2
    said = capsys.readouterr()
    assert (
        "from pod-mi: amif-exit.v3, 1 sentences (ti), 1 voices (ti); 0 new remarks, 0 new answers to signals."
        in said.out
    )
    assert "ti-respond.po line 7: " in said.err
    assert run(["supplement", "take", str(tmp_path / "sent")]) == 2
    assert "it was taken before. Nothing was changed." in capsys.readouterr().err
    assert run(["supplement", "back"]) == 0
    assert run(["supplement", "list"]) == 0
    assert "version 0 brought back by a command" in capsys.readouterr().out
    assert run(["supplement", "back", "9"]) == 2
    actions = [one.deed.action for one in reversed(audit.list_latest(laptop.db, 2))]
    assert actions == ["supplement-taken", "version-brought-back"]
