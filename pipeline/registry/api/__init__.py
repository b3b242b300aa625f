"""The registry over HTTP, in the published shapes: one module of thin endpoints for each part of the API."""
