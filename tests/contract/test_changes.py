"""What a change of the contract does to programs: sending, less taken breaks them; reading, more coming does."""

import json
from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from dispatch.__main__ import main
from dispatch.commands.changelog import HEAD, entry, newest, record
from dispatch.commands.contract_changes import changes, digest
from dispatch.commands.openapi import CHANGELOG
from schemas import VERSION
from tests.contract.test_openapi import SCHEMA

Document = dict[str, Any]


def contract(sent: Any = None, read: Any = None, schemas: Any = None, **operation: Any) -> Document:
    """A contract of one operation that takes and answers a Thing of one member `x`."""
    thing = {"type": "object", "properties": {"x": {"type": "string"}}, "required": ["x"]}
    said: Document = {
        "operationId": "put_thing",
        "requestBody": {"required": True, "content": {"application/json": {"schema": sent or {"$ref": "#/components/schemas/Sent"}}}},
        "responses": {"200": {"content": {"application/json": {"schema": read or {"$ref": "#/components/schemas/Read"}}}}},
        "x-roles": ["planner", "rider"],
        "x-whole-city": False,
        **operation,
    }  # fmt: skip
    return {
        "info": {"version": "1.0"},
        "paths": {"/things": {"put": said}},
        "components": {"schemas": {"Sent": thing, "Read": deepcopy(thing), **(schemas or {})}},
    }


def thing(required: list[str] | None = None, **members: Any) -> Document:
    return {"type": "object", "properties": members, "required": ["x"] if required is None else required}


STRING, TEXT, NULL = {"type": "string"}, {"type": "string", "maxLength": 9}, {"type": "null"}
WORDS = {"type": "string", "enum": ["a", "b"]}
MAYBE = {"anyOf": [STRING, NULL]}

# (struct before, after, what it is to those who send it, what to those who read it); None: no change.
STRUCTS: dict[str, tuple[Document, Document, str | None, str | None]] = {
    "a member more": (thing(x=STRING), thing(x=STRING, y=STRING), "additive", "additive"),
    "a member more that must be sent": (thing(x=STRING), thing(["x", "y"], x=STRING, y=STRING), "breaking", "additive"),
    "a member less": (thing(x=STRING, y=STRING), thing(x=STRING), "breaking", "breaking"),
    "a member that may be left out": (thing(x=STRING), thing([], x=STRING), "additive", "breaking"),
    "a member that must be there": (thing([], x=STRING), thing(x=STRING), "breaking", "additive"),
    "null as well": (thing(x=STRING), thing(x=MAYBE), "additive", "breaking"),
    "no longer null": (thing(x=MAYBE), thing(x=STRING), "breaking", "additive"),
    "null, written otherwise": (thing(x=MAYBE), thing(x={"type": ["null", "string"]}), None, None),
    "null among the values": (thing(x={"enum": ["a", "b", None], "type": ["string", "null"]}), thing(x={"anyOf": [WORDS, NULL]}), None, None),
    "another type": (thing(x=STRING), thing(x={"type": "integer"}), "breaking", "breaking"),
    "any number": (thing(x={"type": "integer"}), thing(x={"type": "number"}), "additive", "breaking"),
    "whole numbers alone": (thing(x={"type": "number"}), thing(x={"type": "integer"}), "breaking", "additive"),
    "a value more": (thing(x=WORDS), thing(x={"type": "string", "enum": ["a", "b", "c"]}), "additive", "breaking"),
    "a value less": (thing(x=WORDS), thing(x={"type": "string", "enum": ["a"]}), "breaking", "additive"),
    "some values alone": (thing(x=STRING), thing(x=WORDS), "breaking", "additive"),
    "any value": (thing(x=WORDS), thing(x=STRING), "additive", "breaking"),
    "the same values in another order": (thing(x=WORDS), thing(x={"type": "string", "enum": ["b", "a"]}), None, None),
    "a limit": (thing(x=STRING), thing(x=TEXT), "breaking", None),
    "a tighter limit": (thing(x=TEXT), thing(x=TEXT | {"maxLength": 8}), "breaking", None),
    "a wider limit": (thing(x=TEXT), thing(x=TEXT | {"maxLength": 10}), "additive", None),
    "no limit": (thing(x=TEXT), thing(x=STRING), "additive", None),
    "a higher floor": (thing(x={"type": "integer", "minimum": 1}), thing(x={"type": "integer", "minimum": 2}), "breaking", None),
    "a lower floor": (thing(x={"type": "integer", "minimum": 1}), thing(x={"type": "integer", "minimum": 0}), "additive", None),
    "a pattern": (thing(x=STRING), thing(x=STRING | {"pattern": "^a"}), "breaking", None),
    "no pattern": (thing(x=STRING | {"pattern": "^a"}), thing(x=STRING), "additive", None),
    "a list's items": (thing(x={"type": "array", "items": STRING}), thing(x={"type": "array", "items": TEXT}), "breaking", None),
    "a map's values": (thing(x={"type": "object", "additionalProperties": WORDS}), thing(x={"type": "object", "additionalProperties": STRING}), "additive", "breaking"),
    "anything at all": (thing(x=STRING), thing(x={}), "additive", "breaking"),
    "not anything": (thing(x={}), thing(x=STRING), "breaking", "additive"),
    "other words": (thing(x=STRING), thing(x=STRING | {"description": "A word.", "examples": ["a"]}), None, None),
}  # fmt: skip


@pytest.mark.parametrize("name", STRUCTS)
@pytest.mark.parametrize("direction", ["Sent", "Read"])
def test_a_change_of_a_struct_is_what_it_is_to_those_who_send_or_read_it(name: str, direction: str) -> None:
    before, after, sent, read = STRUCTS[name]
    found = changes(contract(schemas={direction: before}), contract(schemas={direction: after}))
    expected = sent if direction == "Sent" else read
    assert {change.kind for change in found} == ({expected} if expected else set())
    assert all(change.place.startswith(direction) for change in found)


PARAMETER = {"in": "query", "name": "day", "schema": STRING}

OPERATIONS: dict[str, tuple[Document, Document, str | None]] = {
    "the same": ({}, {}, None),
    "another name": ({}, {"operationId": "set_thing"}, "breaking"),
    "will go": ({}, {"deprecated": True}, "deprecated"),
    "a role more": ({}, {"x-roles": ["auditor", "planner", "rider"]}, "additive"),
    "a role less": ({}, {"x-roles": ["planner"]}, "breaking"),
    "the whole city alone": ({}, {"x-whole-city": True}, "breaking"),
    "districts too": ({"x-whole-city": True}, {}, "additive"),
    "a parameter": ({}, {"parameters": [PARAMETER]}, "additive"),
    "a parameter that must be sent": ({}, {"parameters": [PARAMETER | {"required": True}]}, "breaking"),
    "a parameter less": ({"parameters": [PARAMETER]}, {}, "breaking"),
    "a parameter that will go": ({"parameters": [PARAMETER]}, {"parameters": [PARAMETER | {"deprecated": True}]}, "deprecated"),
    "a parameter with a limit": ({"parameters": [PARAMETER]}, {"parameters": [PARAMETER | {"schema": TEXT}]}, "breaking"),
    "a parameter without null": ({"parameters": [PARAMETER | {"schema": MAYBE}]}, {"parameters": [PARAMETER]}, None),
    "a parameter now needed": ({"parameters": [PARAMETER]}, {"parameters": [PARAMETER | {"required": True}]}, "breaking"),
    "no body": ({}, {"requestBody": None}, "additive"),
    "a body": ({"requestBody": None}, {}, "breaking"),
    "another type of body": ({}, {"requestBody": {"required": True, "content": {"text/csv": {"schema": STRING}}}}, "breaking"),
    "an answer more": ({"responses": {}}, {"responses": {"204": {}}}, "additive"),
    "an answer less": ({"responses": {"204": {}}}, {"responses": {}}, "breaking"),
}  # fmt: skip


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_change_of_an_operation_is_what_it_is_to_its_programs(name: str) -> None:
    before, after, expected = OPERATIONS[name]
    old, new = contract(**before), contract(**after)
    for document in (old, new):
        operation = document["paths"]["/things"]["put"]
        if operation["requestBody"] is None:
            del operation["requestBody"]
    found = {change.kind for change in changes(old, new)}
    assert (expected in found) if expected else found == set()
    assert not found or found <= {expected, "additive"}


def test_an_operation_more_is_new_and_one_less_breaks() -> None:
    one, two = contract(), contract()
    two["paths"]["/others"] = {"get": {"operationId": "read_others", "responses": {}}}
    assert [(change.kind, change.place) for change in changes(one, two)] == [("additive", "GET /others")]
    assert [(change.kind, change.place) for change in changes(two, one)] == [("breaking", "GET /others")]
    two["paths"]["/others"]["get"]["deprecated"] = True
    assert "was deprecated" in changes(two, one)[0].what


def test_a_refusal_more_or_less_breaks_nothing() -> None:
    def with_problems(*slugs: str) -> Document:
        return contract(responses={"409": {"x-problems": list(slugs)}})

    assert [(change.kind, change.what) for change in changes(with_problems("a", "b"), with_problems("b", "c", "d"))] == [
        ("additive", "may refuse as `c`, `d`"), ("additive", "no longer refuses as `a`"),
    ]  # fmt: skip
    assert [change.place for change in changes(contract(responses={}), with_problems("a"))] == ["All operations"]


def test_a_kind_more_in_a_union_is_new_to_those_who_send_and_breaks_those_who_read() -> None:
    kinds = {name: thing(x=STRING, kind={"enum": [name]}) for name in ("A", "B", "C")}
    two, three = ({"oneOf": [{"$ref": f"#/components/schemas/{name}"} for name in names]} for names in ("AB", "ABC"))
    sent = changes(contract(sent=two, schemas=kinds), contract(sent=three, schemas=kinds))
    read = changes(contract(read=two, schemas=kinds), contract(read=three, schemas=kinds))
    assert [change.kind for change in sent] == ["additive"]
    assert [change.kind for change in read] == ["breaking"]


def test_structs_that_hold_themselves_are_compared_once() -> None:
    knot = thing(x=STRING, inner={"$ref": "#/components/schemas/Sent"})
    looser = thing([], x=STRING, inner={"$ref": "#/components/schemas/Sent"})
    assert len(changes(contract(schemas={"Sent": knot}), contract(schemas={"Sent": looser}))) == 1


# ---- the list of changes


def test_the_digest_is_of_what_programs_depend_on() -> None:
    one = contract()
    worded = contract(schemas={"Sent": thing(x=STRING | {"description": "A word."})}, description="Puts it.")
    assert digest(one) == digest(worded)
    assert digest(one) != digest(contract(schemas={"Sent": thing(x=TEXT)}))
    named = contract(schemas={"Sent": thing(x=STRING, description=STRING)})
    assert digest(one) != digest(named), "a member may be called description"


def test_an_entry_says_what_breaks_first_and_joins_what_happened_alike() -> None:
    before = contract(schemas={"Sent": thing(x=STRING, y=STRING), "Read": thing(x=STRING)})
    after = contract(schemas={"Sent": thing(x=TEXT, y=TEXT), "Read": thing(x=STRING, z=STRING)}, deprecated=True)
    after["info"]["version"] = "2.0"
    made = entry(before, after, date(2027, 1, 2), note="Why.")
    assert made == (
        f"## 2.0 · 2027-01-02\n\nContract `{digest(after)}`; before: 1.0, `{digest(before)}`.\n\nWhy.\n\n"
        "### Breaking\n\n- `Sent.x`, `Sent.y`: maxLength: none → 9\n\n"
        "### Will go\n\n- `PUT /things`: will go\n\n### New\n\n- `Read.z`: is new\n"
    )
    stated = entry(before, after, date(2027, 1, 2), stated=True)
    assert "### Breaking" not in stated
    assert "### Stated, and so before\n\n- `Sent.x`, `Sent.y`: maxLength" in stated


def test_what_the_old_contract_said_is_never_taken_for_unsaid() -> None:
    made = entry(contract(schemas={"Sent": thing(x=TEXT)}), contract(schemas={"Sent": thing(x=TEXT | {"maxLength": 8})}),
                 date(2027, 1, 2), stated=True)  # fmt: skip
    assert "### Breaking\n\n- `Sent.x`: maxLength: 9 → 8" in made


def test_an_entry_for_nothing_says_so() -> None:
    assert "Nothing that programs depend on has changed." in entry(contract(), contract(), date(2027, 1, 2))


def test_a_new_entry_comes_first_and_one_from_the_same_contract_takes_the_place_of_the_newest() -> None:
    one, two = contract(), contract(schemas={"Sent": thing(x=TEXT)})
    three = contract(schemas={"Sent": thing(x=TEXT | {"maxLength": 8})})
    first = record("", entry(one, two, date(2027, 1, 2), note="Kept."))
    assert first.startswith(HEAD)
    again = record(first, entry(one, three, date(2027, 1, 3)))
    assert again.count("\n## ") == 1
    assert newest(again)["digest"] == digest(three)
    assert "\n\nKept.\n\n### Breaking" in again
    assert record(again, entry(one, three, date(2027, 1, 3))) == again
    later = record(first, entry(two, three, date(2027, 2, 3)))
    assert later.count("\n## ") == 2
    assert (newest(later)["digest"], later.index("2027-02-03") < later.index("2027-01-02")) == (digest(three), True)


def test_the_newest_entry_is_of_the_committed_contract() -> None:
    found = newest(CHANGELOG.read_text(encoding="utf-8"))
    made = "dispatch openapi --changes OLD.json --record: OLD.json is the contract of the version before, from git"
    assert found["digest"] == digest(SCHEMA), made
    assert found["version"] == VERSION


def test_a_version_that_breaks_programs_has_a_new_first_number() -> None:
    found = newest(CHANGELOG.read_text(encoding="utf-8"))
    first, before = (version.split(".")[0] for version in (found["version"], found["before"]))
    assert (int(first) == int(before) + 1) if found["breaks"] else found["version"] != found["before"]


def test_the_command_prints_what_changed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    old.write_text(json.dumps(contract()), encoding="utf-8")
    new.write_text(json.dumps(contract(schemas={"Sent": thing(x=TEXT)})), encoding="utf-8")
    with pytest.raises(SystemExit, match="0"):
        main(["openapi", "--changes", str(old), "--new", str(new)])
    assert "### Breaking\n\n- `Sent.x`: maxLength: none → 9" in capsys.readouterr().out
