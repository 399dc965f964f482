-- Who is there, and what happens by itself at a time. Ids, states and times only: workers read these tables across tenants.

create table presence (
    tenant_id uuid not null,
    agent_id uuid not null,
    state text not null default 'offline'
        constraint presence_state_is_known check (state in ('online', 'reconnecting', 'offline')),
    -- Whether heartbeats count: not after he signed out or stopped working here.
    counted boolean not null default true,
    last_beat_time timestamptz not null,
    -- When the state is another one unless a heartbeat comes; null where it stays.
    due_time timestamptz,
    primary key (tenant_id, agent_id),
    constraint presence_offline_stays check ((state = 'offline') = (due_time is null))
);

create index presence_by_due_time on presence (due_time) where due_time is not null;

-- Whether anybody was there to receive heartbeats: one row, which all replicas write.
create table reception (
    reception_id smallint primary key default 1 constraint reception_is_one_row check (reception_id = 1),
    -- Machine time of the last note.
    note_time timestamptz not null,
    -- Product time since when there was no break.
    since_time timestamptz not null
);

create table timer (
    tenant_id uuid not null,
    kind text not null constraint timer_kind_is_known check (kind in ('status_until', 'offer', 'dispatch')),
    subject_id uuid not null,
    -- Product time.
    due_time timestamptz not null,
    primary key (tenant_id, kind, subject_id)
);

create index timer_by_due_time on timer (due_time);
