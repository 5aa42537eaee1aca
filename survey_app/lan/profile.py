"""The authority as an Apple configuration profile, which iPads and iPhones install (payload ``com.apple.security.root``)."""

from __future__ import annotations

import plistlib
import uuid
from typing import Final

from survey_app.lan.authority import Authority

_OURS: Final = "be.survey-app.authority"


def write_profile(authority: Authority) -> bytes:
    """Return the profile. Its ids come from the certificate: installing it again replaces it."""
    identity = uuid.uuid5(uuid.NAMESPACE_OID, authority.fingerprint)
    root = {
        "PayloadType": "com.apple.security.root",
        "PayloadVersion": 1,
        "PayloadIdentifier": f"{_OURS}.root",
        "PayloadUUID": str(uuid.uuid5(identity, "root")),
        "PayloadDisplayName": authority.name,
        "PayloadCertificateFileName": "survey-app.crt",
        "PayloadContent": authority.der,
    }
    profile = {
        "PayloadType": "Configuration",
        "PayloadVersion": 1,
        "PayloadIdentifier": _OURS,
        "PayloadUUID": str(identity),
        "PayloadDisplayName": authority.name,
        "PayloadRemovalDisallowed": False,
        "PayloadContent": [root],
    }
    return plistlib.dumps(profile)
