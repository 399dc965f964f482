-- Whose rows there are, for what is done tenant by tenant.
create trigger tenant_is_held after insert on tenant
    referencing new table as inserted for each statement execute function hold_tenant();

create index audit_entry_by_time on audit_entry (tenant_id, occur_time);
