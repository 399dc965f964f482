-- Who set or forced what, when and for whom. The migrator sets the service's schema as search_path.

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

alter table audit_entry enable row level security;
alter table audit_entry force row level security;
create policy audit_entry_of_tenant on audit_entry
    using (tenant_id = nullif(current_setting('switchboard.tenant_id', true), '')::uuid);
