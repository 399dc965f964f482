-- An append-only log of events, the records of requests and the jobs of one service. The migrator sets the service's schema
-- as search_path. None of these tables but idempotent_request has row-level security: workers and a service's own Watch
-- read them across tenants, and they hold ids, numbers and times only.

-- Raised after a restore: cursors given out before it may point past what was restored.
create table event_epoch (
    only_row boolean not null default true,
    epoch bigint not null default 1,
    constraint event_epoch_key primary key (only_row),
    constraint event_epoch_has_one_row check (only_row)
);
insert into event_epoch default values;

-- One counter per partition. Whoever appends locks its row until COMMIT, so positions are given in the order of commits and
-- without gaps: who reads a counter sees every event up to it.
create table event_partition (
    partition smallint not null,
    position bigint not null default 0,
    -- Never runs backwards, so that record_time grows with position.
    last_time timestamptz not null default clock_timestamp(),
    -- Events up to here have been dropped.
    retained_after bigint not null default 0,
    constraint event_partition_key primary key (partition),
    constraint event_partition_is_one_of_64 check (partition between 0 and 63)
) with (fillfactor = 20);  -- room for many versions of a row in its own page
insert into event_partition (partition) select generate_series(0, 63);

create table event (
    partition smallint not null,
    position bigint not null,
    -- When it was appended, by the database's clock; months are cut by it.
    record_time timestamptz not null,
    tenant_id uuid not null,
    kind text not null,
    subject_id uuid not null,
    -- When it happened, in product time.
    time timestamptz not null,
    attributes jsonb not null,
    payload bytea not null,
    constraint event_key primary key (partition, position, record_time)
) partition by range (record_time);

-- Makes the months ahead and drops those that are past retention. Runs as the owner, for the service's role owns nothing.
create function event_maintain(keep interval) returns void
language plpgsql security definer
set search_path from current
set lock_timeout = '2s'
as $$
declare
    this_month timestamp := date_trunc('month', clock_timestamp() at time zone 'UTC');
    month timestamp;
    name text;
    old record;
begin
    -- One of the replicas is enough.
    if not pg_try_advisory_xact_lock(hashtextextended('event_maintain.' || current_schema(), 0)) then
        return;
    end if;
    for ahead in 0..3 loop
        month := this_month + make_interval(months => ahead);
        name := to_char(month, '"event_y"YYYY"m"MM');
        continue when to_regclass(name) is not null;
        -- Attached instead of created in place: that would lock the log against everyone.
        execute format('create table %I (like event including all)', name);
        execute format(
            'alter table event attach partition %I for values from (%L) to (%L)',
            name, month at time zone 'UTC', (month + interval '1 month') at time zone 'UTC');
    end loop;
    for old in
        select child.relname
        from pg_inherits
        join pg_class child on child.oid = pg_inherits.inhrelid
        where pg_inherits.inhparent = 'event'::regclass
            -- The whole month lies before what is kept.
            and child.relname < to_char((clock_timestamp() - keep) at time zone 'UTC', '"event_y"YYYY"m"MM')
    loop
        execute format(
            'update event_partition set retained_after = greatest(retained_after, dropped.position)
             from (select partition, max(position) as position from %I group by partition) dropped
             where event_partition.partition = dropped.partition',
            old.relname);
        execute format('drop table %I', old.relname);
    end loop;
end
$$;
select event_maintain('400 days');

-- Answers to requests that carried a request_id, written in the transaction of their effect.
create table idempotent_request (
    tenant_id uuid not null,
    principal text not null,
    method text not null,
    request_id text not null,
    request_hash bytea not null,
    answer bytea not null,
    expire_time timestamptz not null,
    constraint idempotent_request_key primary key (tenant_id, principal, method, request_id),
    constraint idempotent_request_id_is_short check (octet_length(request_id) <= 255)
);
create index idempotent_request_expiry on idempotent_request (expire_time);
alter table idempotent_request enable row level security;
alter table idempotent_request force row level security;
create policy idempotent_request_tenant on idempotent_request
    using (tenant_id = nullif(current_setting('switchboard.tenant_id', true), '')::uuid);
-- For the purge alone.
create policy idempotent_request_expired on idempotent_request to current_user
    using (expire_time < clock_timestamp());

create function idempotent_request_purge(limit_rows integer) returns bigint
language sql security definer
set search_path from current
as $$
    with gone as (
        delete from idempotent_request
        where (tenant_id, principal, method, request_id) in (
            select tenant_id, principal, method, request_id
            from idempotent_request
            where expire_time < clock_timestamp()
            limit limit_rows
            for update skip locked
        )
        returning 1
    )
    select count(*) from gone
$$;

-- How far a consumer of another service's log has come, and which replica works on it.
create table event_consumer (
    consumer text not null,
    shard smallint not null,
    -- The other log's, opaque; null before the first event.
    cursor text,
    lease_until timestamptz not null default '-infinity',
    -- The fencing token: a replica whose lease was taken over finds another one here.
    token bigint not null default 0,
    constraint event_consumer_key primary key (consumer, shard)
);

-- Effects outside the schema, to be carried out under a lease.
create table job (
    tenant_id uuid not null,
    -- Derived from kind and cause; also the request_id of what the job calls.
    job_id uuid not null,
    sequence bigint not null generated always as identity,
    kind text not null,
    cause text not null,
    ordering_key uuid,
    payload bytea not null,
    due_time timestamptz not null default clock_timestamp(),
    attempt integer not null default 0,
    lease_until timestamptz not null default '-infinity',
    token bigint not null default 0,
    failure text,
    constraint job_key primary key (tenant_id, job_id)
);
create index job_due on job (kind, due_time) where failure is null;
create index job_order on job (tenant_id, ordering_key, sequence) where failure is null and ordering_key is not null;
