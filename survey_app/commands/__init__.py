"""Commands: what operators and writers of questionnaires do at the command line.

In: arguments. Out: one line for each thing done or wrong, and an exit code. Knows nothing of: pages.
"""
