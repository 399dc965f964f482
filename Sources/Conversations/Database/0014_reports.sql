-- What reports count and what audits look back at: written with the change itself, in its transaction.

alter table conversation
    -- Left out of reports (C53).
    add column spam boolean not null default false,
    -- People's answers to a customer who waited.
    add column answer_count integer not null default 0,
    -- Since when it is open with its assignee.
    add column handle_start_time timestamptz;

-- Null: of before it was kept.
alter table history add column arrival_time timestamptz;

create table report_sample (
    tenant_id uuid not null,
    measure text not null
        constraint sample_measure_is_known check (
            measure in ('volume', 'queue_wait', 'first_response', 'response', 'handle', 'resolution')
        ),
    sample_time timestamptz not null,
    conversation_id uuid not null,
    -- The conversation's, after the change that was the reason: one change takes one sample of each measure at most.
    version bigint not null,
    channel text not null,
    department_id uuid,
    agent_id uuid,
    -- Null where only the number counts.
    microseconds bigint,
    constraint report_sample_key primary key (tenant_id, measure, sample_time, conversation_id, version)
);

-- How long a conversation kept one place in one department's queue, offered or not.
create table queue_stay (
    tenant_id uuid not null,
    conversation_id uuid not null,
    -- The conversation's, after the change that began it.
    version bigint not null,
    department_id uuid,
    arrival_time timestamptz not null,
    enter_time timestamptz not null,
    leave_time timestamptz not null default 'infinity',
    constraint queue_stay_key primary key (tenant_id, conversation_id, version)
);

create index queue_stay_by_leave_time on queue_stay (tenant_id, leave_time, enter_time);

-- Who set or forced what, apart from the histories and the logs (P7).
create table audit_entry (
    tenant_id uuid not null,
    audit_entry_id uuid not null,
    occur_time timestamptz not null,
    -- As in agent:0198c0de-0000-7000-8000-000000000101.
    actor text not null,
    on_behalf_of text not null default '',
    action text not null,
    subject text not null,
    changed_paths text[] not null default '{}',
    constraint audit_entry_key primary key (tenant_id, audit_entry_id)
);

create index audit_entry_by_subject on audit_entry (tenant_id, subject, audit_entry_id);
create index audit_entry_by_actor on audit_entry (tenant_id, actor, audit_entry_id);

-- What is open or waits now is counted, and seen, from here on. The owner is held to row-level security, too, and looks
-- across tenants this once.
alter table conversation no force row level security;
alter table blocked_address no force row level security;

update conversation set handle_start_time = coalesce(state_time, update_time) where state = 'open';

update conversation
set spam = true
from blocked_address
where blocked and blocked_address.spam and blocked_address.tenant_id = conversation.tenant_id
    and blocked_address.channel_account_id = conversation.channel_account_id
    and blocked_address.customer_address = conversation.customer_address;

insert into queue_stay (tenant_id, conversation_id, version, department_id, arrival_time, enter_time)
select tenant_id, conversation_id, version, department_id, arrival_time, coalesce(state_time, update_time)
from conversation
where state in ('queued', 'offered');

alter table conversation force row level security;
alter table blocked_address force row level security;

-- Routing's news are read again from the beginning, for the tenants' zones.
update event_consumer set cursor = null where consumer = 'routing.directory';

alter table report_sample enable row level security;
alter table report_sample force row level security;
create policy report_sample_of_tenant on report_sample
    using (tenant_id = nullif(current_setting('switchboard.tenant_id', true), '')::uuid);
alter table queue_stay enable row level security;
alter table queue_stay force row level security;
create policy queue_stay_of_tenant on queue_stay
    using (tenant_id = nullif(current_setting('switchboard.tenant_id', true), '')::uuid);
alter table audit_entry enable row level security;
alter table audit_entry force row level security;
create policy audit_entry_of_tenant on audit_entry
    using (tenant_id = nullif(current_setting('switchboard.tenant_id', true), '')::uuid);
