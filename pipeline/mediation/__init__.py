"""Bytes of any source become canonical CDRs: pure functions of the bytes and the settings of the source.

`framing` cuts a file into records, `formats` reads one record each, `canonical` applies the rules that all formats
share, `batch` does it for a whole batch. No money, no customer, no state: what joins several records of one call is
decided where the ledger is (`pipeline.rate`). A record that cannot be read is a row with its bytes and the reason.
"""
