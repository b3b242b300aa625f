"""What the registry answers instead of doing what was asked. The API gives each its status and JSON shape."""

from collections.abc import Mapping


class Refused(Exception):
    """The request breaks a rule. `violations` maps the path of a field to messages that say what was expected."""

    def __init__(self, violations: Mapping[str, list[str]]) -> None:
        self.violations = dict(violations)
        super().__init__("; ".join(f"{path}: {' '.join(texts)}" for path, texts in self.violations.items()))

    @classmethod
    def at(cls, path: str, message: str) -> "Refused":
        """One message about one field."""
        return cls({path: [message]})


class NotFound(Exception):
    """There is no such object in the caller's account, whether or not another account has one."""

    def __init__(self, kind: str, identity: str) -> None:
        self.kind = kind
        self.identity = identity
        super().__init__(f"There is no {kind} {identity!r} in this account. GET of the list shows what there is.")


class Unauthorized(Exception):
    """No key, or one that nobody issued or that was revoked."""


class Forbidden(Exception):
    """The key is good and lacks the scope that this call needs."""

    def __init__(self, needed: tuple[str, ...], granted: tuple[str, ...]) -> None:
        super().__init__(
            f"This key has the scopes {', '.join(granted) or 'none'}; this call needs {' or '.join(needed)}. "
            "Ask for a key with that scope: trunkline key create --scope ..."
        )


class TooManyRequests(Exception):
    """The key has used up its share; `retry_after` whole seconds later it has some again."""

    def __init__(self, retry_after: int, per_minute: int) -> None:
        self.retry_after = retry_after
        super().__init__(f"More than {per_minute} such requests in a minute. Try again after {retry_after} s.")
