-- Which attributes a tenant's contacts have, and where each field is shown.

create table attribute_definition (
    tenant_id uuid not null,
    key text not null
        constraint attribute_key_is_plain check (key ~ '^[a-z][a-z0-9_]{0,62}$'),
    type text not null
        constraint attribute_type_is_known
        check (type in ('text', 'long_text', 'number', 'flag', 'time', 'choice', 'choices', 'url')),
    display_name text not null,
    description text not null default '',
    options text[] not null default '{}',
    sensitive boolean not null default false,
    archived boolean not null default false,
    create_time timestamptz not null,
    update_time timestamptz not null,
    version bigint not null default 1,
    primary key (tenant_id, key)
);

create table field_layout (
    tenant_id uuid not null,
    -- "default", or the id of a department, which lives in another service.
    place text not null,
    -- The groups of fields from top to bottom (FieldLayout.swift).
    groups jsonb not null
        constraint field_layout_groups_are_a_list check (jsonb_typeof(groups) = 'array'),
    update_time timestamptz not null,
    version bigint not null default 1,
    primary key (tenant_id, place)
);

alter table attribute_definition enable row level security;
alter table attribute_definition force row level security;
create policy attribute_definition_of_tenant on attribute_definition
    using (tenant_id = nullif(current_setting('switchboard.tenant_id', true), '')::uuid);

alter table field_layout enable row level security;
alter table field_layout force row level security;
create policy field_layout_of_tenant on field_layout
    using (tenant_id = nullif(current_setting('switchboard.tenant_id', true), '')::uuid);
