-- The verified user an anonymous visitor turned out to be, who is another visitor already.
alter table visitor add column joined_user_id text not null default '';
