"""Demo: organisations, sessions and answers that are made up, so that everything can be tried at once.

In: a seed, today's date. Out: synthetic projects and responses, handed in through the same door as real ones. Knows
nothing of: pages, the tables of the database.
"""
