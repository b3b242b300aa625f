"""Where bytes come from without Kafka: a spool folder that SBCs drop files into, with one sub-folder per source."""
