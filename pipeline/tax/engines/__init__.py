"""Engines that compute tax: the local one, and adapters for two vendors' engines.

All take the same request and give the same result, so that the close does not know which one it asks. Adapters hold the
shapes of requests and responses only; who carries the bytes is an argument.
"""
