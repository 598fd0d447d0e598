"""`keras-gans lab`: watch models of points learn in the browser, and look at training runs and recordings: see docs/lab.md.

`server.serve` runs the page; `worker` trains in a process of its own. Nothing here is imported by the rest of the library, and
what it needs comes with the extra `serve`.
"""
