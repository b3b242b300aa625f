"""How each source writes the same truth: one module a format, the counterpart of `pipeline.mediation.formats`."""
