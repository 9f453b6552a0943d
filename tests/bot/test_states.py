"""The state machine: as documented, closed, and the only way that a state changes."""

import ast
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import states
from bot.states import Actor, Event
from storage.tables import Person, PersonState, Role

ROOT = Path(__file__).parents[2]


def person(state: PersonState) -> Person:
    return Person(name="山田 太郎", role=Role.ALUMNUS, state=state)


def test_the_documentation_shows_the_table() -> None:
    shown = (ROOT / "docs" / "people.md").read_text(encoding="utf-8").split("```mermaid\n")[1].split("```")[0]
    assert shown == states.diagram()


def test_every_state_has_its_row_and_can_be_reached() -> None:
    assert set(states.TABLE) == set(PersonState)
    reached = {PersonState.INVITED, PersonState.ACTIVE}
    for _ in PersonState:
        reached |= {step.to for state in reached for step in states.TABLE[state].values()}
    assert reached == set(PersonState)


@given(st.lists(st.tuples(st.sampled_from(Event), st.sampled_from(Actor))), st.sampled_from(PersonState))
def test_no_sequence_of_events_leaves_the_table(told: list[tuple[Event, Actor]], start: PersonState) -> None:
    someone = person(start)
    for event, actor in told:
        before = someone.state
        step = states.step(before, event)
        moved = states.move(someone, event, actor)
        assert moved == (step is not None and actor in step.who)
        assert someone.state == (step.to if moved and step else before)
        assert before is not PersonState.ERASED or not moved


@pytest.mark.parametrize("event", [Event.OPEN, Event.EXPIRE])
def test_nobody_but_time_does_what_time_does(event: Event) -> None:
    for state in PersonState:
        for actor in (Actor.PERSON, Actor.HR):
            assert not states.move(person(state), event, actor)


def test_hr_cannot_bring_anybody_in_against_their_will() -> None:
    for state in PersonState:
        for event in (Event.CONFIRM, Event.JOIN, Event.RESUME):
            assert not states.move(person(state), event, Actor.HR)


@pytest.mark.parametrize("room", ["bot", "adapters", "storage"])
def test_a_state_of_a_person_is_changed_nowhere_else(room: str) -> None:
    """`x.state = PersonState.…` past the table would be a step that nobody has thought of."""
    elsewhere = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in (ROOT / room).rglob("*.py")
        if path != ROOT / "bot" / "states.py"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Assign) and "PersonState." in ast.unparse(node.value)
        for target in node.targets
        if isinstance(target, ast.Attribute) and target.attr == "state"
    ]
    assert elsewhere == []
