-- The people who talk with a tenant, their addresses, and what happened with them.

create table contact (
    tenant_id uuid not null,
    contact_id uuid not null,
    state text not null default 'active'
        constraint contact_state_is_known check (state in ('active', 'merged', 'erased')),
    display_name text not null default ''
        constraint contact_display_name_is_short check (char_length(display_name) <= 200),
    -- An agent of the tenant. Agents live in another service: there is nothing here to refer to.
    owner_id uuid,
    locale text not null default '',
    time_zone text not null default '',
    note text not null default '',
    attributes jsonb not null default '{}'
        constraint contact_attributes_are_an_object check (jsonb_typeof(attributes) = 'object'),
    block_reason text,
    block_spam boolean,
    blocked_by text,
    block_time timestamptz,
    merged_into_id uuid,
    last_activity_time timestamptz,
    create_time timestamptz not null,
    update_time timestamptz not null,
    -- Counts the changes of the row and of its identities: the etag.
    version bigint not null default 1,
    primary key (tenant_id, contact_id),
    constraint contact_merges_into_a_contact
        foreign key (tenant_id, merged_into_id) references contact (tenant_id, contact_id),
    constraint contact_is_merged_into_another check ((state = 'merged') = (merged_into_id is not null)),
    constraint contact_block_is_whole check (num_nulls(block_reason, block_spam, blocked_by, block_time) in (0, 4))
);

-- One index for each order of ListContacts; the expressions are those of ContactStore+List.swift.
create index contact_by_create_time on contact (tenant_id, create_time, contact_id);
create index contact_by_update_time on contact (tenant_id, update_time, contact_id);
create index contact_by_name
    on contact (tenant_id, (display_name = ''), lower(display_name collate "und-x-icu"), contact_id);
create index contact_by_activity
    on contact (tenant_id, coalesce(last_activity_time, '-infinity'::timestamptz), contact_id);
create index contact_by_owner on contact (tenant_id, owner_id) where owner_id is not null;

create table contact_identity (
    tenant_id uuid not null,
    identity_id uuid not null,
    contact_id uuid not null,
    kind text not null
        constraint identity_kind_is_known check (
            kind in ('phone', 'email', 'whatsapp', 'facebook', 'instagram', 'webchat', 'customer', 'other')
        ),
    scope text not null default '',
    address text not null,
    -- The form in which addresses are compared (ChannelAddress.swift).
    match_key text not null,
    profile_name text not null default '',
    username text not null default '',
    verified boolean not null default false,
    source text not null
        constraint identity_source_is_known check (source in ('channel', 'agent', 'customer', 'import', 'integration')),
    block_reason text,
    block_spam boolean,
    blocked_by text,
    block_time timestamptz,
    create_time timestamptz not null,
    primary key (tenant_id, identity_id),
    -- The address comes first: a filter knows it without kind and scope.
    constraint identity_address_is_unique unique (tenant_id, address, kind, scope),
    constraint identity_belongs_to_a_contact
        foreign key (tenant_id, contact_id) references contact (tenant_id, contact_id),
    constraint identity_block_is_whole check (num_nulls(block_reason, block_spam, blocked_by, block_time) in (0, 4))
);

create index identity_by_contact on contact_identity (tenant_id, contact_id, identity_id);
create index identity_by_match_key on contact_identity (tenant_id, match_key);

-- Who has an address, in the form in which addresses are compared. Whoever inserts the key first creates the contact; all
-- others find it. An address written in two ways has two identities and one key.
create table match_key (
    tenant_id uuid not null,
    match_key text not null,
    contact_id uuid not null,
    primary key (tenant_id, match_key),
    constraint match_key_leads_to_a_contact
        foreign key (tenant_id, contact_id) references contact (tenant_id, contact_id)
);

create index match_key_by_contact on match_key (tenant_id, contact_id);

create table timeline_entry (
    tenant_id uuid not null,
    timeline_entry_id uuid not null,
    contact_id uuid not null,
    kind text not null
        constraint timeline_kind_is_known check (
            kind in ('conversation_opened', 'conversation_closed', 'contact_created', 'contact_updated', 'identity_changed')
        ),
    occur_time timestamptz not null,
    actor text not null,
    conversation_id uuid,
    channel text,
    department_id uuid,
    assignee_id uuid,
    close_reason text,
    outcome text,
    changed_paths text[] not null default '{}',
    related_id uuid,
    primary key (tenant_id, timeline_entry_id),
    constraint timeline_belongs_to_a_contact
        foreign key (tenant_id, contact_id) references contact (tenant_id, contact_id),
    -- A conversation opens once and closes once. The consumer's cursor sees to that; after a restore of conversations the
    -- consumer starts over, and this sees to it then.
    constraint timeline_conversation_is_told_once unique (tenant_id, conversation_id, kind)
);

create index timeline_newest_first on timeline_entry (tenant_id, contact_id, occur_time, timeline_entry_id);

-- The second fence: a query that forgets its tenant finds nothing. FORCE holds the owner to it, too.
alter table contact enable row level security;
alter table contact force row level security;
create policy contact_of_tenant on contact
    using (tenant_id = nullif(current_setting('switchboard.tenant_id', true), '')::uuid);

alter table contact_identity enable row level security;
alter table contact_identity force row level security;
create policy contact_identity_of_tenant on contact_identity
    using (tenant_id = nullif(current_setting('switchboard.tenant_id', true), '')::uuid);

alter table match_key enable row level security;
alter table match_key force row level security;
create policy match_key_of_tenant on match_key
    using (tenant_id = nullif(current_setting('switchboard.tenant_id', true), '')::uuid);

alter table timeline_entry enable row level security;
alter table timeline_entry force row level security;
create policy timeline_entry_of_tenant on timeline_entry
    using (tenant_id = nullif(current_setting('switchboard.tenant_id', true), '')::uuid);
