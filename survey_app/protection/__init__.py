"""The room where counts become publishable, or stay.

In: ``LinkedTables`` (exact counts, tied together by their atoms), a policy, the earlier releases of the ledger.
Out: ``ProtectedTables`` with the certificate of the assurance, or ``Refused`` with its reasons.
Knows nothing of: respondents, answers of one person, the web, any database, files for readers.

Open ``engine.protect`` first. ``low_counts``, ``class_disclosure``, ``folding`` and ``differencing`` are the rules of the
specification, one each (``cohorts`` and ``splitting`` carry the last of them); ``complement`` and ``tau_argus`` choose what
else is withheld; ``assurance`` attacks the result and has the last word; ``ladder`` says what leaves where the full release
is lost, ``effort`` how long that is tried; ``quality`` measures what is left.
``rounding`` rounds it where that is asked for.
"""
