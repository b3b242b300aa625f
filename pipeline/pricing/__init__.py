"""Prices for people: what a call would cost, why a record cost what it did, and what another deck would change."""
