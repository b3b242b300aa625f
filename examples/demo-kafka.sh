#!/usr/bin/env bash
# The same trunks and the same day of calls through Apache Kafka and two workers. `make demo-kafka` runs this from the root of the project.
# Needs Java 17 and Maven for a broker of its own, or the address of one in KAFKA_BOOTSTRAP_SERVERS.
set -euo pipefail
export TRUNKLINE_CONFIG=examples/demo.yaml
export TRUNKLINE_KAFKA__BOOTSTRAP_SERVERS=${KAFKA_BOOTSTRAP_SERVERS:-127.0.0.1:29092}
export TRUNKLINE_KAFKA__TOPIC_PREFIX=demo-$$- TRUNKLINE_KAFKA__GROUP=demo-$$
source examples/steps.sh
source examples/registry.sh

rm -rf demo && mkdir demo

if [ -z "${KAFKA_BOOTSTRAP_SERVERS:-}" ]; then
  for program in java mvn; do
    if ! command -v "$program" >/dev/null; then
      echo "demo-kafka needs Java 17 (java) and Maven (mvn), and $program is missing. Install it, or name the address of" \
        "a broker in KAFKA_BOOTSTRAP_SERVERS. Without either, 'make demo' shows the same from a folder of files." >&2
      exit 2
    fi
  done
  step "Apache Kafka starts." "python -m tests.kafka_broker --port 29092 >demo/kafka.log 2>&1 &"
  running+=($!)
  wait_for "The start of Kafka" 120 "grep -q listens demo/kafka.log"
fi

step "One raw topic for each SBC, and the topic between the two stages." \
  "trunkline topics create"

start_registry
fill_registry
step "What the registry knows goes to its compacted topics." \
  "trunkline registry publish --once"

export TRUNKLINE_REGISTRY__PUBLISH=true
step "Two workers share the partitions; the trunks come to them over Kafka." \
  "trunkline worker >demo/worker-1.log 2>&1 & running+=(\$!); trunkline worker >demo/worker-2.log 2>&1 & running+=(\$!)"

step "Five SBCs send a day of calls." \
  "trunkline simulate --profile ${DEMO_PROFILE:-demo} --seed 2026 --truth demo/truth.parquet --kafka --json | tee demo/sent.json"

sent=$(sed 's/.*"records": *\([0-9]*\).*/\1/' demo/sent.json)
rows_are_there() {
  [ "$(trunkline sql --csv 'SELECT count(*) FROM ledger' | tail -n 1 | tr -d '\r')" = "$sent" ]
}
wait_for "Row number $sent" 150 rows_are_there

ask_and_close
