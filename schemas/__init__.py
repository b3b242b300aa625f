"""The values that travel: canonical CDRs, ledger rows, reference data, and their closed lists.

Nothing here computes a price or touches the outside world. `rating` and `pipeline` both import it; it
imports neither. Shapes are given twice where two readers need them, as a typed Python value for the scalar
specification and as an Arrow schema for batches, and a test keeps the two equal.
"""
