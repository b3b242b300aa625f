"""Which number was dialled, and what it is: E.164, class, country and state, as of the day of the answer.

Scalar specification, one number:

* `profiles.profile_of(trunk) -> DiallingProfile`: how the digits of a trunk are read, hashable.
* `dialling.e164(dialled, plan) -> str | None`: digits to `+` and digits; None where nothing says which number it is.
* `classify.classify(dialled, profile, day, table) -> Number`: E.164 (None where there is none) and `Kind` (class,
  country, state). `dialled` is E.164 with a plus or digits as dialled; short codes are found before anything else.
* `domestic.is_domestic(number, plan) -> bool`: whether the plan's domestic set holds the number.

Batch twins, exactly equal:

* `batch.classify_column(dialled, profiles, which, days, table) -> NumberColumn`: `which[i]` names the profile of row i,
  `days[i]` is days since 1970-01-01 UTC. The result has `digits` and `length` (int64, 0 where there is no E.164
  number: what `prefixes.number_keys` takes) and `kind`, an index into `kinds`. Whatever depends on the class alone is
  computed once for each of the few hundred kinds and taken by `kind`; `number_class()`, `country()`, `state()` are text
  columns.
* `domestic.domestic_column(numbers, plan) -> Flags`.

`table` is the book's `AreaCodeTable`: the +1 area codes of data/numbering/area_codes.csv, a part of the book.
UNKNOWN_NANP and INVALID are the two classes that reject (UNKNOWN_NANP and NUM_UNPARSED); neither has a rate.
"""
