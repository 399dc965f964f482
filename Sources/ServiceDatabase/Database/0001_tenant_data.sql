-- What a service knows of its tenants' data as a whole. The migrator sets the service's schema as search_path. None of these
-- tables has row-level security: workers read them before they know a tenant, and they hold ids, words and numbers only.

-- Whose rows there are.
create table tenant_held (
    tenant_id uuid not null,
    constraint tenant_held_key primary key (tenant_id)
);
insert into tenant_held select distinct tenant_id from event;

-- A service gives it to its tables that begin a tenant's data:
--   create trigger tenant_is_held after insert on thing
--       referencing new table as inserted for each statement execute function hold_tenant();
create function hold_tenant() returns trigger
language plpgsql
set search_path from current
as $$
begin
    insert into tenant_held select distinct tenant_id from inserted on conflict do nothing;
    return null;
end
$$;

-- What a tenant has chosen to keep for how long; without a row the default holds.
create table tenant_retention (
    tenant_id uuid not null,
    category text not null,
    keep interval not null,
    constraint tenant_retention_key primary key (tenant_id, category)
);

-- How many rows of a tenant have been deleted for good: the proof, which stays.
create table tenant_deletion (
    tenant_id uuid not null,
    table_name text not null,
    row_count bigint not null,
    constraint tenant_deletion_key primary key (tenant_id, table_name)
);
