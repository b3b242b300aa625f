"""What a change does: check the rules, write the rows with their history, the audit entry and the outbox, at once."""
