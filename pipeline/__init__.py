"""Everything with effects: sources, mediation, streams, the ledger, billing, the registry, the command line.

The sub-packages lie on the way of one CDR:
`sources` (bytes arrive) -> `mediation` (bytes become canonical CDRs) -> `stream` (batches travel) ->
`rate` (rows are decided) -> `ledger` (rows and positions are committed) -> `sql` (rows are read) ->
`billing` (periods are closed). Beside the way stand `book` (reference data), `registry` (trunks and addresses),
`corrections` (what people do about rejects) and `simulate` (traffic with a known truth).
"""
