"""Foundation: settings, clock, languages, errors, logging: what every room stands on.

In: the environment. Out: small types that any room may use. Knows nothing of: any room.
"""
