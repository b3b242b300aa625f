"""The monthly close: from the ledger's rows to invoices, and what comes after them.

Owns: invoice lines, their rounding to cents, plan fees and overage at close, tax of a bill, numbers without gaps, the
hash chain, credit notes, adjustments, documents. Does not own: the price of a call, which is in the usage ledger, and
the rules of tax. Invariants: an invoice is the sum of its lines; a call is on one document; a closed period is never
written again; the same ledger and reference data give the same bytes, because no clock is read; one commit closes an
account or does nothing.
"""
