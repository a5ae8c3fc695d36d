-- The ledger's tables. Times are microseconds since 1970 in UTC.

-- +goose Up

-- "mctl": tells the file from any other SQLite database.
PRAGMA application_id = 1835234412;

CREATE TABLE campaigns (
  id               INTEGER PRIMARY KEY,
  name             TEXT    NOT NULL UNIQUE,
  list_name        TEXT    NOT NULL,
  list_digest      TEXT    NOT NULL,
  message_name     TEXT    NOT NULL,
  message_digest   TEXT    NOT NULL,
  sender_name      TEXT    NOT NULL,
  sender_digest    TEXT    NOT NULL,
  via_name         TEXT    NOT NULL,
  via_digest       TEXT    NOT NULL,
  status           TEXT    NOT NULL,            -- loading, ready, sending, paused, finished or cancelled
  reason           TEXT    NOT NULL DEFAULT '', -- why it is paused
  recipients       INTEGER NOT NULL DEFAULT 0,  -- rows taken in; fixed once it is ready
  suppressions_seen INTEGER NOT NULL DEFAULT 0, -- the newest suppression the intake looked at
  created          INTEGER NOT NULL,
  started          INTEGER,                     -- first claim
  ended            INTEGER                      -- finished or cancelled
) STRICT;

-- The queues of a campaign. Their ids are in the order in which they first
-- appear in the list.
CREATE TABLE destinations (
  id       INTEGER PRIMARY KEY,
  campaign INTEGER NOT NULL,
  key      TEXT    NOT NULL,
  cursor   INTEGER NOT NULL DEFAULT 0, -- the last recipient that was claimed for the first time
  UNIQUE (campaign, key)
) STRICT;

-- What was taken in, in list order; written once. The id is the campaign in the
-- upper and the row in the lower 32 bits.
CREATE TABLE recipients (
  id          INTEGER PRIMARY KEY,
  destination INTEGER,          -- the queue it stands in; null when it is never to be sent to
  line        INTEGER NOT NULL, -- in the list's file
  address     TEXT    NOT NULL, -- local part without quotes, "@", domain; empty when the row has none
  data        BLOB
) STRICT;

CREATE INDEX recipients_by_destination ON recipients (destination)
  WHERE destination IS NOT NULL;

-- Who is no longer simply waiting for the first attempt. A recipient without a
-- row here is pending.
CREATE TABLE states (
  id          INTEGER PRIMARY KEY, -- the recipient's
  destination INTEGER,
  state       INTEGER NOT NULL,    -- 1 pending, 2 deferred, 3 claimed again, 4 delivered,
                                   -- 5 bounced, 6 suppressed, 7 skipped, 8 unknown
  attempts    INTEGER NOT NULL DEFAULT 0,
  kind        INTEGER,             -- of the last attempt
  first       INTEGER,             -- when the first attempt ended
  due         INTEGER,             -- when a pending or deferred one may be claimed; below 0 it is a turn
  last        INTEGER,             -- the last attempt
  size        INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX states_due ON states (destination, due)
  WHERE state IN (1, 2);

-- Why rows were skipped.
CREATE TABLE problems (
  id     INTEGER PRIMARY KEY, -- the recipient's
  reason TEXT    NOT NULL,
  text   TEXT    NOT NULL
) STRICT;

-- Everything that was tried, in the order in which it was recorded.
CREATE TABLE attempts (
  id         INTEGER PRIMARY KEY,
  recipient  INTEGER NOT NULL,
  previous   INTEGER,          -- the recipient's attempt before
  number     INTEGER NOT NULL,
  time       INTEGER NOT NULL, -- when it ended
  kind       INTEGER NOT NULL,
  peer       INTEGER NOT NULL,
  size       INTEGER NOT NULL,
  duration   INTEGER NOT NULL, -- in microseconds
  message_id TEXT    NOT NULL,
  reply      TEXT,             -- the lines of the reply's text; null when there is none
  error      TEXT    NOT NULL
) STRICT;

-- How attempts end, each way once.
CREATE TABLE kinds (
  id         INTEGER PRIMARY KEY,
  outcome    TEXT    NOT NULL,
  stage      TEXT    NOT NULL,
  code       INTEGER NOT NULL,
  enhanced   INTEGER NOT NULL, -- 5.1.1 is 5001001; 0 is none
  class      TEXT    NOT NULL,
  reason     TEXT    NOT NULL,
  bounce     TEXT    NOT NULL,
  scope      TEXT    NOT NULL,
  action     TEXT    NOT NULL,
  provider   TEXT    NOT NULL,
  ref        TEXT    NOT NULL,
  confidence REAL    NOT NULL,
  UNIQUE (outcome, stage, code, enhanced, class, reason, bounce, scope, action, provider, ref, confidence)
) STRICT;

-- Who attempts were made to, each once.
CREATE TABLE peers (
  id   INTEGER PRIMARY KEY,
  host TEXT NOT NULL,
  ip   TEXT NOT NULL,
  tls  TEXT NOT NULL,
  UNIQUE (host, ip, tls)
) STRICT;

-- Recipients that a process has taken to send to, and has not settled all of.
CREATE TABLE claims (
  id          INTEGER PRIMARY KEY,
  campaign    INTEGER NOT NULL,
  destination INTEGER NOT NULL,
  boot        TEXT    NOT NULL, -- identity of the machine's boot
  recipients  BLOB    NOT NULL
) STRICT;

-- Recipients whose message is being handed over and has no outcome yet.
CREATE TABLE intents (
  id INTEGER PRIMARY KEY -- the recipient's
) STRICT;

-- Who must never be written to. The key is the address with its local part in
-- lower case, or "@" and a domain.
CREATE TABLE suppressions (
  id      INTEGER PRIMARY KEY AUTOINCREMENT, -- grows with every addition
  key     TEXT    NOT NULL UNIQUE,
  address TEXT    NOT NULL,
  reason  TEXT    NOT NULL,
  source  TEXT    NOT NULL,
  time    INTEGER NOT NULL
) STRICT;
