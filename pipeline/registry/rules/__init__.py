"""What a request must satisfy: pure checks of values, without a database. A broken rule raises Refused."""
