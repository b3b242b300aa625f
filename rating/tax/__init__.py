"""Who may tax a call or a charge, and how much: pure rules, one module for each.

Law is data. A rule here is arithmetic with a citation; every rate, fee, share and date comes from a dated parameter
that is given as an argument. What is not known is a value, `RateMissing`, which names the rate, the day and where to
put it; nothing is extrapolated. Amounts are exact fractions until the one named rounding of an invoice, a
jurisdiction and a tax. `invoice.tax_invoice` composes the rules.
"""
