-- The passages of all texts, for searching. They are derived: what stands here is made of kv_timeline, kv_versions and kv_documents, and can be
-- deleted. Names are bytes, since they are compared as such. Dates are seconds since 1970.

-- +goose Up

-- Terms whose versions have changed since their passages were gathered. Rows are only added by who writes versions, so that nobody waits.
create table search_stale (
	id bigint generated always as identity primary key,
	number bytea not null -- of the terms, as in kv_terms
);
create index search_stale_number on search_stale (number);

-- Terms whose passages are gathered, at least in part.
create table search_terms (
	number bytea primary key,
	service bytea not null,
	type bytea not null,
	lower_service bytea not null,
	lower_type bytea not null
);
create index search_terms_service on search_terms (lower_service);

-- The versions that were gathered, by their number in the line: the wanted text, or a variant.
create table search_versions (
	number bytea not null references search_terms on delete cascade,
	line bytea not null,
	n integer not null,
	id text not null,
	date bigint not null,
	language text not null,
	primary key (number, line, n)
);

-- Texts side by side: the policy of a line, and its linked pages.
create table search_texts (
	id integer generated always as identity primary key,
	number bytea not null references search_terms on delete cascade,
	line bytea not null,
	source bytea not null, -- address of the linked page; empty for the policy itself
	unique (number, line, source)
);

-- Each passage once for all versions that hold it.
create table search_passages (
	id bigint generated always as identity primary key,
	hash bytea not null, -- of its folded words
	text integer not null references search_texts on delete cascade,
	start integer not null, -- in the text of the first version that holds it
	size integer not null,
	since bigint not null, -- date of that version
	until bigint, -- date of the version without it, if it does not stand
	runs integer[] not null, -- numbers of the first and the last version that hold it, in turn; without the last one while it stands
	language text not null, -- of the first version
	words tsvector not null -- folded words as they are, and their stems behind "~" and the language
);
create index search_passages_text on search_passages (text);
create index search_passages_words on search_passages using gin (words);

-- Languages whose words have stems here.
create table search_languages (language text primary key);

-- +goose StatementBegin
create function search_changed() returns trigger language plpgsql set search_path from current as $$
begin
	insert into search_stale (number) select distinct substring(key from 1 for 4) from changed;
	return null;
end
$$;
-- +goose StatementEnd

-- Versions are forgotten to be read again, or because a text was erased: its words go in the same transaction. The lock waits for who gathers, and keeps
-- out who would gather what this transaction is about to forget.
-- +goose StatementBegin
create function search_forgotten() returns trigger language plpgsql set search_path from current as $$
begin
	if exists (select from changed) then
		lock table search_terms in share row exclusive mode;
		delete from search_terms where number in (select distinct substring(key from 1 for 4) from changed);
		insert into search_stale (number) select distinct substring(key from 1 for 4) from changed;
	end if;
	return null;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create function search_emptied() returns trigger language plpgsql set search_path from current as $$
begin
	lock table search_terms in share row exclusive mode;
	delete from search_terms;
	delete from search_stale;
	return null;
end
$$;
-- +goose StatementEnd

create trigger search_inserted after insert on kv_timeline referencing new table as changed for each statement execute function search_changed();
create trigger search_updated after update on kv_timeline referencing old table as changed for each statement execute function search_forgotten();
create trigger search_deleted after delete on kv_timeline referencing old table as changed for each statement execute function search_forgotten();
create trigger search_truncated after truncate on kv_timeline for each statement execute function search_emptied();

insert into search_stale (number) select distinct substring(key from 1 for 4) from kv_timeline;
