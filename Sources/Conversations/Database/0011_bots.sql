-- Bots answer first where an account has one, and give to people what they cannot do (C44).

alter table channel_account
    -- The subject of the bot's tokens.
    add column bot_id uuid,
    -- Where the bot's conversations go when it hands them off, and by which method; null and empty: as if no bot had been there.
    add column bot_department_id uuid,
    add column bot_method text not null default ''
        constraint channel_account_bot_method_is_known
        check (bot_method in ('', 'manual', 'owner', 'least_busy', 'random'));

alter table conversation
    -- By which method a bot had it distributed; empty: as its department does (C6).
    add column route_method text not null default ''
        constraint conversation_route_method_is_known
        check (route_method in ('', 'manual', 'owner', 'least_busy', 'random')),
    -- Since when its customer waits for the bot's answer.
    add column bot_awaited_time timestamptz;

create index conversation_automated on conversation (tenant_id, channel_account_id, conversation_id)
    where state = 'automated';

-- How long a bot may take to answer.
alter table department add column bot_timeout_milliseconds bigint not null default 60000;

-- Whether a bot is connected, as routing last told; one that has never been has no row.
create table bot (
    tenant_id uuid not null,
    bot_id uuid not null,
    -- The tenant's when this row was last written.
    revision bigint not null,
    offline boolean not null,
    constraint bot_key primary key (tenant_id, bot_id)
);

create index bot_by_revision on bot (tenant_id, revision);

alter table bot enable row level security;
alter table bot force row level security;
create policy bot_of_tenant on bot
    using (tenant_id = nullif(current_setting('switchboard.tenant_id', true), '')::uuid);

alter table timer drop constraint timer_kind_is_known;
alter table timer
    add constraint timer_kind_is_known
    check (kind in ('window', 'auto_close', 'resume_unanswered', 'remind', 'inactive_notice', 'inactive', 'expired_too_long',
                    'bot_timeout'));
