-- Tenants, who works for them, by which rules, and who is there.

create table tenant (
    tenant_id uuid primary key,
    display_name text not null
        constraint tenant_display_name_is_short check (char_length(display_name) between 1 and 200),
    state text not null default 'active'
        constraint tenant_state_is_known check (state in ('active', 'suspended')),
    -- Read and written whole; no query looks inside (TenantSettings.swift).
    settings jsonb not null default '{}',
    create_time timestamptz not null,
    update_time timestamptz not null,
    version bigint not null default 1
);

create table department (
    tenant_id uuid not null,
    department_id uuid not null,
    display_name text not null
        constraint department_display_name_is_short check (char_length(display_name) between 1 and 100),
    state text not null default 'active'
        constraint department_state_is_known check (state in ('active', 'archived')),
    -- Read and written whole; no query looks inside (DepartmentRules.swift).
    rules jsonb not null,
    successor_id uuid,
    create_time timestamptz not null,
    update_time timestamptz not null,
    version bigint not null default 1,
    primary key (tenant_id, department_id),
    constraint department_belongs_to_a_tenant foreign key (tenant_id) references tenant (tenant_id),
    constraint department_successor_is_a_department
        foreign key (tenant_id, successor_id) references department (tenant_id, department_id),
    constraint department_is_not_its_successor check (successor_id <> department_id)
);

-- Names of archived ones are free again.
create unique index department_name_is_unique
    on department (tenant_id, lower(display_name collate "und-x-icu")) where state = 'active';

create table agent (
    tenant_id uuid not null,
    agent_id uuid not null,
    display_name text not null
        constraint agent_display_name_is_short check (char_length(display_name) between 1 and 200),
    state text not null default 'active'
        constraint agent_state_is_known check (state in ('active', 'deactivated')),
    roles text[] not null default '{}',
    -- Null: the default.
    chat_limit integer constraint agent_chat_limit_is_sane check (chat_limit between 1 and 100),
    email_limit integer constraint agent_email_limit_is_sane check (email_limit between 1 and 1000),
    skills text[] not null default '{}',
    locale text not null default '',
    time_zone text not null default '',
    availability text not null default 'available'
        constraint agent_availability_is_known check (availability in ('available', 'away', 'offline')),
    status_reason text not null default '',
    status_until timestamptz,
    status_time timestamptz not null,
    -- Null: the system.
    status_by uuid,
    -- Offers let pass in a row.
    missed_offers integer not null default 0,
    last_assigned_time timestamptz,
    create_time timestamptz not null,
    update_time timestamptz not null,
    version bigint not null default 1,
    primary key (tenant_id, agent_id),
    constraint agent_belongs_to_a_tenant foreign key (tenant_id) references tenant (tenant_id),
    constraint agent_only_absences_end check (status_until is null or availability = 'away')
);

create index agent_by_name on agent (tenant_id, lower(display_name collate "und-x-icu"), agent_id);

create table agent_department (
    tenant_id uuid not null,
    agent_id uuid not null,
    department_id uuid not null,
    primary key (tenant_id, agent_id, department_id),
    constraint membership_is_an_agents foreign key (tenant_id, agent_id) references agent (tenant_id, agent_id),
    constraint membership_is_of_a_department
        foreign key (tenant_id, department_id) references department (tenant_id, department_id)
);

create index agent_department_by_department on agent_department (tenant_id, department_id, agent_id);

create table agent_status_change (
    tenant_id uuid not null,
    agent_id uuid not null,
    status_change_id uuid not null,
    availability text not null
        constraint status_change_availability_is_known check (availability in ('available', 'away', 'offline')),
    reason text not null,
    until_time timestamptz,
    change_time timestamptz not null,
    changed_by uuid,
    primary key (tenant_id, agent_id, status_change_id),
    constraint status_change_is_an_agents foreign key (tenant_id, agent_id) references agent (tenant_id, agent_id)
);

create table role (
    tenant_id uuid not null,
    name text not null constraint role_name_is_a_word check (name ~ '^[a-z0-9][a-z0-9_-]{0,39}$'),
    display_name text not null default '',
    permissions text[] not null default '{}',
    create_time timestamptz not null,
    update_time timestamptz not null,
    version bigint not null default 1,
    primary key (tenant_id, name),
    constraint role_belongs_to_a_tenant foreign key (tenant_id) references tenant (tenant_id)
);

create table api_key (
    tenant_id uuid not null,
    api_key_id uuid not null,
    display_name text not null
        constraint api_key_display_name_is_short check (char_length(display_name) between 1 and 100),
    permissions text[] not null,
    -- SHA-256 of the secret, which is 32 random bytes: nothing that could be guessed from it.
    secret_hash bytea not null constraint api_key_secret_hash_is_sha256 check (octet_length(secret_hash) = 32),
    expire_time timestamptz,
    last_use_time timestamptz,
    create_time timestamptz not null,
    created_by text not null,
    revoke_time timestamptz,
    version bigint not null default 1,
    primary key (tenant_id, api_key_id),
    constraint api_key_belongs_to_a_tenant foreign key (tenant_id) references tenant (tenant_id)
);

-- Where a key leads, before any tenant is known.
create table api_key_tenant (
    api_key_id uuid primary key,
    tenant_id uuid not null
);

create table audit_entry (
    tenant_id uuid not null,
    audit_entry_id uuid not null,
    occur_time timestamptz not null,
    -- As in agent:0198c0de-0000-7000-8000-000000000101.
    actor text not null,
    action text not null,
    subject text not null,
    changed_paths text[] not null default '{}',
    primary key (tenant_id, audit_entry_id)
);

create index audit_entry_by_subject on audit_entry (tenant_id, subject, audit_entry_id);

-- The second fence: a query that forgets its tenant finds nothing. FORCE holds the owner to it, too.
alter table tenant enable row level security;
alter table tenant force row level security;
create policy tenant_of_tenant on tenant
    using (tenant_id = nullif(current_setting('switchboard.tenant_id', true), '')::uuid);

alter table department enable row level security;
alter table department force row level security;
create policy department_of_tenant on department
    using (tenant_id = nullif(current_setting('switchboard.tenant_id', true), '')::uuid);

alter table agent enable row level security;
alter table agent force row level security;
create policy agent_of_tenant on agent
    using (tenant_id = nullif(current_setting('switchboard.tenant_id', true), '')::uuid);

alter table agent_department enable row level security;
alter table agent_department force row level security;
create policy agent_department_of_tenant on agent_department
    using (tenant_id = nullif(current_setting('switchboard.tenant_id', true), '')::uuid);

alter table agent_status_change enable row level security;
alter table agent_status_change force row level security;
create policy agent_status_change_of_tenant on agent_status_change
    using (tenant_id = nullif(current_setting('switchboard.tenant_id', true), '')::uuid);

alter table role enable row level security;
alter table role force row level security;
create policy role_of_tenant on role
    using (tenant_id = nullif(current_setting('switchboard.tenant_id', true), '')::uuid);

alter table api_key enable row level security;
alter table api_key force row level security;
create policy api_key_of_tenant on api_key
    using (tenant_id = nullif(current_setting('switchboard.tenant_id', true), '')::uuid);

alter table audit_entry enable row level security;
alter table audit_entry force row level security;
create policy audit_entry_of_tenant on audit_entry
    using (tenant_id = nullif(current_setting('switchboard.tenant_id', true), '')::uuid);
