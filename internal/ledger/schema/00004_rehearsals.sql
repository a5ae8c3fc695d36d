-- Bounces are not of rehearsals, which may have taken the place of the real thing.
-- Where there are any, the tables are filled again when bounces are read.

-- +goose Up

DELETE FROM sent_messages WHERE recipient >> 32 IN (SELECT id FROM campaigns WHERE via_name IN ('sink', 'maildir'));

DELETE FROM sent_addresses WHERE recipient >> 32 IN (SELECT id FROM campaigns WHERE via_name IN ('sink', 'maildir'));

UPDATE sent_until SET attempt = 0 WHERE EXISTS (SELECT 1 FROM campaigns WHERE via_name IN ('sink', 'maildir'));
