#!/usr/bin/env bash
# A day of calls from five SBCs, from bytes to an invoice, in the very commands that you would type.
# `make demo` installs Trunkline and runs this from the root of the project; everything lands under demo/.
set -euo pipefail
export TRUNKLINE_CONFIG=examples/demo.yaml
source examples/steps.sh

rm -rf demo

step "Five SBCs write a day of calls, in five formats, with duplicates and broken records." \
  "trunkline simulate --profile ${DEMO_PROFILE:-demo} --seed 2026 --truth demo/truth.parquet"

step "The worker reads the spool, prices each call and commits it to the ledger." \
  "trunkline worker --spool --once"

ask_and_close
