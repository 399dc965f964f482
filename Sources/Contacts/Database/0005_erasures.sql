-- Erasures of everything held about a person, and what each service reported. They hold no personal data and stay.

create table erasure (
    tenant_id uuid not null,
    erasure_id uuid not null,
    contact_id uuid not null,
    reason text not null default '',
    requested_by text not null,
    create_time timestamptz not null,
    -- The services that shall report.
    awaited text[] not null,
    complete_time timestamptz,
    primary key (tenant_id, erasure_id),
    constraint erasure_is_of_a_contact
        foreign key (tenant_id, contact_id) references contact (tenant_id, contact_id)
);

create index erasure_newest_first on erasure (tenant_id, create_time, erasure_id);

create table erasure_report (
    tenant_id uuid not null,
    erasure_id uuid not null,
    service text not null,
    -- Words such as "messages", and how many.
    counts jsonb not null
        constraint erasure_counts_are_an_object check (jsonb_typeof(counts) = 'object'),
    report_time timestamptz not null,
    -- A service reports once.
    primary key (tenant_id, erasure_id, service),
    constraint erasure_report_belongs_to_an_erasure
        foreign key (tenant_id, erasure_id) references erasure (tenant_id, erasure_id)
);

alter table erasure enable row level security;
alter table erasure force row level security;
create policy erasure_of_tenant on erasure
    using (tenant_id = nullif(current_setting('switchboard.tenant_id', true), '')::uuid);

alter table erasure_report enable row level security;
alter table erasure_report force row level security;
create policy erasure_report_of_tenant on erasure_report
    using (tenant_id = nullif(current_setting('switchboard.tenant_id', true), '')::uuid);
