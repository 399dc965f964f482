-- What reports count, written with the change itself, in its transaction; and who set what, apart from histories and logs (P7).

-- Of the conversation that it was made for, as conversations name it; empty: none.
alter table ticket add column channel text not null default '';

create table report_sample (
    tenant_id uuid not null,
    measure text not null
        constraint sample_measure_is_known check (
            measure in ('volume', 'resolution', 'first_response_sla', 'next_response_sla', 'resolution_sla')
        ),
    -- Of what ran out, the moment that was due.
    sample_time timestamptz not null,
    ticket_id uuid not null,
    -- The line of the ticket's history that tells of it.
    history_number integer not null,
    department_id uuid,
    agent_id uuid,
    -- Null where nothing was promised.
    is_attained boolean,
    -- Null where only the number counts.
    microseconds bigint,
    constraint report_sample_key primary key (tenant_id, measure, sample_time, ticket_id, history_number)
);

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

alter table report_sample enable row level security;
alter table report_sample force row level security;
create policy report_sample_of_tenant on report_sample
    using (tenant_id = nullif(current_setting('switchboard.tenant_id', true), '')::uuid);
alter table audit_entry enable row level security;
alter table audit_entry force row level security;
create policy audit_entry_of_tenant on audit_entry
    using (tenant_id = nullif(current_setting('switchboard.tenant_id', true), '')::uuid);
