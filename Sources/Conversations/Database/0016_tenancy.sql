-- Contacts that were erased (guarantee 20): a message whose sender was looked up before belongs to a stranger by now. Ids only.
create table erased_contact (
    tenant_id uuid not null,
    contact_id uuid not null,
    constraint erased_contact_key primary key (tenant_id, contact_id)
);

alter table erased_contact enable row level security;
alter table erased_contact force row level security;
create policy erased_contact_of_tenant on erased_contact
    using (tenant_id = nullif(current_setting('switchboard.tenant_id', true), '')::uuid);

-- Whose rows there are, for what is done tenant by tenant.
create trigger tenant_is_held after insert on conversation
    referencing new table as inserted for each statement execute function hold_tenant();
create trigger tenant_is_held after insert on channel_account
    referencing new table as inserted for each statement execute function hold_tenant();

-- When the messages of a closed conversation were deleted.
alter table conversation add column purge_time timestamptz;
create index conversation_to_purge on conversation (tenant_id, close_time) where state = 'closed' and purge_time is null;
create index attachment_by_create_time on attachment (tenant_id, create_time);
