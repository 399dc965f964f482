-- Whether anybody is available in a department, as its queue was last looked at, and since when nobody is (C15).
alter table dispatch add column attended boolean not null default false;
-- When the last one who was available left; null: nobody has since somebody was found there.
alter table dispatch add column left_time timestamptz;

-- A row of a bot's (C44).
alter table presence add column bot boolean not null default false;

-- By which method a bot had it distributed; empty: as its department does (C6).
alter table conversation add column route_method text not null default '';
