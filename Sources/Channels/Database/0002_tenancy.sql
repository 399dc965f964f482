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

-- Whose conversation it was when the message was queued; null for what an earlier release queued.
alter table outbound add column contact_id uuid;
-- The provider's id of the message names its receiver: once he is erased it is kept no more.
alter table outbound add column is_erased boolean not null default false;
create index outbound_by_contact on outbound (tenant_id, contact_id) where contact_id is not null;

-- Whose rows there are, for what is done tenant by tenant.
create trigger tenant_is_held after insert on outbound
    referencing new table as inserted for each statement execute function hold_tenant();
create trigger tenant_is_held after insert on webhook
    referencing new table as inserted for each statement execute function hold_tenant();

-- What has ended is deleted by and by.
create index outbound_ended on outbound (tenant_id, update_time) where is_reported and status <> 'queued';
create index webhook_delivery_ended on webhook_delivery (tenant_id, update_time) where state <> 'pending';
