-- What bounces are matched by. Both tables are brought up to date when bounces
-- are read, so that sending does not pay for them.

-- +goose Up

-- The recipient each message was for. A Message-ID is a function of campaign and
-- recipient.
CREATE TABLE sent_messages (
  message_id TEXT    PRIMARY KEY, -- with angle brackets
  recipient  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The last recipient with each address somebody tried to send to.
CREATE TABLE sent_addresses (
  address   TEXT    PRIMARY KEY, -- in lower case, as far as it is ASCII
  recipient INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The last attempt the tables know of; one row.
CREATE TABLE sent_until (
  attempt INTEGER NOT NULL
) STRICT;

INSERT INTO sent_until (attempt) VALUES (0);
