"""The tests of this room share their worlds: ``protection_worlds`` beside this file; mutants ask tests of other rooms too."""

import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.append(str(Path(__file__).parents[1] / "storage"))


@pytest.fixture
def without_tau_argus(monkeypatch) -> None:
    """Leave everything to our own optimiser: tau-ARGUS takes half a second for each table."""
    from survey_app.protection import engine
    from survey_app.protection.reasons import EngineUsed
    from survey_app.protection.tau_argus import EngineAnswer

    def silent(_linked, _linkage, withheld, _policy, **_more: Any) -> EngineAnswer:
        return EngineAnswer(frozenset(withheld), EngineUsed("tau-argus-silent"))

    monkeypatch.setattr(engine, "ask_engine", silent)
