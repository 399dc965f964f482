-- What routing last published of the service's tenants. The migrator sets the service's schema as search_path.

create table known_tenant (
    tenant_id uuid not null,
    -- Reads only.
    suspended boolean not null,
    -- An IANA name; empty: nobody has said.
    time_zone text not null,
    constraint known_tenant_key primary key (tenant_id)
);

create table known_department (
    tenant_id uuid not null,
    department_id uuid not null,
    -- Over: nothing new goes there.
    archived boolean not null,
    constraint known_department_key primary key (tenant_id, department_id)
);

create table known_agent (
    tenant_id uuid not null,
    agent_id uuid not null,
    -- Of who works here no more: none.
    department_ids uuid[] not null,
    constraint known_agent_key primary key (tenant_id, agent_id)
);

-- The tenant's own; the built-in ones are compiled in.
create table known_role (
    tenant_id uuid not null,
    name text not null,
    permissions text[] not null,
    constraint known_role_key primary key (tenant_id, name)
);

alter table known_tenant enable row level security;
alter table known_tenant force row level security;
create policy known_tenant_of_tenant on known_tenant
    using (tenant_id = nullif(current_setting('switchboard.tenant_id', true), '')::uuid);
alter table known_department enable row level security;
alter table known_department force row level security;
create policy known_department_of_tenant on known_department
    using (tenant_id = nullif(current_setting('switchboard.tenant_id', true), '')::uuid);
alter table known_agent enable row level security;
alter table known_agent force row level security;
create policy known_agent_of_tenant on known_agent
    using (tenant_id = nullif(current_setting('switchboard.tenant_id', true), '')::uuid);
alter table known_role enable row level security;
alter table known_role force row level security;
create policy known_role_of_tenant on known_role
    using (tenant_id = nullif(current_setting('switchboard.tenant_id', true), '')::uuid);
