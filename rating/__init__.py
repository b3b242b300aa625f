"""The pure core: what a call costs and who may tax it.

No clock, no files, no network, no logging; a test proves it. Reference data, time and ids are arguments.
`rate_call` is the specification in plain Python on one CDR, `rate_batch` its fast twin on Arrow; they agree exactly.
"""
