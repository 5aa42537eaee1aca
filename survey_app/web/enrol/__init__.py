"""Enrolment: the only pages over plain http of a laptop on a local network; how a tablet learns to trust it.

In: requests of tablets that do not trust the laptop yet. Out: steps in pictures, the certificate, the way to the secure
address. Knows nothing of: database, sessions, respondents, staff who are signed in.
"""

from __future__ import annotations

from survey_app.web.enrol.app import create_enrolment

__all__ = ["create_enrolment"]
