-- A paused conversation whose customer has written waits only so long for its agent (C13).
alter table timer drop constraint timer_kind_is_known;
alter table timer
    add constraint timer_kind_is_known check (kind in ('status_until', 'offer', 'dispatch', 'rescue'));
