"""`screening demo-data`: as many requests as are wanted, each the copy of one that the desk dealt with.

Some hundred lives are lived by the service itself, on a database of their own that is thrown away (`lives`).
Every request repeats one of them for another person on another day, sealed anew (`copies`), and is written
in the order in which things happened, many at once (`writing`).
"""
