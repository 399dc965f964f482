-- Files of tickets. A file's row is there before its bytes, which come in pieces that are each committed by themselves; it is a file
-- once the row says that it is whole. What was not finished, or is shown by no comment after a day, is swept by the next upload.

create table ticket_attachment (
    tenant_id uuid not null,
    attachment_id uuid not null,
    ticket_id uuid not null,
    -- Who brought it: it is his alone until a comment shows it.
    uploader text not null,
    is_whole boolean not null default false,
    -- A comment names it, a public one among them.
    is_shown boolean not null default false,
    is_public boolean not null default false,
    media_type text not null,
    file_name text not null,
    size_bytes integer not null default 0,
    sha256 text not null default '',
    create_time timestamptz not null,
    constraint ticket_attachment_key primary key (tenant_id, attachment_id),
    constraint ticket_attachment_belongs_to_a_ticket
        foreign key (tenant_id, ticket_id) references ticket (tenant_id, ticket_id)
);

create index ticket_attachment_of_ticket on ticket_attachment (tenant_id, ticket_id);

create index ticket_attachment_not_shown on ticket_attachment (tenant_id, create_time) where not is_shown;

create table ticket_attachment_chunk (
    tenant_id uuid not null,
    attachment_id uuid not null,
    n integer not null,
    bytes bytea not null
        constraint ticket_attachment_chunk_is_small check (octet_length(bytes) <= 262144),
    constraint ticket_attachment_chunk_key primary key (tenant_id, attachment_id, n),
    constraint ticket_attachment_chunk_has_a_file
        foreign key (tenant_id, attachment_id) references ticket_attachment (tenant_id, attachment_id) on delete cascade
);

alter table ticket_attachment enable row level security;
alter table ticket_attachment force row level security;
create policy ticket_attachment_of_tenant on ticket_attachment
    using (tenant_id = nullif(current_setting('switchboard.tenant_id', true), '')::uuid);

alter table ticket_attachment_chunk enable row level security;
alter table ticket_attachment_chunk force row level security;
create policy ticket_attachment_chunk_of_tenant on ticket_attachment_chunk
    using (tenant_id = nullif(current_setting('switchboard.tenant_id', true), '')::uuid);
