"""Plain language: measures each message in each language and names what is hard to understand.

In: messages of a questionnaire and of the respondents' pages, ``rules.yaml``, the glossary, and word frequencies where
they are installed. Out: findings, each explained or not, and how far each language was looked at. Knows nothing of:
pages, people, answers. It advises: people who test a wording know better.

Sources of the rules, by the names that the docstrings use:
*Inclusion Europe*: "Information for all. European standards for making information easy to read and understand",
Inclusion Europe, 2009, ISBN 2-87460-110-1; its French edition is what FALC ("facile à lire et à comprendre") names.
*Zipf scale*: van Heuven, Mandera, Keuleers and Brysbaert, "SUBTLEX-UK", Quarterly Journal of Experimental Psychology
67 (6), 2014, doi 10.1080/17470218.2013.850521.
"""
