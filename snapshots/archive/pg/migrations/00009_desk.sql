-- What review pages and digests ask of all texts. All of it is derived: what stands here is made of the versions, captures, decisions and declarations of
-- terms, by a program and by the law of a day, and can be deleted. Names are bytes, since they are compared as such. Dates are nanoseconds since 1970.

-- +goose Up

-- Terms that have changed since they were read for the desk. Rows are only added by who writes, so that nobody waits.
create table desk_stale (
	id bigint generated always as identity primary key,
	terms bytea not null,              -- as in kv_terms: service, 0, type
	gone boolean not null default false, -- something was taken away: what was read before that must not be written
	taken boolean not null default false -- a reader has begun to read them: what changes now needs a mark of its own
);
create index desk_stale_terms on desk_stale (terms);

-- Programs that have read terms, by when they first did. What an earlier one has read is stale for a later one, and not the other way round.
create table desk_programs (
	id bigint generated always as identity primary key,
	program text not null unique,
	at timestamptz not null default now()
);

-- Terms that were read, with what lists tell of them.
create table desk_terms (
	id bigint generated always as identity primary key,
	terms bytea not null unique,
	service bytea not null,
	type bytea not null,
	lower_service bytea not null,
	name text not null,               -- service and type in lower case
	program bigint not null,
	law date not null,                -- last day of the law that counted
	about text[],                     -- countries and tools that findings on the text may turn on; null if that is not known
	mark bytea not null,              -- of the versions, decisions and tellings that were read
	failing boolean not null,
	alarm bigint,                     -- from when a text that nobody has seen since is an alarm
	verified bigint,
	changed bigint,                   -- date of the latest change
	errors integer not null default 0, -- items that wait, by level
	warnings integer not null default 0,
	notes integer not null default 0,
	data bytea not null               -- JSON
);
create index desk_terms_program on desk_terms (program);
create index desk_terms_law on desk_terms (law);
create index desk_terms_service on desk_terms (lower_service, service); -- with the type it could be too long for an index
create index desk_terms_exact on desk_terms (service);
create index desk_terms_changed on desk_terms (changed desc nulls last);
create index desk_terms_verified on desk_terms (verified nulls first);
create index desk_terms_waiting on desk_terms (errors desc, warnings desc, notes desc, lower_service);
create index desk_terms_failing on desk_terms (id) where failing;
create index desk_terms_alarm on desk_terms (alarm) where alarm is not null;

-- What can be decided on. Columns are what it is found and sorted by; data is what is shown.
create table desk_items (
	terms bigint not null references desk_terms on delete cascade,
	line bytea not null,
	place integer not null,           -- among the items of the line
	key bytea not null,
	kind text not null,
	state text not null,              -- open, decided or lapsed
	waits boolean not null,
	until date,                       -- last day of the decision that holds
	urgency smallint not null,        -- of the level: 0 is the highest
	level text not null,
	date bigint not null,
	front bytea not null,             -- the first 64 bytes of the service: items are sorted by it, and it fits into each index
	service bytea not null,
	type bytea not null,
	lower_service bytea not null,
	n integer not null,
	check_id bytea not null,
	language text not null,
	articles text[] not null,
	countries text[] not null,
	words text not null,              -- what it says in any language, in lower case
	said json,                        -- what it says in each language of ours
	data bytea not null,              -- JSON
	primary key (terms, line, place)
);
create index desk_items_key on desk_items (key);
-- What pages far behind are counted by is in the index, so that no item is read for that.
create index desk_items_urgent on desk_items (urgency, date, front) include (kind, state, waits, language);
create index desk_items_urgent_waits on desk_items (urgency, date, front) include (kind, state, language) where waits;
create index desk_items_old on desk_items (date, front) include (urgency, kind, state, waits, language);
create index desk_items_old_waits on desk_items (date, front) include (urgency, kind, state, language) where waits;
create index desk_items_service on desk_items (lower_service, urgency, date) include (kind, state, waits, language);
create index desk_items_language on desk_items (language, urgency, date, front) include (kind, state, waits);
create index desk_items_judged on desk_items (state, urgency, date, front) include (kind, waits, language) where state <> 'open';
create index desk_items_lapse on desk_items (until) where until is not null;
create index desk_items_about on desk_items using gin (countries, articles);
create index desk_items_check on desk_items (check_id) where kind = 'finding';

-- desk_grams gives the runs of one, two and three characters of the words that an item says, and desk_sought those that a word must have: an index over arrays, which every server has,
-- finds with them words of any script and length, and signs. Long words are cut into pieces that overlap. To compile it would take a hundred times as long as to run it.
-- +goose StatementBegin
create function desk_grams(words text, said json) returns integer[] immutable parallel safe language sql set jit = off as $$
	select coalesce(array_agg(distinct hashtext(substr(piece, i, n))), '{}') from (
		select distinct substr(w, 1 + 62 * k, 64) as piece
			from (select words as s union all select value from json_each_text(said)) t, unnest(string_to_array(translate(s, E'\n\t', '  '), ' ')) w, generate_series(0, greatest(length(w) - 3, 0) / 62) k
		) p, generate_series(1, 3) n, generate_series(1, length(piece) - n + 1) i
$$;
-- +goose StatementEnd
-- +goose StatementBegin
create function desk_sought(word text) returns integer[] immutable parallel safe language sql as $$
	select array_agg(hashtext(substr(word, i, 3))) from generate_series(1, least(greatest(length(word) - 2, 1), 64)) i
$$;
-- +goose StatementEnd
create index desk_items_words on desk_items using gin (desk_grams(words, said));
alter index desk_items_words alter column 1 set statistics 0; -- they would be costly to make, and nothing asks for them

-- How many items there are of each kind that filters know: what has changed since, and all together. An item is counted for each country and article that it is about,
-- for each pair of them, and with "" for any.
create table desk_deltas (
	country text not null, article text not null, kind text not null, state text not null, waits boolean not null, level text not null, language text not null, n bigint not null
);
create table desk_counts (
	country text, article text, kind text, state text, waits boolean, level text, language text, n bigint not null,
	primary key (country, article, kind, state, waits, level, language)
);
create index desk_counts_article on desk_counts (article);

-- What versions, the law and readers brought: which of it is news, and what stood until the next.
create table desk_rows (
	terms bigint not null references desk_terms on delete cascade,
	line bytea not null,
	place integer not null,           -- of the line among those of its terms
	row integer not null,             -- among those of the terms
	n integer not null,
	version text not null,
	date bigint not null,
	cause text not null,
	language text not null,
	tells boolean not null,           -- a digest tells of it
	alert boolean not null,
	stands boolean not null,          -- it is a text that seems whole
	until bigint,                     -- date of the next such text of the line in this language
	about text[] not null,            -- countries and tools that a text that stands relies on
	ahead text,                       -- last day that it announces
	primary key (terms, row)
);
create index desk_rows_tells on desk_rows (date) where tells;
create index desk_rows_alert on desk_rows (date) where alert;
create index desk_rows_ahead on desk_rows (ahead) where ahead is not null;
create index desk_rows_about on desk_rows using gin (about) where stands;

-- Decisions, by when they were made and by what they are about.
create table desk_decisions (
	terms bigint not null references desk_terms on delete cascade,
	line bytea not null,
	n integer not null,               -- among those of the terms
	at bigint not null,
	fingerprint bytea not null,
	data bytea not null,              -- the record, JSON
	primary key (terms, n)
);
create index desk_decisions_at on desk_decisions (at);
create index desk_decisions_fingerprint on desk_decisions (fingerprint);

-- +goose StatementBegin
create function desk_counted() returns trigger language plpgsql set search_path from current as $$
begin
	if tg_op <> 'INSERT' then
		insert into desk_deltas select c, a, kind, state, waits, level, language, -count(*) from gone,
			lateral (select '' union select unnest(countries)) x(c), lateral (select '' union select unnest(articles)) y(a) group by 1, 2, 3, 4, 5, 6, 7;
	end if;
	if tg_op <> 'DELETE' then
		insert into desk_deltas select c, a, kind, state, waits, level, language, count(*) from come,
			lateral (select '' union select unnest(countries)) x(c), lateral (select '' union select unnest(articles)) y(a) group by 1, 2, 3, 4, 5, 6, 7;
	end if;
	return null;
end
$$;
-- +goose StatementEnd
create trigger desk_items_inserted after insert on desk_items referencing new table as come for each statement execute function desk_counted();
create trigger desk_items_updated after update on desk_items referencing old table as gone new table as come for each statement execute function desk_counted();
create trigger desk_items_deleted after delete on desk_items referencing old table as gone for each statement execute function desk_counted();

-- desk_fold adds up what has changed. One at a time does it; it gives false if another is about it.
-- +goose StatementBegin
create function desk_fold() returns boolean language plpgsql set search_path from current as $$
begin
	if not pg_try_advisory_xact_lock(hashtextextended(current_schema() || ':desk:fold', 0)) then
		return false;
	end if;
	with taken as (delete from desk_deltas returning *),
	sums as (select country, article, kind, state, waits, level, language, sum(n)::bigint as n from taken group by 1, 2, 3, 4, 5, 6, 7)
	insert into desk_counts select * from sums where n <> 0
		on conflict (country, article, kind, state, waits, level, language) do update set n = desk_counts.n + excluded.n;
	delete from desk_counts where n = 0;
	return true;
end
$$;
-- +goose StatementEnd

-- desk_lapse opens again what was decided until a day that has passed. Of several at a time, one does it.
-- +goose StatementBegin
create function desk_lapse(today date) returns void language plpgsql set search_path from current as $$
begin
	if exists (select from desk_items where until < today) and pg_try_advisory_xact_lock(hashtextextended(current_schema() || ':desk:lapse', 0)) then
		lock table desk_terms in row exclusive mode; -- terms before their items, as all who write do
		perform id from desk_terms where id in (select terms from desk_items where until < today) order by id for update;
		with lapsed as (update desk_items i set state = 'lapsed', waits = true, until = null from desk_items o
			where i.until < today and o.terms = i.terms and o.line = i.line and o.place = i.place returning i.terms, i.level, o.waits as waited),
		more as (select terms, count(*) filter (where level = 'error') as errors, count(*) filter (where level = 'warning') as warnings, count(*) filter (where level = 'note') as notes
			from lapsed where not waited group by terms)
		update desk_terms t set errors = t.errors + m.errors, warnings = t.warnings + m.warnings, notes = t.notes + m.notes from more m where t.id = m.terms;
	end if;
end
$$;
-- +goose StatementEnd

-- Who adds something to terms marks them, unless a mark stands there that no reader has taken up: it is held until what is added can be seen, so that a reader takes it up after that.
-- A mark that a reader holds is passed by, and so nobody who writes waits.
-- +goose StatementBegin
create function desk_changed() returns trigger language plpgsql set search_path from current as $$
declare new bytea[]; marked bytea[];
begin
	if tg_argv[0] = 'number' then
		select array_agg(distinct t.key) into new from changed c join kv_terms t on t.value = substring(c.key from 1 for 4);
	elsif tg_argv[0] = 'sub' then
		select array_agg(distinct sub) into new from changed;
	else
		select array_agg(distinct key) into new from changed;
	end if;
	if new is not null then
		select array_agg(terms) into marked from (select terms from desk_stale where terms = any(new) and not taken for share skip locked) m;
		insert into desk_stale (terms) select x from unnest(new) x where marked is null or x <> all(marked);
	end if;
	return null;
end
$$;
-- +goose StatementEnd

-- Versions are forgotten to be read again, or because a text was erased: what was made of it goes in the same transaction. The lock waits for who writes
-- what was read, and keeps out who would write what this transaction is about to forget.
-- +goose StatementBegin
create function desk_forgotten() returns trigger language plpgsql set search_path from current as $$
declare lost bytea[];
begin
	if tg_argv[0] = 'number' then
		select array_agg(distinct t.key) into lost from changed c join kv_terms t on t.value = substring(c.key from 1 for 4);
	elsif tg_argv[0] = 'sub' then
		select array_agg(distinct sub) into lost from changed;
	else
		select array_agg(distinct key) into lost from changed;
	end if;
	if lost is not null then
		lock table desk_terms in share row exclusive mode;
		delete from desk_terms where terms = any(lost);
		insert into desk_stale (terms, gone) select unnest(lost), true;
	end if;
	return null;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create function desk_emptied() returns trigger language plpgsql set search_path from current as $$
begin
	lock table desk_terms in share row exclusive mode;
	insert into desk_stale (terms, gone) select terms, true from desk_terms;
	delete from desk_terms;
	return null;
end
$$;
-- +goose StatementEnd

create index if not exists kv_terms_value on kv_terms (value);

-- +goose StatementBegin
do $$
declare t record;
begin
	for t in select * from (values ('timeline', 'number'), ('terms', 'key'), ('declarations', 'key'), ('attempts', 'sub'), ('decisions', 'sub'), ('tellings', 'sub')) as v(bucket, part)
	loop
		execute format('create trigger desk_inserted after insert on kv_%s referencing new table as changed for each statement execute function desk_changed(%L)', t.bucket, t.part);
		if t.bucket = 'declarations' then
			execute format('create trigger desk_updated after update on kv_%s referencing new table as changed for each statement execute function desk_changed(%L)', t.bucket, t.part);
		else
			execute format('create trigger desk_updated after update on kv_%s referencing old table as changed for each statement execute function desk_forgotten(%L)', t.bucket, t.part);
		end if;
		execute format('create trigger desk_deleted after delete on kv_%s referencing old table as changed for each statement execute function desk_forgotten(%L)', t.bucket, t.part);
		execute format('create trigger desk_truncated after truncate on kv_%s for each statement execute function desk_emptied()', t.bucket);
	end loop;
end
$$;
-- +goose StatementEnd

insert into desk_stale (terms) select key from kv_terms union select key from kv_declarations;
