-- What the board counts: clocks that run and have warned or run out, of which there are few.
create index clock_at_risk on ticket_clock (tenant_id, ticket_id)
    where state = 'running' and (warned_time is not null or breach_time is not null);
