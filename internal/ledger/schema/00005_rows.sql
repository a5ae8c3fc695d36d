-- How the rows of a campaign were chosen from its list. Of campaigns that were begun
-- before, that is in the digest of the list alone.

-- +goose Up

ALTER TABLE campaigns ADD COLUMN rows_name TEXT NOT NULL DEFAULT '';

ALTER TABLE campaigns ADD COLUMN rows_digest TEXT NOT NULL DEFAULT '';
