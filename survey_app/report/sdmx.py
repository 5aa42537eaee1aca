"""``tables-sdmx.csv`` and ``tables-sdmx.xml``: the cells of ``tables.csv`` as statistical offices exchange them.

SDMX-CSV 2.0 (https://github.com/sdmx-twg/sdmx-csv) beside the structure that it follows, in SDMX-ML 3.0: a data flow whose
dimensions are the columns of ``tables.csv``. Its codes are ours, with what SDMX asks for: ``_T`` for a total, ``_Z`` for a
dimension that a table does not use, ``$`` where ours have a colon. Code lists hold what this release uses, and say so.

What is withheld has no value, ``OBS_STATUS`` ``Q`` (missing, suppressed) and ``CONF_STATUS`` ``C`` (confidential); never a 0. Why
it is withheld, for its own sake (``A``) or for others' (``D``), is not told: that would help who wants to compute it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Final
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from survey_app.protection.protected import ProtectedCell, ProtectedTables, Status
from survey_app.report.dictionary import label_codes, name_columns
from survey_app.report.release import ReleaseFacts
from survey_app.report.tables_csv import DIMENSIONS, cells_in_order
from survey_app.report.told import Told
from survey_app.report.wording import Wording

AGENCY, FLOW, VERSION = "SURVEY_APP", "TABLES", "1.0.0"
TIME: Final = "TIME_PERIOD"
SPAN: Final = "SPAN"
VALUE: Final = "OBS_VALUE"
_CODED: Final = tuple(name for name in DIMENSIONS if name != "period")
_SPANS: Final = {"HALF_YEAR": "A half-year", "SINCE_START": "From the start of the programme to the end of a half-year"}
_KEYS: Final = (*(name.upper() for name in _CODED), SPAN, TIME)
_ATTRIBUTES: Final = ("OBS_STATUS", "CONF_STATUS", "STATUS")
_OBS_STATUS: Final = {Status.PUBLISHED: "A", Status.ROUNDED: "A", Status.HELD: "P", Status.WITHHELD: "Q"}
"""Of the list CL_OBS_STATUS: normal, provisional (an earlier state, repeated), missing and suppressed."""
_STANDARD_LISTS: Final[Mapping[str, tuple[str, Mapping[str, str]]]] = {
    "OBS_STATUS": ("2.2", {"A": "Normal value", "P": "Provisional value", "Q": "Missing value; suppressed"}),
    "CONF_STATUS": (
        "1.3",
        {
            "F": "Free (free for publication)",
            "N": "Not for publication, restricted for internal use only",
            "C": "Confidential statistical information",
        },
    ),
}
"""Lists of the agency SDMX: the version, and of their codes those that are used here, in their words."""
_NAMESPACES: Final = {
    f"xmlns:{short}": f"http://www.sdmx.org/resources/sdmxml/schemas/v3_0/{name}"
    for short, name in (("mes", "message"), ("str", "structure"), ("com", "common"))
}
_Names = Mapping[str, str]  # language -> name


def sdmx_csv(protected: ProtectedTables, facts: ReleaseFacts) -> bytes:
    """Return the data: a line a cell, in the order of ``tables.csv``."""
    text = io.StringIO(newline="")
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(["STRUCTURE", "STRUCTURE_ID", "ACTION", *_KEYS, VALUE, *_ATTRIBUTES])
    for cell in cells_in_order(protected):
        value = "" if cell.value is None else str(cell.value)
        lines.writerow(["dataflow", _reference(FLOW), "I", *_key(cell), value, *_attributes(cell, facts.tier)])
    return text.getvalue().encode()


def _key(cell: ProtectedCell) -> Iterator[str]:
    for name in _CODED:
        yield code_of(getattr(cell.at, name))
    half = cell.at.period.removeprefix("..")
    yield "HALF_YEAR" if half == cell.at.period else "SINCE_START"
    yield half.replace("-H", "-S")  # a semester, as ISO 8601 and SDMX have none by H


def code_of(code: str) -> str:
    """Return a code of ours as SDMX writes it."""
    return {"": "_Z", "total": "_T"}.get(code, code.replace(":", "$"))


def _attributes(cell: ProtectedCell, tier: str) -> tuple[str, str, str]:
    shown = "F" if tier == "public" else "N"  # free, or not for publication
    confidential = "C" if cell.status is Status.WITHHELD else shown
    return _OBS_STATUS[cell.status], confidential, cell.status.value


def _reference(artefact: str) -> str:
    return f"{AGENCY}:{artefact}({VERSION})"


# -- the structure -------------------------------------------------------------------------------------------------------


def sdmx_structure(protected: ProtectedTables, facts: ReleaseFacts, wordings: Sequence[Wording]) -> bytes:
    """Return the data flow, its structure, concepts and code lists, named in the language of each wording."""
    titles = {wording.language: Told(facts, wording).title() for wording in wordings} or {"en": facts.id}
    root = Element("mes:Structure", _NAMESPACES)
    header = SubElement(root, "mes:Header")
    SubElement(header, "mes:ID").text = facts.id
    SubElement(header, "mes:Test").text = str(facts.synthetic).lower()
    SubElement(header, "mes:Prepared").text = facts.created_utc
    SubElement(header, "mes:Sender", id=AGENCY)
    structures = SubElement(root, "mes:Structures")
    flow = _add(SubElement(structures, "str:Dataflows"), "Dataflow", FLOW, titles)
    SubElement(flow, "str:Structure").text = _urn("datastructure.DataStructure", _reference(FLOW))
    lists = SubElement(structures, "str:Codelists")
    for name, codes in _code_lists(protected, wordings):
        _name_codes(_add(lists, "Codelist", f"CL_{name}", titles, isPartial="true"), codes)
    for name, (version, used) in _STANDARD_LISTS.items():
        made = SubElement(lists, "str:Codelist", id=f"CL_{name}", version=version, agencyID="SDMX", isPartial="true")
        _name(made, {"en": name})
        _name_codes(made, {code: {"en": said} for code, said in used.items()})
    concepts = _add(
        SubElement(structures, "str:ConceptSchemes"), "ConceptScheme", "CONCEPTS", titles, isPartial="false"
    )
    for concept, names in _concepts(wordings):
        _name(SubElement(concepts, "str:Concept", id=concept), names)
    whole = _add(SubElement(structures, "str:DataStructures"), "DataStructure", FLOW, titles)
    _add_components(SubElement(whole, "str:DataStructureComponents"))
    indent(root)
    written: str = tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{written}\n'.encode()


def _code_lists(protected: ProtectedTables, wordings: Sequence[Wording]) -> Iterator[tuple[str, Mapping[str, _Names]]]:
    """Give each code list: its codes with their names; a code that is named in several ways is named by itself."""
    found: dict[str, dict[str, dict[str, set[str]]]] = {name: {} for name in (*_CODED, "status")}
    for cell in cells_in_order(protected):
        for name in _CODED:
            found[name].setdefault(getattr(cell.at, name), {})
        found["status"].setdefault(cell.status.value, {})
    for wording in wordings:
        for entry, label in label_codes(protected, wording).items():
            if entry.column in found:
                found[entry.column][entry.code].setdefault(wording.language, set()).add(label)
    for name, codes in found.items():
        yield name.upper(), {code_of(code): _unambiguous(code, labels) for code, labels in codes.items()}
    yield SPAN, {code: {"en": name} for code, name in _SPANS.items()}


def _unambiguous(code: str, labels: Mapping[str, set[str]]) -> _Names:
    names = {language: next(iter(each)) if len(each) == 1 else code for language, each in labels.items()}
    return names or {"en": code or "not used by the table"}


def _concepts(wordings: Sequence[Wording]) -> Iterator[tuple[str, _Names]]:
    columns = {wording.language: name_columns(wording) for wording in wordings}
    known = {**{name.upper(): name for name in (*_CODED, "status")}, TIME: "period", VALUE: "value"}
    for concept in (*_KEYS, VALUE, *_ATTRIBUTES):
        names = {language: named[known[concept]] for language, named in columns.items() if concept in known}
        yield concept, names or {"en": concept}


def _add_components(parent: Element) -> None:
    dimensions = SubElement(parent, "str:DimensionList")
    for position, key in enumerate(_KEYS, start=1):
        if key == TIME:
            time = SubElement(dimensions, "str:TimeDimension", id=TIME)
            _identify(time, TIME)
            SubElement(_representation(time), "str:TextFormat", textType="ObservationalTimePeriod")
        else:
            dimension = SubElement(dimensions, "str:Dimension", id=key, position=str(position))
            _identify(dimension, key)
            SubElement(_representation(dimension), "str:Enumeration").text = _list_of(key)
    attributes = SubElement(parent, "str:AttributeList")
    for name in _ATTRIBUTES:
        attribute = SubElement(attributes, "str:Attribute", id=name, usage="mandatory")
        _identify(attribute, name)
        SubElement(_representation(attribute), "str:Enumeration").text = _list_of(name)
        SubElement(SubElement(attribute, "str:AttributeRelationship"), "str:Observation")
        SubElement(SubElement(attribute, "str:MeasureRelationship"), "str:Measure").text = VALUE
    measure = SubElement(SubElement(parent, "str:MeasureList"), "str:Measure", id=VALUE)
    _identify(measure, VALUE)
    SubElement(_representation(measure), "str:TextFormat", textType="Integer")


def _identify(component: Element, concept: str) -> None:
    SubElement(
        component, "str:ConceptIdentity"
    ).text = f"{_urn('conceptscheme.Concept', _reference('CONCEPTS'))}.{concept}"


def _representation(component: Element) -> Element:
    return SubElement(component, "str:LocalRepresentation")


def _list_of(key: str) -> str:
    version = _STANDARD_LISTS[key][0] if key in _STANDARD_LISTS else ""
    return _urn("codelist.Codelist", f"SDMX:CL_{key}({version})" if version else _reference(f"CL_{key}"))


def _urn(kind: str, reference: str) -> str:
    return f"urn:sdmx:org.sdmx.infomodel.{kind}={reference}"


def _name_codes(parent: Element, codes: Mapping[str, _Names]) -> None:
    for code, names in codes.items():
        _name(SubElement(parent, "str:Code", id=code), names)


def _add(parent: Element, kind: str, artefact: str, names: _Names, **more: str) -> Element:
    told = {"id": artefact, "version": VERSION, "agencyID": AGENCY, **more}
    made = SubElement(parent, f"str:{kind}", told)
    _name(made, names)
    return made


def _name(parent: Element, names: _Names) -> None:
    for language, name in names.items():
        SubElement(parent, "com:Name", {"xml:lang": language}).text = name
