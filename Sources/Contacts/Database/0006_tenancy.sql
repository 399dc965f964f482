-- Whose rows there are, for what is done tenant by tenant.
create trigger tenant_is_held after insert on contact
    referencing new table as inserted for each statement execute function hold_tenant();
