"""What travels as JSON, in the published shapes that the official client sends and parses."""
