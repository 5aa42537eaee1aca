"""Collection: from what a device sent to a response that answers this questionnaire, or the list of what is wrong.

In: a JSON object, sealed or not, a questionnaire, the activities of a project. Out: ``Response`` or ``Rejected``.
Knows nothing of: databases, pages, time.
"""
