-- Objects of the tenant's business attached to contacts, and the lines that timelines tell of what else happens to them.

create table linked_object (
    tenant_id uuid not null,
    linked_object_id uuid not null,
    contact_id uuid not null,
    kind text not null
        constraint linked_object_kind_is_known check (kind in ('deal', 'company', 'task')),
    title text not null,
    stage text not null default '',
    -- A decimal, exactly as it was given.
    currency text,
    amount text,
    due_time timestamptz,
    complete_time timestamptz,
    assignee_id uuid,
    external_system text not null default '',
    external_id text not null default '',
    url text not null default '',
    conversation_id uuid,
    created_by text not null,
    create_time timestamptz not null,
    update_time timestamptz not null,
    version bigint not null default 1,
    primary key (tenant_id, linked_object_id),
    constraint linked_object_is_attached_to_a_contact
        foreign key (tenant_id, contact_id) references contact (tenant_id, contact_id),
    constraint linked_object_amount_is_whole check ((currency is null) = (amount is null))
);

create index linked_object_newest_first on linked_object (tenant_id, contact_id, create_time, linked_object_id);

alter table linked_object enable row level security;
alter table linked_object force row level security;
create policy linked_object_of_tenant on linked_object
    using (tenant_id = nullif(current_setting('switchboard.tenant_id', true), '')::uuid);

alter table timeline_entry
    -- "attached", "blocked" ... where the kind leaves open what was done.
    add column action text,
    drop constraint timeline_kind_is_known,
    add constraint timeline_kind_is_known check (
        kind in (
            'conversation_opened', 'conversation_closed', 'contact_created', 'contact_updated', 'identity_changed',
            'linked_object_changed', 'merge_changed', 'consent_recorded', 'block_changed'
        )
    );
