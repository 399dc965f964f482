-- A template was sent, and its reply is awaited: how long, and which message's acceptance starts the clock.
alter table conversation add column awaited_message_id uuid;
-- Null: no time was given, and a resume that nobody answers expires again.
alter table conversation add column await_seconds bigint;
-- The template resumed an expired conversation; should it fail, it expires again.
alter table conversation add column await_resumed boolean not null default false;
