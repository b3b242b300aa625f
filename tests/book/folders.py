"""A small book in a folder, one file at a time, so that a test changes only what it is about."""

from pathlib import Path

ACCOUNTS = """\
- account_id: acme
  name: Acme
  time_zone: America/Chicago
"""
ADDRESSES = """\
- address_id: acme-hq
  account_id: acme
  effective_from: 2026-01-01T00:00:00Z
  street: 200 Example Avenue
  city: Minneapolis
  region: MN
  post_code: 55401
  country: US
"""
PLANS = """\
- plan_id: metered
  package: METERED
  effective_from: 2026-01-01T00:00:00Z
  outbound_deck: us
  channel_fee: 0
"""
TRUNKS = """\
- trunk_id: front-desk
  account_id: acme
  name: Front desk
  type: STATIC
  plan_id: metered
  location: NEW_YORK
  country: US
  address_id: acme-hq
  effective_from: 2026-01-01T06:00:00Z
  channel_limits:
    - {effective_from: 2026-01-01T06:00:00Z, channel_limit: 10}
  source_hosts: [198.18.10.1]
"""
DECK = """\
row_id,prefix,destination,status,rate_per_minute,connection_fee,initial_seconds,next_seconds,effective_from,effective_until
r1,1,United States,PRICED,0.0075,,6,6,2026-01-01T00:00:00Z,
r2,1900,Premium,BLOCKED,,,,,2026-01-01T00:00:00Z,
"""


def write_book(folder: Path, **files: str) -> Path:
    """Write the book; `accounts`, `addresses`, `plans`, `trunks` and `deck` replace the text of that file."""
    texts = {"accounts": ACCOUNTS, "addresses": ADDRESSES, "plans": PLANS, "trunks": TRUNKS, "deck": DECK} | files
    (folder / "decks").mkdir(parents=True, exist_ok=True)
    (folder / "decks" / "us.csv").write_text(texts.pop("deck"), encoding="utf-8")
    for name, text in texts.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder
