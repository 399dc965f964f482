-- How agents were connected, for reports and audits (C56). Ids, states and times only: it is written across tenants.

create table presence_stint (
    tenant_id uuid not null,
    agent_id uuid not null,
    state text not null
        constraint stint_state_is_known check (state in ('online', 'reconnecting', 'offline')),
    -- Product time.
    begin_time timestamptz not null,
    end_time timestamptz not null default 'infinity',
    constraint presence_stint_key primary key (tenant_id, agent_id, begin_time)
);

create unique index presence_stint_lasts_once on presence_stint (tenant_id, agent_id) where end_time = 'infinity';

-- What was before is not known.
insert into presence_stint (tenant_id, agent_id, state, begin_time)
select tenant_id, agent_id, state, now()
from presence;

create index agent_status_change_by_time on agent_status_change (tenant_id, agent_id, change_time, status_change_id);

-- For whom a line of the trail was done, where that was not the actor himself (P7).
alter table audit_entry add column on_behalf_of text not null default '';
create index audit_entry_by_actor on audit_entry (tenant_id, actor, audit_entry_id);
