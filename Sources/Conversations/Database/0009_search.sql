-- What conversations are searched by (C62): the words of messages and notes, of the conversation's own row, and of people.

-- One row per word and message; number 0 is the conversation's own row: subject, customer's name and address, ticket number.
-- Written in the transaction of what it was cut from. Bytes order the words, so that a beginning is a range.
create table search_word (
    tenant_id uuid not null,
    conversation_id uuid not null,
    word text collate "C" not null,
    seq int not null,
    constraint search_word_key primary key (tenant_id, conversation_id, word, seq)
);

-- Ids are in the order of time: the newest conversations with a word are read first.
create index search_word_by_word on search_word (tenant_id, word, conversation_id);

-- People's names and addresses, as contacts last told of them.
create table person (
    tenant_id uuid not null,
    contact_id uuid not null,
    texts text[] not null,
    constraint person_key primary key (tenant_id, contact_id)
);

create table person_word (
    tenant_id uuid not null,
    contact_id uuid not null,
    word text collate "C" not null,
    constraint person_word_key primary key (tenant_id, contact_id, word)
);

create index person_word_by_word on person_word (tenant_id, word, contact_id);

alter table search_word enable row level security;
alter table search_word force row level security;
create policy search_word_of_tenant on search_word
    using (tenant_id = nullif(current_setting('switchboard.tenant_id', true), '')::uuid);
alter table person enable row level security;
alter table person force row level security;
create policy person_of_tenant on person
    using (tenant_id = nullif(current_setting('switchboard.tenant_id', true), '')::uuid);
alter table person_word enable row level security;
alter table person_word force row level security;
create policy person_word_of_tenant on person_word
    using (tenant_id = nullif(current_setting('switchboard.tenant_id', true), '')::uuid);

alter table conversation add column ticket_number text not null default '';

-- False for what was stored before, or by the release before: a worker cuts its words, in small batches.
alter table message add column searchable boolean not null default false;
create index message_not_searchable on message (tenant_id, conversation_id, seq) where not searchable;

-- Whoever deletes messages or conversations deletes their words.
create function forget_words_of_messages() returns trigger language plpgsql as $$
begin
    delete from conversations.search_word
    using (select tenant_id, conversation_id, array_agg(seq) as seqs from gone group by tenant_id, conversation_id) as talk
    where search_word.tenant_id = talk.tenant_id and search_word.conversation_id = talk.conversation_id
        and search_word.seq = any(talk.seqs);
    return null;
end
$$;

create trigger message_takes_its_words after delete on message
    referencing old table as gone for each statement execute function forget_words_of_messages();

create function forget_words_of_conversations() returns trigger language plpgsql as $$
begin
    delete from conversations.search_word
    using gone
    where search_word.tenant_id = gone.tenant_id and search_word.conversation_id = gone.conversation_id;
    return null;
end
$$;

create trigger conversation_takes_its_words after delete on conversation
    referencing old table as gone for each statement execute function forget_words_of_conversations();

-- Contacts' news is read once more from the beginning, for the names and addresses in it: each event finds done what it asks for.
update event_consumer
set cursor = null, token = token + 1, lease_until = '-infinity'
where consumer = 'contacts.people';
