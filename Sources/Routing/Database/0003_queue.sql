-- What is known of conversations, from their events: queues, who carries what, and what must be decided.

create table conversation (
    tenant_id uuid not null,
    conversation_id uuid not null,
    -- The etag's number: an older row never replaces a newer one.
    version bigint not null,
    state text not null,
    state_reason text not null default '',
    state_time timestamptz not null,
    department_id uuid,
    assignee_id uuid,
    last_assignee_id uuid,
    contact_id uuid,
    pool text not null constraint conversation_pool_is_known check (pool in ('chat', 'email')),
    is_webchat boolean not null,
    priority smallint not null constraint conversation_priority_is_known check (priority between 1 and 4),
    labels text[] not null,
    arrival_time timestamptz not null,
    -- Since when it has stood in its queue.
    queue_time timestamptz,
    waiting_on_agent boolean not null,
    waiting_since_time timestamptz,
    reply_window_expire_time timestamptz,
    -- The last offer that came to nothing (C14).
    lapsed_agent_id uuid,
    lapsed_time timestamptz,
    primary key (tenant_id, conversation_id),
    constraint conversation_lapsed_offer_is_whole check ((lapsed_agent_id is null) = (lapsed_time is null))
);

create index conversation_by_department on conversation (tenant_id, department_id, state, arrival_time, conversation_id);
create index conversation_by_assignee on conversation (tenant_id, assignee_id) where assignee_id is not null;

alter table conversation enable row level security;
alter table conversation force row level security;
create policy conversation_of_tenant on conversation
    using (tenant_id = nullif(current_setting('switchboard.tenant_id', true), '')::uuid);

-- How often a department's queue was to be looked at, and up to which of these it was: ids and numbers only.
-- What belongs to no department has the nil id.
create table dispatch (
    tenant_id uuid not null,
    department_id uuid not null,
    wanted bigint not null default 0,
    served bigint not null default 0,
    primary key (tenant_id, department_id)
);
