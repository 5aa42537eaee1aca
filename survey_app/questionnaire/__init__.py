"""Questionnaire: what is asked, in which order, in which words.

In: ``questionnaires/*.yaml`` and ``translations/``. Out: ``Questionnaire``, its sentences in every language, or faults
with file, line and mend. Knows nothing of: who answers, where, and what was answered before.
"""
