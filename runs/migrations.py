"""How the tables of the store came to be what they are: one change after another, never one taken back."""

import sqlite3
from collections.abc import Callable

Migration = str | Callable[[sqlite3.Connection], None]


def move_own_texts(database: sqlite3.Connection) -> None:
    """Take people's own texts out of the recipes, which held one each."""
    from runs.own_texts import move_texts  # needs torch, and only an old store needs this

    move_texts(database)


MIGRATIONS = (  # version n + 1 is made from version n; only ever append
    """
    CREATE TABLE runs (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,  -- the order of starting; clocks may jump
        id TEXT NOT NULL UNIQUE,                -- 128 random bits: who knows it may look
        key TEXT NOT NULL,                      -- the content of the recipe
        owner TEXT NOT NULL,                    -- who started it first
        recipe TEXT NOT NULL,                   -- JSON
        steps INTEGER NOT NULL,
        step INTEGER NOT NULL DEFAULT 0,        -- updates done
        state TEXT NOT NULL DEFAULT 'queued',
        wanted TEXT,                            -- 'stop' or 'pause', until the worker has seen it
        reason TEXT NOT NULL DEFAULT '',
        deaths INTEGER NOT NULL DEFAULT 0,      -- workers that died over it
        created REAL NOT NULL                   -- seconds since 1970, for people to read
    );
    CREATE INDEX runs_by_state ON runs (state);
    CREATE INDEX runs_by_key ON runs (key);
    CREATE TABLE starts (                       -- who asked for a run, and with which click
        run_id TEXT NOT NULL REFERENCES runs (id),
        owner TEXT NOT NULL,
        click TEXT,
        UNIQUE (owner, click)
    );
    CREATE INDEX starts_by_run ON starts (run_id);
    CREATE TABLE train_events (
        run_id TEXT NOT NULL, step INTEGER NOT NULL, tokens_seen INTEGER NOT NULL,
        loss REAL, grad_norm REAL, learning_rate REAL, PRIMARY KEY (run_id, step)
    ) WITHOUT ROWID;
    CREATE TABLE eval_events (
        run_id TEXT NOT NULL, step INTEGER NOT NULL, train_loss REAL, val_loss REAL,
        sample TEXT NOT NULL, seconds REAL NOT NULL, PRIMARY KEY (run_id, step)
    ) WITHOUT ROWID;
    """,
    """
    ALTER TABLE runs ADD COLUMN life INTEGER NOT NULL DEFAULT 0;    -- how often it was reset to step 0
    ALTER TABLE runs ADD COLUMN new_rate REAL;                      -- wanted, until the worker has seen it
    ALTER TABLE runs ADD COLUMN parent TEXT;                        -- the run that it branched off from
    ALTER TABLE runs ADD COLUMN pruned INTEGER NOT NULL DEFAULT 0;  -- its checkpoints made room for others
    ALTER TABLE runs ADD COLUMN shared INTEGER NOT NULL DEFAULT 0;  -- the whole class sees it in the list
    ALTER TABLE runs ADD COLUMN estimate REAL NOT NULL DEFAULT 0;   -- seconds that it should take
    CREATE TABLE shelf (                        -- what a person made of a run in their list
        run_id TEXT NOT NULL, owner TEXT NOT NULL,
        name TEXT NOT NULL DEFAULT '', pinned INTEGER NOT NULL DEFAULT 0,
        deleted REAL,                           -- when, in seconds since 1970; NULL: it is there
        PRIMARY KEY (run_id, owner)
    ) WITHOUT ROWID;
    CREATE TABLE step_reports (
        run_id TEXT NOT NULL, step INTEGER NOT NULL, report TEXT NOT NULL, PRIMARY KEY (run_id, step)
    ) WITHOUT ROWID;
    """,
    """
    ALTER TABLE runs ADD COLUMN turn INTEGER NOT NULL DEFAULT 0;    -- its round of the queue
    """,
    """
    CREATE TABLE secret (value TEXT NOT NULL);  -- this server's, so that nobody can compute a model's id
    INSERT INTO secret VALUES (lower(hex(randomblob(32))));
    CREATE TABLE models (                       -- weights that were brought from elsewhere
        id TEXT PRIMARY KEY,
        bytes INTEGER NOT NULL,
        opened REAL NOT NULL                    -- when, in seconds since 1970
    ) WITHOUT ROWID;
    CREATE TABLE brought (                      -- who brought them, and what that person calls them
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        model_id TEXT NOT NULL, owner TEXT NOT NULL, name TEXT NOT NULL, UNIQUE (model_id, owner)
    );
    """,
    """
    ALTER TABLE eval_events ADD COLUMN scores TEXT NOT NULL DEFAULT '{}';  -- JSON, of a fine-tuning
    """,
    """
    CREATE TABLE far_workers (                  -- who is at a run on another machine
        run_id TEXT PRIMARY KEY,
        attempt TEXT NOT NULL,                  -- tells this worker from those before it
        handle TEXT NOT NULL DEFAULT '',        -- its name in Slurm or Dask
        heard INTEGER NOT NULL DEFAULT 0        -- bytes of its report that are in the tables above
    ) WITHOUT ROWID;
    """,
    """
    ALTER TABLE runs ADD COLUMN saved_at_death INTEGER NOT NULL DEFAULT -1;  -- step of the checkpoint then
    """,
    """
    ALTER TABLE runs ADD COLUMN address TEXT NOT NULL DEFAULT '';   -- where it was started, as a keyed hash
    CREATE TABLE texts (sha256 TEXT PRIMARY KEY, content BLOB NOT NULL);  -- people's own, each once
    CREATE TABLE run_texts (                    -- which runs were started with them
        run_id TEXT NOT NULL, sha256 TEXT NOT NULL, PRIMARY KEY (run_id, sha256)
    ) WITHOUT ROWID;
    CREATE INDEX run_texts_by_text ON run_texts (sha256);
    """,
    move_own_texts,
)


def change(database: sqlite3.Connection, migration: Migration, version: int) -> None:
    """Make one change and note the version, both or neither."""
    if isinstance(migration, str):
        database.executescript(f"BEGIN IMMEDIATE; {migration} PRAGMA user_version = {version}; COMMIT;")
        return
    database.execute("BEGIN IMMEDIATE")
    try:
        migration(database)
        database.execute(f"PRAGMA user_version = {version}")
    except BaseException:
        database.execute("ROLLBACK")
        raise
    database.execute("COMMIT")
