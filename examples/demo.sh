#!/usr/bin/env bash
# A month of five SBCs, from trunks that are made over an API to invoices, in the very commands that you would type.
# `make demo` installs Trunkline and runs this from the root of the project; everything lands under demo/.
set -euo pipefail
export TRUNKLINE_CONFIG=examples/demo.yaml
source examples/steps.sh
source examples/registry.sh

rm -rf demo

start_registry
fill_registry

step "Five SBCs write a day of calls on these trunks, in five formats, with duplicates and broken records." \
  "trunkline simulate --profile ${DEMO_PROFILE:-demo} --seed 2026 --truth demo/truth.parquet"

step "The worker reads the spool, prices each call and commits it to the ledger." \
  "trunkline worker --spool --once"

step "The customer reads its calls over the API, with what they cost." \
  "httpx '$registry/calls/1/calls/history?size=1&status=FINISHED' -h Authorization \"App \$(key_in demo/acme.json)\""

ask_and_close
