"""Voices: a sound for each sentence that a respondent meets, found by what the sentence says.

In: sentences of the catalogues and of the questionnaires, recordings of people. Out: ``Clip``s, drafts by an engine, sheets
for people who record. Knows nothing of: pages, databases, who recorded.
"""
