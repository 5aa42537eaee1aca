"""Errors with a reader: what happened, where, what to do."""

from __future__ import annotations


class RequestMistakenError(Exception):
    """What was asked for is wrong; the message is one line that says what and how to mend it. Exit code 2."""
