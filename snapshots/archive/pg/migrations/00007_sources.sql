-- How each source that is tracked stands: when it was had last, why it cannot be had, when it is due. It is derived: what stands here is made of
-- kv_declarations, kv_history, kv_timeline and kv_attempts, and can be deleted if source_stale says so of all terms. Names are bytes, since they are compared as such.

-- +goose Up
create index if not exists kv_terms_value on kv_terms (value);

-- Sources of which something was recorded since they were read. Rows are only added by who records, so that nobody waits.
create table source_stale (
	id bigint generated always as identity primary key,
	terms bytea, -- as in kv_declarations
	number bytea -- or this: of the terms, as in kv_terms
);

create table sources (
	terms bytea primary key,
	made integer not null,      -- the form of the row; one of another form is stale
	zone text not null,         -- in which its schedule was read; '' if it has none
	removed boolean not null,   -- it is tracked no longer
	next_at timestamptz,        -- when it is due; null if it is at once, or never
	apart boolean not null,     -- it does not wait for a run of all
	slack interval not null,    -- by how much earlier a run of all may take it, at most
	tried timestamptz,          -- when it was asked for last
	verified timestamptz,       -- when its text was seen last
	failing boolean not null,   -- it could not be had the last time
	standing json not null      -- the rest
);
create index sources_next on sources (next_at) where not removed;
create index sources_apart on sources (next_at) where not removed and apart;
create index sources_made on sources (made, zone);
create index sources_failing on sources (terms) where failing;
create index sources_verified on sources (verified);

-- +goose StatementBegin
create function source_changed() returns trigger language plpgsql set search_path from current as $$
begin
	if tg_argv[0] = 'number' then
		insert into source_stale (number) select distinct substring(key from 1 for 4) from changed;
	elsif tg_argv[0] = 'sub' then
		insert into source_stale (terms) select distinct sub from changed;
	else
		insert into source_stale (terms) select key from changed;
	end if;
	return null;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
do $$
declare t record;
begin
	for t in select * from (values ('kv_declarations', 'key'), ('kv_attempts', 'sub'), ('kv_history', 'number'), ('kv_timeline', 'number')) as x (name, kind)
	loop
		execute format('create trigger source_inserted after insert on %s referencing new table as changed for each statement execute function source_changed(%L)', t.name, t.kind);
		execute format('create trigger source_updated after update on %s referencing new table as changed for each statement execute function source_changed(%L)', t.name, t.kind);
		execute format('create trigger source_deleted after delete on %s referencing old table as changed for each statement execute function source_changed(%L)', t.name, t.kind);
	end loop;
end
$$;
-- +goose StatementEnd

insert into source_stale (terms) select key from kv_declarations;
