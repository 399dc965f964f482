-- What routing last published of tenants, departments, agents and roles: conversations judge by it.

create table tenant (
    tenant_id uuid not null,
    -- Grows with each change of anything that belongs to the tenant here: who holds an older one reads what has changed since.
    revision bigint not null,
    -- The tenant's own row has been told, and not only what belongs to it.
    published boolean not null default false,
    display_name text not null default '',
    suspended boolean not null default false,
    sees_all_departments boolean not null default false,
    default_department_id uuid,
    offline_transfer boolean not null default false,
    constraint tenant_key primary key (tenant_id)
);

create table department (
    tenant_id uuid not null,
    department_id uuid not null,
    -- The tenant's when this row was last written; so in the tables below.
    revision bigint not null,
    display_name text not null,
    archived boolean not null,
    successor_id uuid,
    accepts_on_reply boolean not null,
    requeues_on_disconnect boolean not null,
    -- What a bot hands off while the department is closed.
    stays_with_bot boolean not null,
    pending_limit int,
    -- Empty: anywhere.
    transfer_department_ids uuid[] not null,
    -- As routing's contract writes them; null: always open.
    working_hours bytea,
    constraint department_key primary key (tenant_id, department_id)
);

create table agent (
    tenant_id uuid not null,
    agent_id uuid not null,
    revision bigint not null,
    display_name text not null,
    deactivated boolean not null,
    department_ids uuid[] not null,
    presence text not null
        constraint agent_presence_is_known check (presence in ('online', 'reconnecting', 'offline')),
    wants_work boolean not null,
    load_max int not null,
    email_load_max int not null,
    constraint agent_key primary key (tenant_id, agent_id)
);

create table role (
    tenant_id uuid not null,
    name text not null,
    revision bigint not null,
    -- Of one that was removed: none.
    permissions text[] not null,
    constraint role_key primary key (tenant_id, name)
);

create index department_by_revision on department (tenant_id, revision);
create index agent_by_revision on agent (tenant_id, revision);
create index role_by_revision on role (tenant_id, revision);

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
alter table role enable row level security;
alter table role force row level security;
create policy role_of_tenant on role
    using (tenant_id = nullif(current_setting('switchboard.tenant_id', true), '')::uuid);

-- Whose unsent files are swept. Ids only: the sweep reads it before it knows a tenant.
create table swept_tenant (
    tenant_id uuid not null,
    constraint swept_tenant_key primary key (tenant_id)
);
