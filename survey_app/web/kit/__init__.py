"""Kit: what respondents' and staff pages share: templates, headers, problems, assets.

In: typed page contexts. Out: HTML with its headers. Knows nothing of: respondents' and staff desks.
"""
