"""Supplements: questionnaires, sentences and voices that came, or were corrected, after the program was installed.

They lie beside what is shipped and over it, in the folder of the data. A change is laid down whole, after everything in it
passed what the shipped files must pass, or not at all. The version before can be brought back, as a further change.

In: storage, exchange, questionnaires, voices. Out: what this installation asks and says; supplements for others. Knows nothing
of: pages, networks, answers.
"""
