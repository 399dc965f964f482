-- What falls due for conversations by itself, what decides when, and what users are told.

-- When the conversation came into the state it is in.
alter table conversation add column state_time timestamptz;
-- When a resume that nobody answered expires again.
alter table conversation add column resume_expire_time timestamptz;

-- One row per conversation and kind: due at a product time, taken by a lease, written with the change that calls for it.
-- No row-level security, as with jobs: workers look across tenants, and ids, kinds and times are all it holds.
create table timer (
    tenant_id uuid not null,
    conversation_id uuid not null,
    kind text not null
        constraint timer_kind_is_known
        check (kind in ('window', 'auto_close', 'resume_unanswered', 'remind', 'inactive_notice', 'inactive',
                        'expired_too_long')),
    -- Product time.
    due_time timestamptz not null,
    -- Machine time: until then a process works on it.
    lease_until timestamptz not null default '-infinity',
    -- The fencing token: grows with every lease and every change, so that an older one ends nothing.
    token bigint not null default 0,
    constraint timer_key primary key (tenant_id, conversation_id, kind)
);

create index timer_by_due on timer (due_time);

-- When conversations close by themselves. The row without a department holds for those departments that have none.
create table closing_rule (
    tenant_id uuid not null,
    department_id uuid,
    channel text not null
        constraint closing_rule_channel_is_known
        check (channel in ('whatsapp', 'facebook', 'instagram', 'webchat', 'email')),
    version bigint not null default 1,
    -- Null: never.
    inactive_after_seconds bigint,
    notice_text text not null default '',
    notice_before_seconds bigint
        constraint closing_rule_notice_has_a_text check ((notice_before_seconds is null) = (notice_text = '')),
    -- Null: never.
    close_expired_after_seconds bigint,
    update_time timestamptz not null,
    constraint closing_rule_key unique nulls not distinct (tenant_id, department_id, channel)
);

alter table closing_rule enable row level security;
alter table closing_rule force row level security;
create policy closing_rule_of_tenant on closing_rule
    using (tenant_id = nullif(current_setting('switchboard.tenant_id', true), '')::uuid);

-- What one user is told, kept until he has seen it. Ids are in the order of time.
create table notification (
    tenant_id uuid not null,
    agent_id uuid not null,
    notification_id uuid not null,
    kind text not null,
    conversation_id uuid not null,
    message_id uuid,
    create_time timestamptz not null,
    read boolean not null default false,
    constraint notification_key primary key (tenant_id, agent_id, notification_id)
);

create index notification_unread on notification (tenant_id, agent_id, notification_id) where not read;

alter table notification enable row level security;
alter table notification force row level security;
create policy notification_of_tenant on notification
    using (tenant_id = nullif(current_setting('switchboard.tenant_id', true), '')::uuid);

-- The new attempt of a message that failed.
alter table message add column retried_as uuid;
