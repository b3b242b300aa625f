"""The registry: source of truth for trunks, service addresses and call routes, and the API for the official client.

It keeps its rows in a relational database whose constraints enforce the product rules, and tells rating of every
change through an outbox written in the same transaction. `tables` say what is kept, `rules` what is refused, `store`
what a change does, `shapes` what travels as JSON, `api` how it is reached; `publish` and `follow` carry changes to
the workers.
"""
