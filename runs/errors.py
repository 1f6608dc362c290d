"""What can go wrong around runs. Each message is one sentence for the person who reads it."""


class StoreError(RuntimeError):
    """The store cannot be opened or read, or has no such run."""


class LostStoreError(StoreError):
    """The database is gone or is none any more, and its runs are left: a new one needs consent."""


class NotThereError(StoreError, ValueError):
    """There is no run of this id, or no checkpoint of this step."""


class DamagedError(ValueError):
    """A run has been trained for a while, and none of its checkpoints can be read."""


class QuotaError(ValueError):
    """No more is taken now: of one person, from one address, or in total."""


class NotAllowedError(ValueError):
    """Others watch this run, so one who did not start it may not stop it."""


class SettingsError(StoreError):
    """An environment variable of Glassbox has a value that cannot be used."""
