"""Paper: the questionnaire as a form to print, and the keys that stand for its boxes.

In: a questionnaire in one language, and what staff want of the form. Out: a PDF that any printer takes. Knows nothing of:
sessions, responses, the database, the web. What people cross on paper comes back through ``journeys.receive``.
"""
