-- Contacts that were erased (guarantee 20): what is heard of them afterwards leaves nothing behind, either. Ids only.
create table erased_contact (
    tenant_id uuid not null,
    contact_id uuid not null,
    primary key (tenant_id, contact_id)
);

alter table erased_contact enable row level security;
alter table erased_contact force row level security;
create policy erased_contact_of_tenant on erased_contact
    using (tenant_id = nullif(current_setting('switchboard.tenant_id', true), '')::uuid);

-- Whose rows there are, for what is done tenant by tenant.
create trigger tenant_is_held after insert on ticket
    referencing new table as inserted for each statement execute function hold_tenant();
create trigger tenant_is_held after insert on category
    referencing new table as inserted for each statement execute function hold_tenant();

-- When the words of a ticket that is over were deleted.
alter table ticket add column purge_time timestamptz;
create index ticket_to_purge on ticket (tenant_id, end_time) where end_time is not null and purge_time is null;
