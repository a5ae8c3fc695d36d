-- Changes in the pace of destinations, in the order in which they happened.

-- +goose Up

CREATE TABLE paces (
  id          INTEGER PRIMARY KEY,
  campaign    INTEGER NOT NULL,
  time        INTEGER NOT NULL,
  kind        TEXT    NOT NULL, -- waiting, slower, …
  destination TEXT    NOT NULL,
  until       INTEGER,          -- when mail goes on
  connections INTEGER NOT NULL, -- 0 when it is not about them
  rate        REAL    NOT NULL, -- messages a second
  messages    INTEGER NOT NULL, -- over one connection
  reaction    TEXT    NOT NULL,
  cause       TEXT    NOT NULL
) STRICT;

CREATE INDEX paces_by_campaign ON paces (campaign, id);
