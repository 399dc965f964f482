-- What is asked of a tenant until it is answered: tickets, what they can be about, and what is promised for them.

-- How a tenant's tickets behave. Its row is made with the tenant's first priorities, when somebody first looks.
create table ticket_settings (
    tenant_id uuid not null,
    number_prefix text not null default ''
        constraint settings_prefix_is_short check (number_prefix ~ '^[A-Z0-9-]{0,12}$'),
    reopen_within_seconds bigint not null default 604800,
    strictest boolean not null default false,
    required_on_close text[] not null default '{}',
    version bigint not null default 1,
    primary key (tenant_id)
);

-- The last number given out. The creating transaction holds the row, so that a number is taken only by what commits: no gaps.
create table ticket_counter (
    tenant_id uuid not null,
    last_number integer not null,
    primary key (tenant_id)
);

create table category (
    tenant_id uuid not null,
    category_id uuid not null,
    parent_category_id uuid,
    display_name text not null
        constraint category_name_is_short check (char_length(display_name) between 1 and 100),
    is_archived boolean not null default false,
    version bigint not null default 1,
    primary key (tenant_id, category_id),
    constraint category_has_a_parent
        foreign key (tenant_id, parent_category_id) references category (tenant_id, category_id),
    constraint category_name_is_unique unique nulls not distinct (tenant_id, parent_category_id, display_name)
);

create table catalogue_service (
    tenant_id uuid not null,
    service_id uuid not null,
    display_name text not null
        constraint service_name_is_short check (char_length(display_name) between 1 and 100),
    category_id uuid,
    -- Departments live in another service.
    department_id uuid,
    is_archived boolean not null default false,
    version bigint not null default 1,
    primary key (tenant_id, service_id),
    constraint service_has_a_category foreign key (tenant_id, category_id) references category (tenant_id, category_id),
    constraint service_name_is_unique unique (tenant_id, display_name)
);

create table ticket_priority (
    tenant_id uuid not null,
    priority_id uuid not null,
    display_name text not null
        constraint priority_name_is_short check (char_length(display_name) between 1 and 100),
    rank integer not null
        constraint priority_rank_is_in_range check (rank between 1 and 1000),
    is_standard boolean not null default false,
    is_archived boolean not null default false,
    version bigint not null default 1,
    primary key (tenant_id, priority_id),
    constraint priority_name_is_unique unique (tenant_id, display_name),
    constraint priority_rank_is_unique unique (tenant_id, rank),
    constraint priority_standard_is_not_archived check (not (is_standard and is_archived))
);
create unique index priority_standard_is_one on ticket_priority (tenant_id) where is_standard;

create table calendar (
    tenant_id uuid not null,
    calendar_id uuid not null,
    display_name text not null
        constraint calendar_name_is_short check (char_length(display_name) between 1 and 100),
    is_archived boolean not null default false,
    -- The version that holds now.
    calendar_version integer not null default 1,
    version bigint not null default 1,
    primary key (tenant_id, calendar_id),
    constraint calendar_name_is_unique unique (tenant_id, display_name)
);

-- Never changed: clocks' logs say in which version they ran, and can always be counted again.
create table calendar_version (
    tenant_id uuid not null,
    calendar_id uuid not null,
    calendar_version integer not null,
    time_zone text not null,
    hours jsonb not null,
    create_time timestamptz not null,
    primary key (tenant_id, calendar_id, calendar_version),
    constraint calendar_version_is_of_a_calendar
        foreign key (tenant_id, calendar_id) references calendar (tenant_id, calendar_id)
);

create table sla_policy (
    tenant_id uuid not null,
    policy_id uuid not null,
    display_name text not null
        constraint policy_name_is_short check (char_length(display_name) between 1 and 100),
    rank integer not null
        constraint policy_rank_is_in_range check (rank between 1 and 10000),
    condition jsonb not null,
    targets jsonb not null,
    calendar_id uuid,
    pause_statuses text[] not null,
    is_archived boolean not null default false,
    version bigint not null default 1,
    primary key (tenant_id, policy_id),
    constraint policy_name_is_unique unique (tenant_id, display_name),
    constraint policy_rank_is_unique unique (tenant_id, rank),
    constraint policy_has_a_calendar foreign key (tenant_id, calendar_id) references calendar (tenant_id, calendar_id)
);

create table ticket (
    tenant_id uuid not null,
    ticket_id uuid not null,
    number text not null,
    sequence integer not null,
    status text not null
        constraint ticket_status_is_known check (
            status in ('new', 'open', 'pending', 'on_hold', 'resolved', 'closed', 'cancelled')
        ),
    status_reason text not null default '',
    subject text not null
        constraint ticket_subject_is_short check (char_length(subject) between 1 and 300),
    description text not null default '',
    type text not null
        constraint ticket_type_is_known check (type in ('public', 'internal')),
    requester_id uuid,
    service_id uuid,
    category_id uuid,
    priority_id uuid,
    assignee_id uuid,
    assignee_follows boolean not null default true,
    department_id uuid,
    labels text[] not null default '{}',
    waiting_on text not null default 'nobody'
        constraint ticket_waiting_is_known check (waiting_on in ('nobody', 'agent', 'customer')),
    policy_id uuid,
    merged_into_id uuid,
    follow_up_of_id uuid,
    split_from_id uuid,
    create_time timestamptz not null,
    update_time timestamptz not null,
    resolve_time timestamptz,
    end_time timestamptz,
    version bigint not null default 1,
    history_count integer not null default 0,
    primary key (tenant_id, ticket_id),
    constraint ticket_sequence_is_unique unique (tenant_id, sequence),
    constraint ticket_has_a_category foreign key (tenant_id, category_id) references category (tenant_id, category_id),
    constraint ticket_has_a_service foreign key (tenant_id, service_id) references catalogue_service (tenant_id, service_id),
    constraint ticket_has_a_priority foreign key (tenant_id, priority_id) references ticket_priority (tenant_id, priority_id)
);
create index ticket_by_create_time on ticket (tenant_id, create_time, ticket_id);
create index ticket_by_update_time on ticket (tenant_id, update_time, ticket_id);
create index ticket_by_number on ticket (tenant_id, number);
create index ticket_by_assignee on ticket (tenant_id, assignee_id, create_time, ticket_id) where assignee_id is not null;
create index ticket_by_requester on ticket (tenant_id, requester_id, create_time, ticket_id) where requester_id is not null;
create index ticket_alive on ticket (tenant_id, ticket_id)
    where status not in ('closed', 'cancelled') and merged_into_id is null;

-- A conversation runs through one ticket at most: whoever inserts the row first makes the ticket (C24).
create table ticket_conversation (
    tenant_id uuid not null,
    conversation_id uuid not null,
    ticket_id uuid not null,
    is_closed boolean not null default false,
    waiting_on text not null default 'nobody'
        constraint conversation_waiting_is_known check (waiting_on in ('nobody', 'agent', 'customer')),
    assignee_id uuid,
    link_time timestamptz not null,
    -- What was heard of it last: after a restore of conversations its events are read again.
    last_event_id text not null default '',
    last_event_time timestamptz,
    primary key (tenant_id, conversation_id),
    constraint conversation_has_a_ticket foreign key (tenant_id, ticket_id) references ticket (tenant_id, ticket_id)
);
create index conversation_by_ticket on ticket_conversation (tenant_id, ticket_id, link_time);

create table ticket_clock (
    tenant_id uuid not null,
    ticket_id uuid not null,
    kind text not null
        constraint clock_kind_is_known check (kind in ('first_response', 'next_response', 'resolution')),
    cycle integer not null,
    entry_count integer not null,
    -- What its log says, for lists; due_time is null while it stands still.
    state text not null
        constraint clock_state_is_known check (state in ('running', 'paused', 'met', 'ended')),
    due_time timestamptz,
    warned_time timestamptz,
    breach_time timestamptz,
    primary key (tenant_id, ticket_id, kind),
    constraint clock_has_a_ticket foreign key (tenant_id, ticket_id) references ticket (tenant_id, ticket_id)
);
create index clock_by_due on ticket_clock (tenant_id, due_time) where due_time is not null;

-- The log from which a clock is computed; only ever appended to.
create table clock_entry (
    tenant_id uuid not null,
    ticket_id uuid not null,
    kind text not null,
    number integer not null,
    cycle integer not null,
    occur_time timestamptz not null,
    state text not null,
    cause text not null,
    policy_id uuid,
    -- Of open time.
    target_microseconds bigint,
    warn_before_microseconds bigint,
    pauses boolean not null default false,
    pause_statuses text[] not null default '{}',
    calendar_id uuid,
    calendar_version integer,
    primary key (tenant_id, ticket_id, kind, number),
    constraint entry_has_a_clock foreign key (tenant_id, ticket_id, kind) references ticket_clock (tenant_id, ticket_id, kind),
    constraint entry_ran_in_a_calendar foreign key (tenant_id, calendar_id, calendar_version)
        references calendar_version (tenant_id, calendar_id, calendar_version)
);

-- When a clock warns and when it runs out, for workers, who look across tenants: ids and times only.
create table clock_alarm (
    tenant_id uuid not null,
    ticket_id uuid not null,
    kind text not null,
    due_time timestamptz not null,
    lease_until timestamptz not null default '-infinity',
    -- The fencing token: a worker whose lease was taken over finds another one here.
    token bigint not null default 0,
    primary key (tenant_id, ticket_id, kind)
);
create index alarm_by_due on clock_alarm (due_time);

create table ticket_comment (
    tenant_id uuid not null,
    comment_id uuid not null,
    ticket_id uuid not null,
    is_public boolean not null,
    text text not null
        constraint comment_text_is_short check (char_length(text) between 1 and 20000),
    attachment_ids uuid[] not null default '{}',
    actor_kind text not null,
    actor_id text not null,
    create_time timestamptz not null,
    primary key (tenant_id, comment_id),
    constraint comment_has_a_ticket foreign key (tenant_id, ticket_id) references ticket (tenant_id, ticket_id)
);
create index comment_by_ticket on ticket_comment (tenant_id, ticket_id, create_time, comment_id);

create table history_entry (
    tenant_id uuid not null,
    ticket_id uuid not null,
    number integer not null,
    kind text not null,
    occur_time timestamptz not null,
    actor_kind text not null,
    actor_id text not null,
    reason text not null,
    changes jsonb not null,
    primary key (tenant_id, ticket_id, number),
    constraint history_has_a_ticket foreign key (tenant_id, ticket_id) references ticket (tenant_id, ticket_id)
);

create table ticket_link (
    tenant_id uuid not null,
    link_id uuid not null,
    ticket_id uuid not null,
    target_ticket_id uuid not null,
    kind text not null
        constraint link_kind_is_known check (kind in ('related', 'parent', 'duplicate', 'blocked', 'follow_up', 'split')),
    actor_kind text not null,
    actor_id text not null,
    create_time timestamptz not null,
    primary key (tenant_id, link_id),
    constraint link_is_there_once unique (tenant_id, ticket_id, target_ticket_id, kind),
    constraint link_goes_elsewhere check (ticket_id <> target_ticket_id),
    constraint link_has_a_ticket foreign key (tenant_id, ticket_id) references ticket (tenant_id, ticket_id),
    constraint link_has_a_target foreign key (tenant_id, target_ticket_id) references ticket (tenant_id, ticket_id)
);
create index link_by_target on ticket_link (tenant_id, target_ticket_id);

create table ticket_merge (
    tenant_id uuid not null,
    merge_id uuid not null,
    surviving_ticket_id uuid not null,
    merged_ticket_id uuid not null,
    reason text not null,
    actor_kind text not null,
    actor_id text not null,
    merge_time timestamptz not null,
    conversation_ids uuid[] not null,
    undo_time timestamptz,
    undo_actor_kind text,
    undo_actor_id text,
    version bigint not null default 1,
    primary key (tenant_id, merge_id),
    constraint merge_has_a_survivor foreign key (tenant_id, surviving_ticket_id) references ticket (tenant_id, ticket_id),
    constraint merge_has_a_merged foreign key (tenant_id, merged_ticket_id) references ticket (tenant_id, ticket_id)
);
create unique index merge_holds_once on ticket_merge (tenant_id, merged_ticket_id) where undo_time is null;
create index merge_by_survivor on ticket_merge (tenant_id, surviving_ticket_id, merge_time);

-- The second fence: a query that forgets its tenant finds nothing. FORCE holds the owner to it, too.
alter table ticket_settings enable row level security;
alter table ticket_settings force row level security;
create policy ticket_settings_of_tenant on ticket_settings
    using (tenant_id = nullif(current_setting('switchboard.tenant_id', true), '')::uuid);
alter table ticket_counter enable row level security;
alter table ticket_counter force row level security;
create policy ticket_counter_of_tenant on ticket_counter
    using (tenant_id = nullif(current_setting('switchboard.tenant_id', true), '')::uuid);
alter table category enable row level security;
alter table category force row level security;
create policy category_of_tenant on category
    using (tenant_id = nullif(current_setting('switchboard.tenant_id', true), '')::uuid);
alter table catalogue_service enable row level security;
alter table catalogue_service force row level security;
create policy catalogue_service_of_tenant on catalogue_service
    using (tenant_id = nullif(current_setting('switchboard.tenant_id', true), '')::uuid);
alter table ticket_priority enable row level security;
alter table ticket_priority force row level security;
create policy ticket_priority_of_tenant on ticket_priority
    using (tenant_id = nullif(current_setting('switchboard.tenant_id', true), '')::uuid);
alter table calendar enable row level security;
alter table calendar force row level security;
create policy calendar_of_tenant on calendar
    using (tenant_id = nullif(current_setting('switchboard.tenant_id', true), '')::uuid);
alter table calendar_version enable row level security;
alter table calendar_version force row level security;
create policy calendar_version_of_tenant on calendar_version
    using (tenant_id = nullif(current_setting('switchboard.tenant_id', true), '')::uuid);
alter table sla_policy enable row level security;
alter table sla_policy force row level security;
create policy sla_policy_of_tenant on sla_policy
    using (tenant_id = nullif(current_setting('switchboard.tenant_id', true), '')::uuid);
alter table ticket enable row level security;
alter table ticket force row level security;
create policy ticket_of_tenant on ticket
    using (tenant_id = nullif(current_setting('switchboard.tenant_id', true), '')::uuid);
alter table ticket_conversation enable row level security;
alter table ticket_conversation force row level security;
create policy ticket_conversation_of_tenant on ticket_conversation
    using (tenant_id = nullif(current_setting('switchboard.tenant_id', true), '')::uuid);
alter table ticket_clock enable row level security;
alter table ticket_clock force row level security;
create policy ticket_clock_of_tenant on ticket_clock
    using (tenant_id = nullif(current_setting('switchboard.tenant_id', true), '')::uuid);
alter table clock_entry enable row level security;
alter table clock_entry force row level security;
create policy clock_entry_of_tenant on clock_entry
    using (tenant_id = nullif(current_setting('switchboard.tenant_id', true), '')::uuid);
alter table ticket_comment enable row level security;
alter table ticket_comment force row level security;
create policy ticket_comment_of_tenant on ticket_comment
    using (tenant_id = nullif(current_setting('switchboard.tenant_id', true), '')::uuid);
alter table history_entry enable row level security;
alter table history_entry force row level security;
create policy history_entry_of_tenant on history_entry
    using (tenant_id = nullif(current_setting('switchboard.tenant_id', true), '')::uuid);
alter table ticket_link enable row level security;
alter table ticket_link force row level security;
create policy ticket_link_of_tenant on ticket_link
    using (tenant_id = nullif(current_setting('switchboard.tenant_id', true), '')::uuid);
alter table ticket_merge enable row level security;
alter table ticket_merge force row level security;
create policy ticket_merge_of_tenant on ticket_merge
    using (tenant_id = nullif(current_setting('switchboard.tenant_id', true), '')::uuid);
