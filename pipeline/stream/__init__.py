"""CDRs through Apache Kafka: a Faust app that carries batches between mediation, rating and the ledger."""
