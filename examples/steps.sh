# What both demos have in common: how a step is shown, and what is asked of the ledger once the calls are in it.

number=0
running=()
trap 'kill "${running[@]}" 2>/dev/null; wait' EXIT

step() { # title, command
  number=$((number + 1))
  printf '\n\033[1m%d. %s\033[0m\n$ %s\n' "$number" "$1" "$2"
  eval "$2"
}

wait_for() { # what, seconds, command: until the command succeeds
  for _ in $(seq "$2"); do
    if eval "$3" >/dev/null 2>&1; then return; fi
    sleep 1
  done
  echo "$1 did not happen within $2 s; see demo/*.log" >&2
  exit 3
}

ask_and_close() {
  step "The balance: every record that was received is in exactly one state." \
    "trunkline sql 'FROM balance'"

  step "The simulator knows what had to become of each record. Does the ledger agree?" \
    "trunkline compare demo/truth.parquet"

  step "Where did the calls go? The ledger answers SQL." \
    "trunkline sql \"SELECT destination, currency, sum(calls)::BIGINT AS calls, sum(billed_seconds)::BIGINT AS seconds,
    sum(charge) AS charge FROM usage_by_destination WHERE direction = 'OUTBOUND' AND destination IS NOT NULL
    GROUP BY ALL ORDER BY calls DESC LIMIT 10\""

  step "What could not be priced waits with its reason, to be corrected and replayed." \
    "trunkline rejects"

  local broken
  broken=$(trunkline sql --csv "SELECT row_id FROM rejects ORDER BY reject_reason <> 'BAD_QUOTE', row_id LIMIT 1" | tail -n 1 | tr -d '\r"')
  step "One of them: its bytes, where reading stopped, and what was expected there." \
    "trunkline rejects show '$broken'"

  local dearest
  dearest=$(trunkline sql --csv 'SELECT cdr_id FROM usage ORDER BY charge DESC, cdr_id LIMIT 1' | tail -n 1 | tr -d '\r"')
  step "How the dearest call came to its price." \
    "trunkline explain $dearest"

  step "The month is closed: plan fees, usage, fair use, taxes, numbered invoices." \
    "trunkline close 2026-10"

  printf '\nThe invoices:\n'
  find demo/invoices -name '*.pdf' | sort
}
