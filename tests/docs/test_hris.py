"""What docs/hris.md tells the makers of an HR system is so."""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from adapters.web.hooks import SIGNATURE, TIMESTAMP, signature
from bot import hris
from bot.hris import HrisEvent, Standing, Unfit

DOCS = Path(__file__).parents[2] / "docs"
TOLD = (DOCS / "hris.md").read_text(encoding="utf-8")
EXAMPLE = json.loads((DOCS / "hris-example.json").read_text(encoding="utf-8"))
CREW = {
    "emp_code": "A1024",
    "last_name": "佐藤",
    "first_name": "恵",
    "last_name_yomi": "サトウ",
    "first_name_yomi": "メグミ",
    "business_last_name": "髙橋",
    "business_first_name": "恵",
    "business_last_name_yomi": "タカハシ",
    "business_first_name_yomi": "メグミ",
    "departments": [{"name": "経理部"}, None],
    "entered_at": "2015-04-01",
    "resigned_at": "2026-03-31",
    "email": "megumi@example.com",
}


def sender() -> dict[str, Any]:
    """The functions of the example."""
    names: dict[str, Any] = {}
    exec(re.findall(r"```python\n(.*?)```", TOLD, re.DOTALL)[0], names)
    return names


def test_the_schema_is_that_of_what_is_read(request: pytest.FixtureRequest) -> None:
    path = DOCS / "hris.schema.json"
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **HrisEvent.model_json_schema()}
    if request.config.getoption("--update-golden"):
        path.write_text(json.dumps(schema, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    assert json.loads(path.read_text(encoding="utf-8")) == schema
    jsonschema.Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("event", [EXAMPLE, sender()["event_of"](CREW, "evt-1", "2026-03-02T09:30:00+09:00")])
def test_the_examples_keep_the_schema_and_are_read(event: dict[str, Any]) -> None:
    schema = json.loads((DOCS / "hris.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker()).validate(event)
    read = hris.parsed(event)
    assert (read.employee.number, read.employee.name.family, read.employee.kana.family) == ("A1024", "髙橋", "タカハシ")


def test_the_example_signs_as_the_hook_verifies() -> None:
    body, headers = sender()["request_of"](EXAMPLE, "s" * 32)
    assert headers[SIGNATURE] == signature("s" * 32, headers[TIMESTAMP], body)
    assert json.loads(body) == EXAMPLE


def test_every_field_and_answer_is_told() -> None:
    fields = {*HrisEvent.model_fields, *(f"employee.{name}" for name in hris.Employee.model_fields)} - {"employee"}
    assert [name for name in fields if f"`{name}" not in TOLD] == []
    assert [standing for standing in Standing if f'"{standing}"' not in TOLD] == []


def test_an_event_that_lacks_something_is_told_what() -> None:
    with pytest.raises(Unfit) as unfit:
        hris.parsed({"id": "x", "type": "t", "occurred_at": "2026-03-02T09:30:00", "employee": {"number": ""}})
    assert sorted(unfit.value.faults) == ["employee.number", "occurred_at"]
