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
  wait_for "The start of the registry" 30 "curl -fs $registry/health"
}

fill_registry() {
  local account
  as_staff=(-fsS -w '\n' -H "Authorization: App $(key_in demo/staff.json)" -H 'Content-Type: application/json')
  for account in acme-dental blue-heron cobalt-care; do
    step "The account $account is opened, with the plans that its trunks get." \
      "curl \"\${as_staff[@]}\" -X PUT $registry/staff/1/accounts/$account -d '{\"meteredPlan\": \"metered-us\", \"unlimitedPlan\": \"unlimited-us\"}'"
  done
  step "So is delta-werke." \
    "curl \"\${as_staff[@]}\" -X PUT $registry/staff/1/accounts/delta-werke -d '{\"meteredPlan\": \"metered-eu\"}'"

  export TRUNKLINE_REGISTRY__API_URL=$registry TRUNKLINE_KEY
  TRUNKLINE_KEY=$(key_in demo/staff.json)
  for account in acme-dental blue-heron cobalt-care delta-werke; do
    step "Its addresses and trunks are taken over as lists, with the day on which they began." \
      "trunkline trunk import examples/registry/$account/*.json --account $account --since 2026-01-01T06:00:00Z"
  done

  local scopes='["calls:manage", "registry:dated"]'
  step "Customers get keys of their own." \
    "curl \"\${as_staff[@]}\" $registry/staff/1/accounts/blue-heron/keys -d '{\"name\": \"fleet\", \"scopes\": $scopes}' >demo/heron.json
  curl \"\${as_staff[@]}\" $registry/staff/1/accounts/acme-dental/keys -d '{\"name\": \"robot\", \"scopes\": $scopes}' >demo/acme.json"
  TRUNKLINE_KEY=$(key_in demo/heron.json)
  step "A freight company needs ten more channels from the middle of October on." \
    "trunkline trunk update heron-dispatch --channels 30 --since 2026-10-16T05:00:00Z"

  as_acme=(-fsS -w '\n' -H "Authorization: App $(key_in demo/acme.json)" -H 'Content-Type: application/json')
  step "A dentist moves to another floor." \
    "curl \"\${as_acme[@]}\" -X PUT $registry/calls/1/sip-trunks/service-addresses/acme-minneapolis \\
    -H 'X-Effective-From: 2026-10-12T05:00:00Z' -d '{\"name\": \"Minneapolis practice\", \"street\": \"200 Example Avenue\",
    \"suite\": \"Floor 4\", \"city\": \"Minneapolis\", \"postCode\": \"55401\", \"countryCode\": \"USA\", \"countryRegionCode\": \"US-MN\"}'"
  step "And orders one more trunk. Its password is in this answer only." \
    "curl \"\${as_acme[@]}\" $registry/calls/1/sip-trunks -H 'X-Effective-From: 2026-10-20T05:00:00Z' -d '{\"type\": \"REGISTERED\",
    \"name\": \"Emergency line\", \"channelLimit\": 2, \"billingPackage\": {\"packageType\": \"METERED\", \"addressId\": \"acme-minneapolis\"}}'"
  unset TRUNKLINE_REGISTRY__API_URL TRUNKLINE_KEY
}

key_in() { # the answer to a request for a key
  sed 's/.*"key": *"\([^"]*\)".*/\1/' "$1"
}
