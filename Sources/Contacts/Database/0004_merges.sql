-- Contacts that became one, each kept so that it can be undone exactly, and statements of consent.

create table merge (
    tenant_id uuid not null,
    merge_id uuid not null,
    surviving_contact_id uuid not null,
    merged_contact_id uuid not null,
    -- The survivor's version after the merge: later merges of one survivor have greater ones, whatever the clock says.
    survivor_version bigint not null,
    -- The identities that moved.
    identity_ids uuid[] not null,
    -- The survivor's fields after the merge: what differs from them at the undoing was written meanwhile.
    merged_fields jsonb not null,
    -- What each side said (FieldProvenance, MergeRule.swift).
    provenance jsonb not null,
    -- Both contacts as they were before, the survivor first, as the contract writes them.
    originals bytea[] not null,
    merged_by text not null,
    merge_time timestamptz not null,
    unmerged_by text not null default '',
    unmerge_time timestamptz,
    version bigint not null default 1,
    primary key (tenant_id, merge_id),
    constraint merge_is_of_two_contacts check (surviving_contact_id <> merged_contact_id),
    constraint merge_has_a_survivor
        foreign key (tenant_id, surviving_contact_id) references contact (tenant_id, contact_id),
    constraint merge_has_a_merged_contact
        foreign key (tenant_id, merged_contact_id) references contact (tenant_id, contact_id)
);

-- A contact is merged into one other at a time.
create unique index merge_stands_once on merge (tenant_id, merged_contact_id) where unmerge_time is null;
create index merge_by_survivor on merge (tenant_id, surviving_contact_id, merge_time, merge_id);
create index merge_by_merged_contact on merge (tenant_id, merged_contact_id, merge_time, merge_id);

-- Those merged into a contact.
create index contact_by_survivor on contact (tenant_id, merged_into_id) where merged_into_id is not null;

-- The address of a conversation's line: it goes with it.
alter table timeline_entry add column identity_id uuid;
create index timeline_by_identity on timeline_entry (tenant_id, identity_id) where identity_id is not null;

create table consent (
    tenant_id uuid not null,
    consent_id uuid not null,
    contact_id uuid not null,
    purpose text not null
        constraint consent_purpose_is_plain check (purpose ~ '^[a-z][a-z0-9_]{0,62}$'),
    -- Empty: every kind of address.
    identity_kind text not null default '',
    state text not null
        constraint consent_state_is_known check (state in ('granted', 'denied', 'withdrawn')),
    source text not null
        constraint consent_source_is_known check (source in ('channel', 'agent', 'customer', 'import', 'integration')),
    evidence text not null default '',
    lawful_basis text not null default '',
    statement_time timestamptz not null,
    expire_time timestamptz,
    recorded_by text not null,
    record_time timestamptz not null,
    primary key (tenant_id, consent_id),
    constraint consent_is_a_contacts
        foreign key (tenant_id, contact_id) references contact (tenant_id, contact_id)
);

create index consent_newest_first on consent (tenant_id, contact_id, statement_time, consent_id);

alter table merge enable row level security;
alter table merge force row level security;
create policy merge_of_tenant on merge
    using (tenant_id = nullif(current_setting('switchboard.tenant_id', true), '')::uuid);

alter table consent enable row level security;
alter table consent force row level security;
create policy consent_of_tenant on consent
    using (tenant_id = nullif(current_setting('switchboard.tenant_id', true), '')::uuid);
