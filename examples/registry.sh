# Trunks as customers have them: a registry that starts empty, and requests to its API that fill it.

registry=http://127.0.0.1:${DEMO_REGISTRY_PORT:-$((20000 + $$ % 20000))}

start_registry() {
  # Accounts, plans and decks are those of the example book; its trunks and addresses are left behind.
  mkdir -p demo/book
  cp -r data/book/accounts.yaml data/book/plans.yaml data/book/decks demo/book/
  echo '[]' | tee demo/book/trunks.yaml >demo/book/addresses.yaml
  trunkline key create staff --scope registry:staff --scope registry:dated --json >demo/staff.json
  step "A registry starts. It has no trunk and no address yet." \
    "trunkline registry serve --port ${registry##*:} >demo/registry.log 2>&1 &"
  running+=($!)
  wait_for "The start of the registry" 30 "httpx $registry/health"
}

fill_registry() {
  local account
  export TRUNKLINE_REGISTRY__API_URL=$registry TRUNKLINE_KEY
  TRUNKLINE_KEY=$(key_in demo/staff.json)
  for account in acme-dental blue-heron cobalt-care; do
    step "The account $account is opened, with the plans that its trunks get." \
      "trunkline registry account $account --metered-plan metered-us --unlimited-plan unlimited-us"
  done
  step "So is delta-werke." \
    "trunkline registry account delta-werke --metered-plan metered-eu"
  for account in acme-dental blue-heron cobalt-care delta-werke; do
    step "Its addresses and trunks are taken over as lists, with the day on which they began." \
      "trunkline trunk import examples/registry/$account/*.json --account $account --since 2026-01-01T06:00:00Z"
  done

  step "Customers get keys of their own." \
    "trunkline key create blue-heron --name fleet --scope calls:manage --scope registry:dated --json >demo/heron.json
  trunkline key create acme-dental --name robot --scope calls:manage --scope registry:dated --json >demo/acme.json"
  TRUNKLINE_KEY=$(key_in demo/heron.json)
  step "A freight company needs ten more channels from the middle of October on." \
    "trunkline trunk update heron-dispatch --channels 30 --since 2026-10-16T05:00:00Z"

  TRUNKLINE_KEY=$(key_in demo/acme.json)
  step "A dentist moves to another floor." \
    "trunkline address update acme-minneapolis --suite 'Floor 4' --since 2026-10-12T05:00:00Z"
  step "And orders one more trunk. Its password is in this answer only." \
    "trunkline trunk create --name 'Emergency line' --channels 2 --address acme-minneapolis --since 2026-10-20T05:00:00Z"
  unset TRUNKLINE_REGISTRY__API_URL TRUNKLINE_KEY
}

key_in() { # the answer to a request for a key
  sed 's/.*"key": *"\([^"]*\)".*/\1/' "$1"
}
